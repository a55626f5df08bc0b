import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { readLines } from '#ruleset/reader';
import { admin, otherAdmin } from '../unit/control/fixtures/people.ts';
import { type ControlServer, startControlServer } from './fixtures/control-server.ts';
import { endAll, lockstep } from './fixtures/processes.ts';

let folder: string;
let server: ControlServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-sets-'));
  server = await startControlServer();
  const owned = ['flags', 'set', 'ui.theme', '--owner', 'ui-team', '--tag', 'look', '--reason', 'whose it is'];
  expect(await server.run(owned)).toMatchObject({ code: 0 });
});
afterAll(async () => {
  endAll();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const why = ['--reason', 'as in the repository'];
const path = (name: string): string => join(folder, name);
const sizeOfLog = (): number => server.api.control.executing.held().end.size;

describe('an environment as files', () => {
  it('comes out and goes in again, and nothing is changed by that', async () => {
    const out = await server.run(['export', '--out', path('flags')]);
    expect([out.code, out.stderr]).toEqual([0, '']);
    expect((await readdir(path('flags'))).sort()).toEqual([
      ...['auth.yaml', 'billing.yaml', 'people.json', 'pricing.yaml', 'search.yaml', 'shared.yaml', 'ui.yaml'],
    ]);
    expect(await lockstep(['lint', path('flags')])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/no issue/),
    });
    const size = sizeOfLog();
    expect(await server.run(['drift', path('flags')])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^no drift/),
    });
    expect(await server.run(['import', path('flags'), ...why])).toMatchObject({
      ...{ code: 0, stdout: 'nothing to do: everything is like that already\n' },
    });
    expect(sizeOfLog()).toBe(size);
  });

  it('is the same set on standard output', async () => {
    await writeFile(path('all.yaml'), (await server.run(['export'])).stdout);
    expect(await server.run(['drift', path('all.yaml')])).toMatchObject({ code: 0 });
  });

  it('shows drift, and is made what the files say', async () => {
    const theme = join(path('flags'), 'ui.yaml');
    const text = await readFile(theme, 'utf8');
    await writeFile(
      theme,
      text.replace('ui.old', 'ui.other').replace('salt: ui-old', 'salt: ui-other').replace('on: 50', 'on: 60'),
    );
    const drifted = await server.run(['drift', path('flags')]);
    expect([drifted.code, drifted.stdout]).toEqual([
      ...[
        1,
        expect.stringMatching(
          /^different +ui\.theme$[\s\S]*^missing +ui\.other +not in the environment$[\s\S]*^extra +ui\.old +not in /m,
        ),
      ],
    ]);
    const line = ['import', path('flags'), '--prune', ...why];
    const dry = await server.run([...line, '--dry-run']);
    expect([dry.code, dry.stdout]).toEqual([
      0,
      expect.stringMatching(/^flag ui\.old in production {2}is taken away$/m),
    ]);
    expect(dry.stdout).toMatch(/^production +ui\.theme +move +10 % of units move in fallthrough$/m);
    expect(await server.run([...line, '--yes'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/applied: /) });
    expect(await server.run(['drift', path('flags')])).toMatchObject({ code: 0 });
    expect((await server.run(['flags', 'list', '--tag', 'look'])).stdout).toMatch(/^ui\.theme .* ui-team/m);
  });

  it('is not sent with a mistake in it, which is told with its line', async () => {
    await writeFile(path('broken.yaml'), 'flags:\n  a.b:\n    type: bool\n');
    const asked = server.asked.length;
    const { code, stderr } = await server.run(['import', path('broken.yaml'), ...why]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/broken\.yaml:3:\d+ {2}flags\.a\.b\.type/)]);
    expect(server.asked.length).toBe(asked);
  });
});

describe('an organisation as a file', () => {
  it('goes into another, and comes out the same', async () => {
    const out = await server.run(['export', '--whole']);
    expect(JSON.parse(out.stdout)).toMatchObject({ environments: { production: { authored: {} } } });
    await writeFile(path('organisation.json'), out.stdout);
    expect(await server.run(['import', path('organisation.json'), '--whole', ...why])).toMatchObject({
      ...{ code: 0, stdout: 'nothing to do: everything is like that already\n' },
    });
  });
});

