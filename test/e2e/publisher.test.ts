import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { entryLines } from '#ruleset/write/line';
import { cacheOf } from '../unit/fixtures/caches.ts';
import { compiledMarketplace } from '../unit/fixtures/marketplace.ts';
import { createSigner, type Signer } from '../unit/fixtures/signing.ts';
import { flag, ramp, segment } from '../unit/publisher/fixtures/entries.ts';
import { until } from './fixtures/poll.ts';
import { BREAK_GLASS, startPublisher, type TestPublisher } from './fixtures/publisher.ts';

let signer: Signer;
let publisher: TestPublisher;
beforeAll(async () => {
  signer = await createSigner();
});
afterEach(() => publisher.stop());

/** Publishes what the flag serves on top of that version. */
const publish = (base: number, f = (base + 1) % 2) =>
  publisher.post('/v1/ruleset', { base, lines: entryLines([flag('a', f)]) });

const journal = async (): Promise<readonly { id: number; kind: string; version: number }[]> =>
  (await publisher.ask('/v1/journal')).json.entries;

/** The version of the signed ruleset that lies in the store. */
async function storedVersion(): Promise<number | undefined> {
  const reader = cacheOf(signer);
  await reader.offer((await publisher.stored()) ?? '');
  return reader.status().version;
}

const targetState = async () => (await publisher.ask('/v1/ruleset')).json.targets[0];

/** Waits until the target holds a version, by itself. */
const untilWritten = (version: number): Promise<unknown> =>
  until(`version ${version} is written`, async () => {
    const target = await targetState();
    return (target.state === 'written' && target.version === version) || undefined;
  });

describe('the publisher in workerd', () => {
  it('publishes, tells what is in force, returns, and has all of it after a restart', async () => {
    publisher = await startPublisher(signer);
    const { lines, entries } = compiledMarketplace();
    const published = await publisher.post('/v1/ruleset', { base: 0, lines });
    expect(published).toMatchObject({ status: 200, json: { version: 1, targets: [{ state: 'written' }] } });
    expect(await storedVersion()).toBe(1);
    expect((await publisher.ask('/v1/ruleset/lines')).text).toBe(lines);
    const changed = entries.map((entry) =>
      entry.k === 'pricing.fareBundlingV2' ? { ...entry, e: 0 as const } : entry,
    );
    expect((await publisher.post('/v1/ruleset', { base: 1, lines: entryLines(changed) })).json).toMatchObject({
      version: 2,
      changes: { 'pricing.fareBundlingV2': 'move' },
    });
    const order = { flags: ['pricing.fareBundlingV2'], reason: 'prices differ' };
    expect((await publisher.post('/v1/ruleset/return', order, BREAK_GLASS)).json).toMatchObject({
      version: 3,
      changes: { 'pricing.fareBundlingV2': 'return' },
      targets: [{ state: 'written', version: 3 }],
      journalId: 3,
    });
    const before = { ruleset: (await publisher.ask('/v1/ruleset')).json, journal: await journal() };
    await publisher.restart();
    expect({ ruleset: (await publisher.ask('/v1/ruleset')).json, journal: await journal() }).toEqual(before);
    expect(await storedVersion()).toBe(3);
    expect((await publisher.post('/v1/ruleset/return', order, BREAK_GLASS)).status).toBe(409);
  });

  it('is reached by service binding: by RPC, and over HTTP with a key', async () => {
    publisher = await startPublisher(signer);
    const request = { base: 0, lines: entryLines([flag('a')]) };
    expect(await publisher.call('publish', request, 'control')).toMatchObject({ ok: true, value: { version: 1 } });
    expect(await publisher.call('publish', { ...request, force: true }, 'control')).toMatchObject({
      ok: false,
      error: { status: 422, detail: expect.stringContaining('"force"') },
    });
    expect(await publisher.call('returnTo', { version: 1, reason: 'r' }, 'control')).toMatchObject({
      ok: false,
      error: { status: 422 },
    });
    expect(await publisher.call('status')).toMatchObject({ version: 1, targets: [{ state: 'written' }] });
    expect(await journal()).toMatchObject([{ kind: 'publish', actor: 'control' }]);
    expect(await publisher.callHttp('/v1/ruleset')).toBe(200);
  });

  it('keeps lines that are longer than a row may be', async () => {
    publisher = await startPublisher(signer);
    const members = Array.from({ length: 100_000 }, (_, at) => `user-${'x'.repeat(40)}-${at}`);
    const lines = entryLines([segment('large', members), flag('a')]);
    expect(lines.length).toBeGreaterThan(5_000_000);
    expect((await publisher.post('/v1/ruleset', { base: 0, lines })).json).toMatchObject({ version: 1 });
    await untilWritten(1);
    await publisher.restart();
    const read = (await publisher.ask('/v1/ruleset/lines')).text;
    expect(read.replaceAll('"r":1', '"r":0') === lines).toBe(true);
    expect((await publisher.stored())?.endsWith(read)).toBe(true);
  });

  it('that is not configured says so, and nothing of what is missing', async () => {
    publisher = await startPublisher(signer);
    await publisher.restart({ SIGNING_KEY: '{}' });
    const { status, text } = await publisher.ask('/v1/ruleset');
    expect(status).toBe(500);
    expect(text).toContain('Misconfigured');
    expect(text).not.toMatch(/KEY/);
  });
});

