import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlServer, startControlServer } from './fixtures/control-server.ts';
import { endAll, lockstep } from './fixtures/processes.ts';

let folder: string;
let server: ControlServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-audit-'));
  server = await startControlServer();
  for (const owner of ['one', 'two', 'three'])
    await server.run(['flags', 'set', 'ui.theme', '--owner', owner, '--reason', `=${owner} \u001b[2J`]);
  await server.api.control.calm();
});
afterAll(async () => {
  endAll();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const path = (name: string): string => join(folder, name);

describe('lockstep audit', () => {
  it('B55: lists entries, the newest first, and moves no cursor', async () => {
    const { code, stdout, stderr } = await server.run(['audit', 'list', '--key', 'ui.theme', '--limit', '2']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^entry +time +action +by +through +what +reason\n\d+ .* olga +cli +flag ui\.theme in production +=three \\u\{1B\}\[2J\n\d+ .*=two/,
    );
    expect(stderr).toMatch(/^there are more: /);
  });

  it('writes CSV, all pages as one', async () => {
    const line = ['audit', 'list', '--key', 'ui.theme', '--kind', 'flag', '--csv', '--limit', '1', '--all'];
    const { stdout } = await server.run(line);
    const rows = stdout.trimEnd().split('\r\n');
    expect(rows[0]).toMatch(/^"seq","time"/);
    expect(rows.filter((row) => row.startsWith('"seq"'))).toHaveLength(1);
    expect(rows.slice(1, 4).map((row) => /"'=(\w+)/.exec(row)?.[1])).toEqual(['three', 'two', 'one']);
  });

  it('shows one entry with what it changed, and what happened to one flag', async () => {
    const page = await server.run(['flags', 'history', 'ui.theme', '--limit', '1', '--json']);
    const [entry] = (JSON.parse(page.stdout) as { items: { seq: number }[] }).items;
    const shown = await server.run(['audit', 'show', String(entry?.seq)]);
    expect(shown.stdout).toMatch(/^by +olga \(sso:olga\) through cli, as editor/m);
    expect(shown.stdout).toMatch(/^- +owner: two\n\+ +owner: three$/m);
    expect((await server.run(['flags', 'history', 'ui.theme', '--limit', '1'])).stdout).toBe(shown.stdout);
    expect(await server.run(['audit', 'show', '99999'])).toMatchObject({ code: 1 });
  });

  it('B53: exports what verifies with the keys and the checkpoint that it prints, and with no others', async () => {
    const out = path('log.ndjson');
    const exported = await server.run(['audit', 'export', '--out', out]);
    expect(exported.stdout).toMatch(/^\d+ entries in /);
    expect(await readdir(folder)).toEqual(['log.ndjson']);
    const whole = await server.run(['audit', 'export']);
    expect(await readFile(out, 'utf8')).toBe(whole.stdout);
    for (const [name, what] of [
      ['audit.pub', 'keys'],
      ['kept.note', 'checkpoint'],
    ] as const) {
      const { code, stdout, stderr } = await server.run(['audit', what]);
      expect([code, stderr]).toEqual([0, '']);
      await writeFile(path(name), stdout);
    }
    const trusted = ['--key', path('audit.pub'), '--checkpoint', path('kept.note')];
    expect(await lockstep(['audit', 'verify', out, ...trusted])).toMatchObject({
      ...{ code: 0, stdout: expect.stringMatching(/good: this is what was signed/) },
    });
    await writeFile(out, whole.stdout.replace('=two', '=2'));
    expect(await lockstep(['audit', 'verify', out, ...trusted])).toMatchObject({
      ...{ code: 1, stdout: expect.stringMatching(/^fault +edited: /m) },
    });
  });

  it('B56: restores what was exported into what has nothing yet, and asks where a part of it is not signed', async () => {
    const out = path('restored.ndjson');
    const reason = ['--keys', 'keep', '--reason', 'the first home is lost'];
    // Canonical JSON leaves them as they are, and not everybody takes them for a part of a line.
    await server.run(['flags', 'set', 'ui.theme', '--owner', 'four', '--reason', 'one\u2028two\u2029three']);
    await server.api.control.calm();
    await server.run(['audit', 'export', '--out', out]);
    expect(await server.run(['audit', 'restore', out, ...reason])).toMatchObject({
      ...{ code: 1, stderr: expect.stringMatching(/has begun/) },
    });
    const second = await startControlServer({ isNew: true, origin: 'audit.marketplace.example/second' });
    const third = await startControlServer({ isNew: true, origin: 'audit.marketplace.example/third' });
    try {
      expect(await second.run(['audit', 'restore', path('nowhere'), ...reason])).toMatchObject({ code: 2 });
      const { code, stdout } = await second.run(['audit', 'restore', out, ...reason]);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^(\d+) entries, of which \1 are proven/)]);
      const owner = await second.run(['flags', 'show', 'ui.theme']);
      expect(owner.stdout).toBe((await server.run(['flags', 'show', 'ui.theme'])).stdout);
      const unsigned = (await readFile(out, 'utf8')).split('\n').filter((line) => line.startsWith('{"hash"'));
      await writeFile(out, `${unsigned.join('\n')}\n`);
      expect(await third.run(['audit', 'restore', out, ...reason])).toMatchObject({
        ...{ code: 2, stderr: expect.stringMatching(/--unproven/) },
      });
      expect(await third.run(['audit', 'restore', out, ...reason, '--unproven'])).toMatchObject({ code: 0 });
    } finally {
      second.close();
      third.close();
    }
  });

  it('B56: gives the wrong log up again, and revokes all keys of the right one but for those that it is told', async () => {
    const why = ['--reason', 'services of the first home'];
    for (const key of ['search-1', 'checkout-1']) {
      const file = ['--secret-file', path(key)];
      const line = ['keys', 'create', key, '--kind', 'server', '--service', key.slice(0, -2), ...file, ...why];
      expect(await server.run(line)).toMatchObject({ code: 0 });
    }
    await server.api.control.calm();
    const out = path('with-keys.ndjson');
    await server.run(['audit', 'export', '--out', out]);
    const lines = (await readFile(out, 'utf8')).split('\n');
    await writeFile(path('wrong.ndjson'), `${lines.slice(0, 3).join('\n')}\n`);
    const fourth = await startControlServer({ isNew: true, origin: 'audit.marketplace.example/fourth' });
    const revoking = ['--keys', 'revoke', '--except', 'sdk-key:checkout-1', '--reason', 'the first home is lost'];
    try {
      expect(await fourth.run(['audit', 'restore', path('wrong.ndjson'), ...revoking])).toMatchObject({ code: 2 });
      expect(await fourth.run(['audit', 'restore', out, ...revoking, '--except', 'search-1'])).toMatchObject({
        ...{ code: 2, stderr: expect.stringMatching(/--except: search-1 is neither sdk-key:<key>/) },
      });
      expect(await fourth.run(['audit', 'abandon', '--yes'])).toMatchObject({
        ...{ code: 0, stdout: expect.stringMatching(/^\d+ entries are gone; nothing was taken over\n$/) },
      });
      expect(await fourth.run(['audit', 'restore', out, ...revoking])).toMatchObject({ code: 0 });
      const kept = await fourth.run(['keys', 'list', '--json']);
      expect((JSON.parse(kept.stdout) as { items: { key: string }[] }).items.map(({ key }) => key)).toEqual([
        'checkout-1',
      ]);
      expect(await fourth.run(['audit', 'abandon', '--yes'])).toMatchObject({ code: 1 });
    } finally {
      fourth.close();
    }
  });

  it('leaves no half of an export', async () => {
    const { code, stderr } = await server.run(['audit', 'export', '--out', path('no/such/log.ndjson')]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/cannot be written \(ENOENT\)/)]);
  });
});