describe('a preview', () => {
  it('says whom of a sample a change would serve something else, as the evaluator does', async () => {
    const contexts = Array.from({ length: 1_500 }, (_, at) => ({ targetingKey: `user-${at}` }));
    await writeFile(path('users.ndjson'), contexts.map((one) => JSON.stringify(one)).join('\n'));
    const { stdout } = await server.run(['flags', 'get', 'search.rank', '--json']);
    const flag = JSON.parse(stdout) as { revision: number; body: object };
    const lines = async (on: number): Promise<string> => {
      const body = { ...flag.body, fallthrough: { split: { rest: 'off', weights: { on } } } };
      await writeFile(path('one.yaml'), JSON.stringify({ flags: { 'search.rank': body } }));
      return (await lockstep(['compile', path('one.yaml')])).stdout;
    };
    const [old, next] = [readLines(await lines(5), 1), readLines(await lines(35), 1)];
    const served = (reader: typeof old, context: object) =>
      evaluate(reader, 'search.rank', createContext(context)).variation;
    const moved = contexts.filter((context) => served(old, context) !== served(next, context)).length;
    const body = { ...flag.body, fallthrough: { split: { rest: 'off', weights: { on: 35 } } } };
    const at = { environment: 'production', key: 'search.rank', base: flag.revision };
    await writeFile(path('change.json'), JSON.stringify([{ op: 'put', kind: 'flag', ...at, body }]));
    const line = ['preview', path('change.json'), '--contexts', path('users.ndjson')];
    const shown = await server.run(line);
    expect([shown.code, shown.stderr]).toEqual([0, '']);
    expect(moved).toBeGreaterThan(100);
    expect(shown.stdout).toMatch(
      new RegExp(
        `^search\\.rank: ${moved} contexts of 1500 served something else\n +${moved} +off -> on +SPLIT +as context \\d+$`,
        'm',
      ),
    );
    const json = await server.run([...line, '--json']);
    const [{ changed } = { changed: [] }] = (JSON.parse(json.stdout) as { flags: { changed: { context: number }[] }[] })
      .flags;
    for (const { context } of changed)
      expect(served(old, contexts[context] as object)).not.toBe(served(next, contexts[context] as object));
  });
});

describe('keys and tokens', () => {
  it('show their secret once, or put it where nobody else reads it', async () => {
    const line = ['keys', 'create', 'search-1', '--kind', 'server', '--service', 'search', ...why];
    const made = await server.run(line, { as: admin });
    expect([made.code, made.stdout]).toEqual([
      0,
      expect.stringMatching(/^applied: .*\nsecret +ls_server_[\w-]{43}\nit is shown this once$/m),
    ]);
    const file = path('search.key');
    const rotate = ['keys', 'rotate', 'search-1', '--overlap', '24h', '--secret-file', file, ...why];
    const rotated = await server.run(rotate, { as: admin });
    expect([rotated.code, rotated.stdout]).toEqual([0, expect.not.stringMatching(/ls_server_/)]);
    expect(await readFile(file, 'utf8')).toMatch(/^ls_server_[\w-]{43}\n$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const size = sizeOfLog();
    expect(await server.run(rotate, { as: admin })).toMatchObject({ code: 2, stderr: expect.stringMatching(/EEXIST/) });
    expect(sizeOfLog()).toBe(size);
    const third = await server.run(['keys', 'rotate', 'search-1', '--overlap', '1h', ...why], { as: admin });
    expect(third).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/has two secrets until \S+Z, and never more/),
    });
    const other = ['keys', 'rotate', 'search-1', '--lost', '--namespace', 'search', ...why];
    expect(await server.run(other, { as: admin })).toMatchObject({ code: 0 });
    const { stdout } = await server.run(['keys', 'list']);
    expect(stdout).toMatch(
      /^search-1 +server +search +production +search +yes, and the one before until \S+Z, for \* \(last used: not told\) +not told$/m,
    );
    expect(stdout).not.toMatch(/ls_/);
    expect(await server.run(['keys', 'revoke', 'search-1', '--yes', ...why], { as: admin })).toMatchObject({ code: 0 });
    expect((await server.run(['keys', 'list'])).stdout).toBe('no key is like that\n');
  });

  it('B54: that were made, but whose answer was lost, are no success', async () => {
    server.loseAnswers(1);
    const file = path('lost.key');
    const line = ['keys', 'create', 'lost-1', '--kind', 'server', '--service', 'lost', '--secret-file', file, ...why];
    const { code, stdout, stderr } = await server.run(line, { as: admin });
    expect([code, stdout, stderr]).toEqual([
      1,
      expect.stringMatching(/^applied: /),
      expect.stringMatching(/rotate it/),
    ]);
    await expect(stat(file)).rejects.toThrow(/ENOENT/);
  });

  it('work as soon as another admin has approved them, and only as far as they reach', async () => {
    const file = path('ci.token');
    const scope = ['--owner', 'ada', '--role', 'editor', '--may', 'read', '--namespace', 'search'];
    const line = ['tokens', 'create', 'ci', ...scope, '--secret-file', file, ...why, '--json'];
    const { stdout } = await server.run(line, { as: admin });
    const { request } = JSON.parse(stdout) as { request: { id: string } };
    const env = { LOCKSTEP_TOKEN: (await readFile(file, 'utf8')).trim() };
    expect(await server.run(['whoami'], { env })).toMatchObject({ code: 1 });
    expect(await server.run(['cr', 'approve', request.id, '--yes'], { as: otherAdmin })).toMatchObject({ code: 0 });
    expect((await server.run(['whoami'], { env })).stdout).toMatch(/^service +\S+$/m);
    const { stdout: seen } = await server.run(['flags', 'list', '--token-file', file, '--url', server.url]);
    expect(
      seen
        .split('\n')
        .slice(1, -1)
        .map((row) => row.split(' ')[0]),
    ).toEqual(['search.rank']);
    expect(await server.run(['flags', 'off', 'search.rank', ...why], { env })).toMatchObject({ code: 1 });
  });
});
