import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, manager, otherAdmin, otherPricing, pricing } from '../unit/control/fixtures/people.ts';
import { type ControlServer, startControlServer } from './fixtures/control-server.ts';
import { endAll } from './fixtures/processes.ts';

let folder: string;
let server: ControlServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-requests-'));
  server = await startControlServer();
});
afterAll(async () => {
  endAll();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const why = ['--reason', 'as agreed'];

/** Asks for another share of a pricing flag, and gives the id of the request that it became. */
async function asked(share: string, ...more: readonly string[]): Promise<string> {
  const line = ['flags', 'ramp', 'pricing.fare', share, ...why, ...more, '--json'];
  const { stdout } = await server.run(line, { as: pricing });
  return (JSON.parse(stdout) as { request: { id: string } }).request.id;
}

const revisionOf = async (key: string): Promise<string | undefined> =>
  /^revision +(\d+)$/m.exec((await server.run(['flags', 'get', key])).stdout)?.[1];

describe('a change that waits for a second person', () => {
  it('is shown with what it does and who is missing, refused to its author, and applied by another', async () => {
    const id = await asked('on=25');
    expect((await server.run(['cr', 'list'])).stdout).toMatch(
      new RegExp(`^${id} +open +paula +\\S+Z +put flag pricing\\.fare +as agreed$`, 'm'),
    );
    const { stdout } = await server.run(['cr', 'show', id]);
    for (const told of [
      /^by +paula \(sso:paula\)$/m,
      /^missing +1 of pricing-on-call or release-manager/m,
      /^ +- +on: 5$/m,
      /^ +\+ +on: 25$/m,
      /^production +pricing\.fare +move +20 % of units move in fallthrough$/m,
    ])
      expect(stdout).toMatch(told);
    const own = await server.run(['cr', 'approve', id, '--yes'], { as: pricing });
    expect([own.code, own.stderr]).toEqual([1, expect.stringMatching(/refused: whoever wrote a change/)]);
    const unasked = await server.run(['cr', 'approve', id], { as: otherPricing });
    expect([unasked.code, unasked.stderr]).toEqual([
      2,
      expect.stringMatching(/on: 25[\s\S]*approve \S+\? Say so with --yes/),
    ]);
    expect(await revisionOf('pricing.fare')).toBe('1');
    const done = await server.run(['cr', 'approve', id, '--yes'], { as: otherPricing });
    expect([done.code, done.stdout]).toEqual([
      0,
      expect.stringMatching(/^production +pricing\.fare +move\napplied: entry/),
    ]);
    expect(await revisionOf('pricing.fare')).toBe('2');
    expect((await server.run(['cr', 'list'])).stdout).toBe('no change request waits\n');
    const log = await server.run(['audit', 'list', '--request', id]);
    expect(log.stdout).toMatch(/change\.approve\+applied +piet +cli/);
  });

  it('B45: is approved as it was seen, or not at all', async () => {
    const id = await asked('off=25', '--rule', 'staff');
    const seen = await server.run(['cr', 'show', id, '--json']);
    const { hash } = JSON.parse(seen.stdout) as { hash: string };
    const operations = [{ op: 'archive', kind: 'flag', environment: 'production', key: 'pricing.old', base: 1 }];
    await writeFile(join(folder, 'other.json'), JSON.stringify(operations));
    const amend = ['cr', 'amend', id, join(folder, 'other.json'), ...why];
    const dry = await server.run([...amend, '--dry-run'], { as: pricing });
    expect(dry.stdout).toMatch(/^flag pricing\.old in production {2}is taken away$/m);
    expect(await server.run(amend, { as: pricing })).toMatchObject({ code: 0 });
    const stale = await server.run(['cr', 'approve', id, '--hash', hash], { as: manager });
    expect([stale.code, stale.stderr]).toEqual([1, expect.stringMatching(/the change is another one by now/)]);
    const gone = await server.run(['cr', 'decline', id, '--reason', 'not this one'], { as: manager });
    expect([gone.code, gone.stdout]).toEqual([0, expect.stringMatching(/^declined: entry/)]);
    expect(await server.run(['cr', 'show', id])).toMatchObject({ code: 1 });
  });

  it('waits for its time, or for somebody to apply it, and goes where nobody wants it', async () => {
    const id = await asked('off=25', '--rule', 'staff', '--by-hand');
    const approved = await server.run(['cr', 'approve', id, '--yes'], { as: otherPricing });
    expect(approved.stdout).toMatch(/^approved, and not applied yet: /);
    const at = '2026-11-24T00:00:00Z';
    const scheduled = await server.run(['cr', 'schedule', id, at], { as: pricing });
    expect([scheduled.code, scheduled.stdout]).toEqual([0, expect.stringMatching(/^waits for approval: /)]);
    expect((await server.run(['cr', 'show', id])).stdout).toMatch(
      /^takes effect +not before 2026-11-24T00:00:00\.000Z$/m,
    );
    await server.run(['cr', 'schedule', id, 'by-hand'], { as: pricing });
    await server.run(['cr', 'approve', id, '--yes'], { as: otherPricing });
    const applied = await server.run(['cr', 'apply', id], { as: pricing });
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringMatching(/applied: entry/)]);
  });
});

