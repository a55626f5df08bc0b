import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketOf } from '#core/bucket';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { xxh32 } from '#core/xxh32';
import { type RulesetReader, readLines } from '#ruleset/reader';
import { commandHere } from './fixtures/command-here.ts';
import { copyFlags, FARE_SHARE, type FlagsCopy, fareShare } from './fixtures/flags-copy.ts';
import { endAll, lockstep, NODE, ROOT, runScript, STACK } from './fixtures/processes.ts';

const FLAG = 'pricing.fareBundlingV2';
const BROKEN = `flags:
  a.one:
    description: Serves what there is not.
    type: bool
    salt: s1
    enabled: true
    off: "off"
    fallthrough: { serve: "on" }
`;

let folder: string;
let flags: FlagsCopy;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-cli-'));
  flags = await copyFlags();
  await writeFile(join(folder, 'broken.yaml'), BROKEN);
});
afterAll(async () => {
  endAll();
  await flags.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Whoever reads what a command prints is gone before it begins. */
async function unread(args: readonly string[]): Promise<{ readonly code: number; readonly stderr: string }> {
  const child = spawn(NODE, [join(ROOT, 'scripts/cli/lockstep.ts'), ...args], { cwd: ROOT });
  child.stdin.end();
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

const file = (name: string): string => join(folder, name);

describe('a mistake in the command', () => {
  it.each(['nope', 'lint --nope', 'eval', 'planet nope', 'planet fault ingest drop --share 3', 'exposures who-saw'])(
    '%s ends with 2, and says where help is',
    async (line) => {
      const { code, stdout, stderr } = await commandHere(line.split(' '));
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^error: .*\n(.*\n)?\(add --help for usage\)\n$/);
    },
  );

  it('ends with 2 without any command, and with 0 where help is asked for', async () => {
    expect((await commandHere([])).code).toBe(2);
    expect((await commandHere(['--help'])).code).toBe(0);
  });
});

it.each([
  ['planet fault edge-sin lag', 'lag takes --ms: see planet fault --help\n'],
  ['planet fault ingest drop', 'drop takes --share: see planet fault --help\n'],
])('%s says which option is missing', async (line, stderr) => {
  expect(await commandHere(line.split(' '))).toEqual({ code: 1, stdout: '', stderr });
});

describe('an output that nobody reads any more', () => {
  it('ends the command as other programs end, without a stack', async () => {
    const { code, stderr } = await unread(['compile']);
    expect([code, stderr]).toEqual([141, '']);
  });
});

describe('lockstep lint', () => {
  it('finds nothing wrong with the marketplace', async () => {
    expect(await lockstep(['lint'])).toMatchObject({ code: 0, stdout: '41 entries, no issue\n', stderr: '' });
    const { code, stdout } = await lockstep(['lint', '--json']);
    expect([code, JSON.parse(stdout)]).toEqual([0, { ok: true, issues: [] }]);
  });

  it('says of a broken file what is wrong where', async () => {
    const { code, stdout, stderr } = await lockstep(['lint', file('broken.yaml')]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`${file('broken.yaml')}:4:5  flags.a.one.type`);
    expect(stderr).toMatch(/"bool".*\n1 issue\n$/s);
  });

  it('says the same as JSON', async () => {
    const { code, stdout } = await lockstep(['lint', '--json', file('broken.yaml')]);
    const issue = { file: file('broken.yaml'), line: 4, column: 5, path: ['flags', 'a.one', 'type'] };
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { ok: false, issues: [issue] }]);
  });

  it.each<[string, string]>([
    ['no YAML', 'flags: [\n'],
    ['YAML of another shape', '- 1\n'],
    ['a key twice', `${BROKEN}  a.one: {}\n`],
    ['an anchor that grows', 'a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nflags: *c\n'],
    ['bytes', '\u0000\u0001'],
  ])('says where, without a stack, of a file that is %s', async (_, text) => {
    await writeFile(file('odd.yaml'), text);
    const { code, stderr } = await lockstep(['lint', file('odd.yaml')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/odd\.yaml:\d+:\d+ /);
    expect(stderr).not.toMatch(STACK);
  });
});

describe('lockstep compile', () => {
  const compiled = async (name: string, args: readonly string[]): Promise<RulesetReader> => {
    const { code, stdout } = await lockstep(['compile', flags.path, '-o', file(name), ...args]);
    expect([code, stdout]).toEqual([0, '']);
    return readLines(await readFile(file(name), 'utf8'), 100);
  };

  it('writes the lines of a ruleset to standard output, and nothing else', async () => {
    const { code, stdout, stderr } = await lockstep(['compile', flags.path, '--version-number', '3']);
    expect([code, stderr]).toEqual([0, '']);
    const reader = readLines(stdout, 3);
    expect([reader.entryCount, reader.flagKeys().length, reader.faults()]).toEqual([41, 35, []]);
    expect(JSON.parse(reader.line(FLAG) as string)).toMatchObject({ k: FLAG, r: 3 });
  });

  it('writes the same to a file', async () => {
    const { stdout } = await lockstep(['compile', flags.path]);
    expect((await compiled('first.lines', [])).lines).toBe(stdout);
  });

  it('I2: on top of what was compiled before, moves only the share that is new, and says so', async () => {
    const before = await compiled('before.lines', []);
    await flags.edit('pricing.yaml', FARE_SHARE, fareShare(25));
    const told = await lockstep(['compile', flags.path, '-p', file('before.lines')]);
    expect([told.code, told.stderr]).toEqual([
      0,
      expect.stringMatching(/^pricing\.fareBundlingV2 +move +20 % of \w+ move/m),
    ]);
    const after = readLines(told.stdout, 2);
    const changed = after.flagKeys().filter((key) => after.line(key) !== before.line(key));
    // The revision of whoever names it as a prerequisite rises with its own.
    expect(changed).toEqual([FLAG, 'pricing.memberRates']);
    const seed = xxh32('x7Kq2mPd', 0);
    const served = { stayed: 0, moved: 0 };
    for (let at = 0; at < 20_000; at++) {
      const context = createContext({ targetingKey: `user-${at}` });
      const [was, is] = [before, after].map((reader) => evaluate(reader, FLAG, context).variation);
      if (was === is) served.stayed++;
      else {
        served.moved++;
        const bucket = bucketOf(context, undefined, seed);
        expect([was, is, bucket >= 5_000 && bucket < 25_000]).toEqual(['control', 'v2', true]);
      }
    }
    expect(served.moved).toBeGreaterThan(3_500);
    expect(served.stayed).toBeGreaterThan(15_500);
  });

  it('sums up as JSON', async () => {
    const { code, stdout } = await lockstep(['compile', flags.path, '-p', file('before.lines'), '--json']);
    const moved = [{ flag: FLAG, buckets: 20_000 }];
    const changes = { [FLAG]: 'move' };
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { version: 2, entries: 41, changes, moved }]);
  });

  it('says that nothing changes where nothing does', async () => {
    await compiled('now.lines', ['-p', file('before.lines')]);
    const { code, stdout, stderr } = await lockstep(['compile', flags.path, '-p', file('now.lines')]);
    expect([code, stderr]).toEqual([0, 'nothing changes\n']);
    expect(stdout).toBe(await readFile(file('now.lines'), 'utf8'));
  });

  it.each<[string, () => readonly string[], RegExp]>([
    ['flags that there are not', () => ['/no/such/folder'], /\/no\/such\/folder: no such file or folder/],
    ['flags that are broken', () => [file('broken.yaml')], /broken\.yaml:4:5 /],
    ['lines before that there are not', () => ['-p', '/no/such.lines'], /\/no\/such\.lines: cannot be read/],
    ['lines before that are none', () => ['-p', file('broken.yaml')], /broken\.yaml: /],
    ['a version of zero', () => ['--version-number', '0'], /--version-number/],
    ['a version that is no number', () => ['--version-number', '1.5'], /--version-number/],
  ])('refuses %s', async (_, args, told) => {
    const { code, stdout, stderr } = await lockstep(['compile', ...args()]);
    expect([code === 0, stdout, stderr]).toEqual([false, '', expect.stringMatching(told)]);
    expect(stderr).not.toMatch(STACK);
  });

  it('refuses a line before whose entry is damaged, by the name of the entry', async () => {
    await writeFile(file('damaged.lines'), '{"k":"a.flag","r":1,"f":9}\n');
    const { code, stderr } = await lockstep(['compile', '-p', file('damaged.lines')]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/damaged\.lines: a\.flag: /)]);
  });

  it('says where it cannot write, without a stack', async () => {
    const { code, stderr } = await lockstep(['compile', '-o', file('no/such/folder.lines')]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('no/such/folder.lines')]);
    expect(stderr).not.toMatch(STACK);
  });
});

describe.each(['scripts/start.ts', 'scripts/check.ts'])('%s', (script) => {
  it.each([['--frsh'], ['surplus']])(
    'says of %s that it does not know it, and its usage, without a stack',
    async (arg) => {
      const { code, stdout, stderr } = await runScript(script, [arg]);
      expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/^[^\n]+\n\nUsage: npm /)]);
      expect(stderr).toContain(arg);
      expect(stderr).not.toMatch(STACK);
    },
  );
});
