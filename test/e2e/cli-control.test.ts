import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { editor, pricing } from '../unit/control/fixtures/people.ts';
import { rampFlag } from '../unit/fixtures/authored.ts';
import { type ControlServer, startControlServer } from './fixtures/control-server.ts';
import { endAll, STACK } from './fixtures/processes.ts';

let folder: string;
let server: ControlServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-control-'));
  server = await startControlServer();
});
afterAll(async () => {
  endAll();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const why = ['--reason', 'as agreed'];

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('looking', () => {
  it('lists flags in aligned columns, those that were asked for', async () => {
    const { code, stdout, stderr } = await server.start(['flags', 'list', '--q', 'PRICING.F']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^key +state +what +owner +project +tags +revision\npricing\.fare +on +off, on 5 %; 1 rule +- +- +- +1\n$/,
    );
  });

  it('goes from page to page, or to the end at once', async () => {
    const first = await server.run(['segments', 'list', '--limit', '1', '--json']);
    const page = JSON.parse(first.stdout) as { items: { key: string }[]; next: string };
    expect(page.items.map(({ key }) => key)).toEqual(['mine']);
    const second = await server.run(['segments', 'list', '--limit', '1', '--cursor', page.next]);
    expect(second.stdout).toMatch(/^staff +live/m);
    expect(second.stderr).toMatch(/^there are more: --cursor \S+, or --all$/m);
    const all = await server.run(['segments', 'list', '--limit', '1', '--all', '--json']);
    expect((JSON.parse(all.stdout) as typeof page).items.map(({ key }) => key)).toEqual(['mine', 'staff', 'unused']);
  });

  it('shows one flag, for people, for programs and as a file', async () => {
    const text = await server.run(['flags', 'get', 'pricing.fare']);
    expect(text.stdout).toMatch(/^flag +pricing\.fare\nstate +on\nrevision +1$/m);
    const json = await server.run(['flags', 'get', 'pricing.fare', '--json']);
    const yaml = await server.run(['flags', 'get', 'pricing.fare', '--yaml']);
    const { body } = JSON.parse(json.stdout) as { body: object };
    expect(parse(yaml.stdout)).toEqual({ flags: { 'pricing.fare': body } });
  });

  it('says who asks, and how things stand', async () => {
    expect((await server.run(['whoami'], { as: pricing })).stdout).toMatch(/^identity +sso:paula$/m);
    expect((await server.run(['status'])).stdout).toMatch(/^production +\d+ +published/m);
  });
});

describe('changing', () => {
  it('does nothing in a dry run, and says what it would do', async () => {
    const path = await file('banner.json', rampFlag(40, { salt: 'ui-banner' }));
    const line = ['flags', 'set', 'ui.banner', '--file', path, ...why];
    const dry = await server.run([...line, '--dry-run']);
    expect([dry.code, dry.stderr]).toEqual([0, '']);
    expect(dry.stdout).toMatch(/^ +- +on: 10$/m);
    expect(dry.stdout).toMatch(/^ +\+ +on: 40$/m);
    expect(dry.stdout).toMatch(/^production +ui\.banner +content /m);
    expect(dry.stdout).toMatch(/nothing was changed; this would be applied at once$/m);
    expect((await server.run(['flags', 'get', 'ui.banner'])).stdout).toMatch(/^revision +1$/m);
    const done = await server.run(line);
    expect([done.code, done.stdout]).toEqual([0, expect.stringMatching(/^applied: entry \d+ of the log$/m)]);
    expect((await server.run(['flags', 'get', 'ui.banner'])).stdout).toMatch(/^revision +2$/m);
    expect((await server.run(line)).stdout).toBe('nothing to do: everything is like that already\n');
  });

  it('makes what is new, from standard input, and says whose it is', async () => {
    const input = JSON.stringify({ flags: { 'ui.new': rampFlag(1, { salt: 'ui-new' }) } });
    const line = ['flags', 'set', 'ui.new', '--file', '-', '--owner', 'ui-team', '--tag', 'a', '--tag', 'b', ...why];
    expect(await server.start(line, { input })).toMatchObject({ code: 0 });
    expect((await server.run(['flags', 'list', '--tag', 'b'])).stdout).toMatch(/^ui\.new +on .* ui-team +- +a, b +1$/m);
    await server.run(['flags', 'set', 'ui.new', '--project', 'shop', ...why]);
    expect((await server.run(['flags', 'list', '--project', 'shop'])).stdout).toMatch(
      /^ui\.new .* ui-team +shop +a, b +2$/m,
    );
  });

  it('that waits for somebody is done too, and says for whom', async () => {
    const path = await file('fare.json', rampFlag(50, { salt: 'pricing-fare', holdout: 'q4' }));
    const line = ['flags', 'set', 'pricing.fare', '--file', path, ...why];
    const { code, stdout } = await server.run(line, { as: pricing });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^waits for approval: change request \S+, entry \d+ of the log\n {2}missing: 1 of pricing-on-call or release-manager \(policy pricing, /,
    );
    const json = await server.run([...line, '--json'], { as: pricing });
    expect(JSON.parse(json.stdout)).toMatchObject({ status: 'open', request: { missing: [{ missing: 1 }] } });
  });

  it('submits any list of operations', async () => {
    const operations = [{ op: 'archive', kind: 'flag', environment: 'production', key: 'ui.old', base: 1 }];
    const path = await file('change.json', { operations });
    const { code, stdout } = await server.run(['changes', 'submit', path, ...why]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^production +ui\.old +content\napplied: entry/)]);
    expect((await server.run(['flags', 'list', '--archived', 'true'])).stdout).toMatch(/^ui\.old +archived/m);
  });
});