describe('a store that fails', () => {
  it('R12: is written again by itself as soon as it is back, with the newest alone', async () => {
    publisher = await startPublisher(signer);
    await publish(0);
    publisher.faults.write = 'fails';
    for (const base of [1, 2, 3]) {
      const { status, json } = await publish(base);
      expect([status, json.version]).toEqual([200, base + 1]);
    }
    expect(await targetState()).toMatchObject({
      state: 'failing',
      version: 1,
      error: 'KV PUT failed: 500 Internal Server Error',
    });
    expect(await storedVersion()).toBe(1);
    const writes = publisher.calls.filter((call) => call === 'write').length;
    await until('it was tried again', async () => (await targetState()).attempts >= 3 || undefined);
    publisher.faults.write = 'none';
    await untilWritten(4);
    expect(await storedVersion()).toBe(4);
    expect(publisher.calls.filter((call) => call === 'write').length).toBeGreaterThan(writes);
  });

  it('by asking for patience is no failure of the publish', async () => {
    publisher = await startPublisher(signer);
    await publish(0);
    publisher.faults.write = 'too-many';
    const { status, json } = await publish(1);
    expect([status, json.targets[0].state]).toEqual([200, 'pending']);
    publisher.faults.write = 'none';
    await untilWritten(2);
  });

  it('cannot be looked at by an empty press, which then refuses to begin', async () => {
    publisher = await startPublisher(signer);
    publisher.faults.read = 'fails';
    expect((await publish(0)).status).toBe(503);
    publisher.faults.read = 'none';
    expect((await publish(0)).json.version).toBe(1);
  });
});

describe('I5, B54: a press that is ended in the middle', () => {
  it('has journalled what is being written, and writes it when it is back', async () => {
    publisher = await startPublisher(signer);
    await publish(0);
    publisher.faults.write = 'waits';
    const pending = await publish(1);
    expect(pending.json).toMatchObject({ version: 2, targets: [{ state: 'pending', version: 1 }] });
    expect(publisher.calls.at(-1)).toBe('write');
    expect([await storedVersion(), (await journal()).at(-1)?.version]).toEqual([1, 2]);
    publisher.faults.write = 'none';
    await publisher.crash();
    // Nobody asks it for anything: its alarm alone brings it back.
    await until('version 2 is written', async () => (await storedVersion()) === 2 || undefined);
    expect((await journal()).map(({ kind, version }) => `${kind} ${version}`)).toEqual(['publish 1', 'publish 2']);
  });

  it('never has an effect without an entry, nor an entry whose effect is lost, wherever it is ended', async () => {
    publisher = await startPublisher(signer);
    let base = (await publish(0)).json.version as number;
    for (let round = 0; round < 6; round++) {
      const publishing = publish(base).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, round * 15));
      await publisher.crash();
      await publishing;
      const stored = await storedVersion();
      const entries = await journal();
      expect(entries.some(({ version }) => version === stored)).toBe(true);
      const ids = entries.map(({ version }) => version);
      expect(ids).toEqual(ids.map((_, at) => at + 1));
      base = ids.at(-1) ?? 0;
      await untilWritten(base);
      expect(await storedVersion()).toBe(base);
    }
    expect(base).toBeGreaterThan(1);
  });
});

describe('a ruleset that lies in the store of an empty press', () => {
  it('is gone on with and, half through its time, signed again by the alarm', async () => {
    publisher = await startPublisher(signer);
    const now = Math.floor(Date.now() / 1_000);
    const lines = entryLines([ramp('a', 5, { r: 57 })]);
    const old = await signer.sign(lines, { version: 57, iat: now - 20 * 86_400, exp: now + 10 * 86_400 });
    await publisher.store(old);
    expect((await publisher.ask('/v1/ruleset')).json).toMatchObject({ version: 57, entries: 1 });
    const renewed = await until('it is signed again', async () => {
      const text = await publisher.stored();
      return text === old ? undefined : text;
    });
    const reader = cacheOf(signer);
    await reader.offer(old);
    expect(await reader.offer(renewed)).toEqual({ ok: true, value: 'same' });
    expect(reader.current()?.claims.exp).toBeGreaterThan(now + 29 * 86_400);
    expect((await journal()).map(({ kind, version }) => `${kind} ${version}`)).toEqual(['adopt 57', 'resign 57']);
    expect((await publish(57, 1)).json.version).toBe(58);
  });

  it('that is garbage keeps it from beginning, and stays where it is', async () => {
    publisher = await startPublisher(signer);
    await publisher.store('garbage');
    const { status, json } = await publish(0);
    expect([status, json.title]).toEqual([409, 'Conflict']);
    expect(await publisher.stored()).toBe('garbage');
  });
});