describe('records', () => {
  it('are listed, made, changed and deleted', async () => {
    expect((await server.run(['policies', 'list'])).stdout).toMatch(/^pricing +pricing +\* +pricing-on-call +1 of /m);
    const made = await server.run(['projects', 'set', 'new', '--name', 'New', ...why], { as: admin });
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^applied: /)]);
    await server.run(['projects', 'set', 'new', '--description', 'Of the new shop.', ...why], { as: admin });
    expect((await server.run(['projects', 'list'])).stdout).toMatch(/^new +New +Of the new shop\. +2$/m);
    const deleted = await server.run(['projects', 'delete', 'new', '--yes', ...why], { as: admin });
    expect([deleted.code, deleted.stdout]).toEqual([0, expect.stringMatching(/^applied: /)]);
  });

  it('that guard everything are shown to whoever approves them', async () => {
    const policy = { namespaces: ['ui'], environments: ['*'], edit: ['anybody'], approvals: { count: 0, roles: [] } };
    await writeFile(join(folder, 'policy.yaml'), JSON.stringify({ ...policy, ticket: false }));
    const line = ['policies', 'set', 'ui', '--file', join(folder, 'policy.yaml'), ...why];
    const dry = await server.run([...line, '--dry-run'], { as: admin });
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringMatching(/^\+ {3}- anybody$/m)]);
    const { stdout } = await server.run([...line, '--json'], { as: admin });
    const { request } = JSON.parse(stdout) as { request: { id: string } };
    const shown = await server.run(['cr', 'approve', request.id], { as: otherAdmin });
    expect([shown.code, shown.stderr]).toEqual([
      2,
      expect.stringMatching(/^put policy ui \(revision 1\)$[\s\S]*^\+ {3}- anybody$/m),
    ]);
    const gone = await server.run(['cr', 'withdraw', request.id, '--reason', 'after all'], { as: admin });
    expect(gone.stdout).toMatch(/^withdrawn: /);
  });
});

describe('a flag’s life', () => {
  it('goes on and off, to another environment, into the archive and back, and out of the world', async () => {
    const told = async (...line: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await server.run([...line, ...why]);
      expect([line, code, stderr]).toEqual([line, 0, '']);
      return stdout;
    };
    expect(await told('flags', 'off', 'ui.theme')).toMatch(/^production +ui\.theme +move\napplied/);
    expect((await server.run(['flags', 'list', '--q', 'ui.theme'])).stdout).toMatch(/^ui\.theme +off /m);
    expect(await told('flags', 'on', 'ui.theme')).toMatch(/^production +ui\.theme +return\napplied/);
    await told('flags', 'copy', 'search.rank', '--to', 'staging');
    expect(await server.run(['flags', 'copy', 'search.rank', '--to', 'staging', ...why])).toMatchObject({ code: 1 });
    await told('flags', 'ramp', 'search.rank', 'on=7.5');
    await told('flags', 'copy', 'search.rank', '--to', 'staging', '--replace');
    expect((await server.run(['flags', 'list', '-e', 'staging'])).stdout).toMatch(/^search\.rank +on +off, on 7\.5 %/m);
    await told('flags', 'archive', 'ui.old');
    await told('flags', 'restore', 'ui.old');
    expect(await server.run(['flags', 'delete', 'ui.old', '--yes', ...why])).toMatchObject({
      ...{ code: 1, stderr: expect.stringMatching(/is in use: archive it first/) },
    });
    await told('flags', 'archive', 'ui.old');
    await told('flags', 'delete', 'ui.old', '--yes');
    expect(await server.run(['flags', 'get', 'ui.old'])).toMatchObject({ code: 1 });
    const history = await server.run(['flags', 'history', 'ui.old', '--json']);
    expect((JSON.parse(history.stdout) as { items: object[] }).items.length).toBeGreaterThan(4);
  });
});