describe('an answer that was lost', () => {
  it('leaves one entry, however often it is asked for', async () => {
    server.loseAnswers(2);
    const line = ['flags', 'set', 'ui.theme', '--owner', 'after-all', ...why];
    const { code, stdout, stderr } = await server.start(line);
    const [, seq] = /^applied: entry (\d+) of the log$/m.exec(stdout) ?? [];
    expect([code, stderr, seq]).toEqual([0, '', expect.any(String)]);
    const puts = server.asked.filter((one) => one === 'PUT /v1/environments/production/flags/ui.theme');
    expect(puts).toHaveLength(3);
    expect(server.api.control.executing.held().end.size).toBe(Number(seq) + 1);
  });
});

describe('a refusal', () => {
  it.each<[string, string[], RegExp]>([
    ['what there is not', ['flags', 'get', 'ui.nothing'], /^refused: there is no flag ui\.nothing$/m],
    ['an environment that there is not', ['flags', 'list', '-e', 'moon'], /^refused: there is no environment moon$/m],
    [
      'a revision that is past',
      ['flags', 'set', 'search.rank', '--owner', 'x', '--revision', '9', ...why],
      /is at revision 1, not 9/,
    ],
    ['a cursor that is none', ['flags', 'list', '--cursor', '%'], /query\.cursor {2}is no cursor/],
  ])('of %s is 1, in words, and as JSON the problem', async (_, line, told) => {
    const text = await server.run(line);
    expect([text.code, text.stdout, text.stderr]).toEqual([1, '', expect.stringMatching(told)]);
    const json = await server.run([...line, '--json']);
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([
      1,
      { status: expect.any(Number), code: expect.any(String) },
    ]);
  });

  it('names the role that is missing', async () => {
    const { code, stderr } = await server.start(['flags', 'set', 'pricing.net', '--owner', 'me', ...why], {
      as: editor,
    });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^refused: missing roles: pricing-on-call/)]);
  });

  it('asks whether the token is the right one where nobody has it', async () => {
    const env = { LOCKSTEP_TOKEN: `ls_marketplace.olga.${'x'.repeat(43)}` };
    const { code, stderr } = await server.run(['flags', 'list'], { env });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/LOCKSTEP_TOKEN/)]);
  });
});

describe('a mistake', () => {
  it.each<[string, string[], RegExp]>([
    ['a reason that is missing', ['flags', 'set', 'ui.theme', '--owner', 'x'], /--reason/],
    ['nothing to set', ['flags', 'set', 'ui.theme', ...why], /set what\?/],
    [
      'a file that is not there',
      ['flags', 'set', 'ui.theme', '--file', '/no/such', ...why],
      /\/no\/such: cannot be read/,
    ],
    ['an option that there is not', ['flags', 'list', '--bogus'], /unknown option/],
    ['a command that there is not', ['flags', 'bogus'], /unknown command/],
    ['a token as an argument', ['flags', 'list', '--token', 'x'], /unknown option/],
    ['a name that leads elsewhere', ['flags', 'get', '..'], /is no name/],
    [
      'what archives much, and nobody to ask',
      ['import', 'flags', '--prune', ...why],
      /is archived\. Say so with --yes/,
    ],
  ])('is 2 for %s, and nothing is written', async (_, line, told) => {
    const size = server.api.control.executing.held().end.size;
    const { code, stderr } = await server.start(line);
    expect(code).toBe(2);
    expect(stderr).toMatch(told);
    expect(stderr).not.toMatch(STACK);
    expect(server.api.control.executing.held().end.size).toBe(size);
  });

  it('is also an address at which nobody answers', async () => {
    const { code, stderr } = await server.start(['status'], { env: { LOCKSTEP_URL: 'http://127.0.0.1:9' } });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/cannot be reached/)]);
  });

  it('is to have no planet, and say no address', async () => {
    const env = { LOCKSTEP_URL: '', LOCKSTEP_STATE: folder };
    expect(await server.run(['flags', 'list'], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/npm start/),
    });
  });
});

describe('an organisation', () => {
  it('begins with one command, once', async () => {
    const fresh = await startControlServer({ isNew: true });
    try {
      const line = ['found', '-e', 'production', '-e', 'staging', '--reason', 'to begin with'];
      expect(await fresh.run(line)).toMatchObject({ code: 0, stdout: 'applied: entry 0 of the log\n' });
      expect((await fresh.run(['status'])).stdout).toMatch(/^production +none .*\nstaging +none /m);
      expect(await fresh.run(line)).toMatchObject({ code: 1, stderr: expect.stringMatching(/has begun/) });
    } finally {
      fresh.close();
    }
  });
});
