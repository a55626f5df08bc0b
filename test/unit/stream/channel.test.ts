import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { keysEnvironment } from '#ruleset/keys-environment';
import { positionText } from '#ruleset/position';
import { digestOfText } from '#ruleset/write/digest';
import type { Ack } from '#schema/acks';
import { createSigner, type Signer } from '../fixtures/signing.ts';
import { useClock } from '../publisher/fixtures/press.ts';
import { createChannel, keyHash, textAt } from './fixtures/channel.ts';
import { linesAt } from './fixtures/lines-at.ts';

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});
beforeEach(useClock);
afterEach(() => void vi.useRealTimers());

const has = (version: number): Record<string, string> => ({
  'last-event-id': positionText({ version, digest: digestOfText(linesAt(version)) }),
});

describe('a stream', () => {
  it('begins with what there is and a bookmark, and goes on with deltas', async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    const client = channel.connect('relay-1');
    expect(client.events.map(({ event }) => event)).toEqual(['ruleset', 'bookmark']);
    expect(client.events[0]?.data).toMatchObject({ version: 1, path: `/v1/rulesets/${digestOfText(linesAt(1))}` });
    await channel.give(2);
    expect(client.events[2]).toMatchObject({ event: 'ruleset', data: { version: 2, delta: expect.any(String) } });
  });

  it('begins with a bookmark alone for whoever has what there is, and with a delta where what they have is kept', async () => {
    const channel = await createChannel(signer);
    for (const version of [1, 2, 3]) await channel.give(version);
    expect(channel.connect('relay-1', has(3)).events.map(({ event }) => event)).toEqual(['bookmark']);
    expect(channel.connect('relay-2', has(1)).events[0]?.data).toHaveProperty('delta');
    expect(channel.connect('relay-3', has(9)).versions()).toEqual([]);
    expect(channel.connect('relay-4', { 'last-event-id': 'no position' }).events[0]?.data).toHaveProperty('path');
  });

  it('is refused while nothing was published', async () => {
    const channel = await createChannel(signer);
    expect(channel.connect('relay-1').opened).toEqual({ ok: false, error: { code: 'nothing-yet' } });
    expect(channel.clients()).toBe(0);
  });

  it('R18: is one an instance: a second one ends the first', async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    const [first, second] = [channel.connect('relay-1'), channel.connect('relay-1')];
    expect([first.ended, second.ended, channel.clients()]).toEqual(['ended', undefined, 1]);
    expect(first.events.at(-1)).toMatchObject({ event: 'closing', data: { reason: 'replaced' } });
    // The first one's leaving is no concern of the second.
    first.leave();
    expect(channel.clients()).toBe(1);
  });

  it("is not taken from a relay by somebody else's key", async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    const relay = channel.connect('relay-1');
    const other = channel.connect('relay-1', { 'lockstep-kind': 'sdk' }, 'server');
    expect(other.opened).toEqual({ ok: false, error: { code: 'instance-taken' } });
    expect([relay.ended, channel.clients()]).toEqual([undefined, 1]);
  });

  it('B49: is spoken for by relays alone where it is a relay or a POP: no service’s key makes what is dark look in step, or gone', async () => {
    const channel = await createChannel(signer);
    await channel.give(7);
    channel.ack('relay-dub', 5);
    channel.ack('pop-eu', 5, { kind: 'pop' });
    const boardNow = () => [...channel.board.all()].map(({ ack }) => [ack.instance, ack.kind, ack.version]);
    const before = boardNow();
    const word = channel.board.of('relay-dub')?.ack as Ack;
    for (const instance of ['relay-dub', 'pop-eu']) {
      for (const kind of ['relay', 'pop', 'sdk'] as const)
        channel.hear([{ ...word, instance, kind, version: 7 }], 'server');
      for (const key of ['server', 'relay'] as const) channel.goodbye(instance, key, 'sdk');
      channel.goodbye(instance, 'server', 'relay');
      // Passed on by a relay that took its word for an SDK's.
      channel.hear([{ ...word, instance, kind: 'sdk', version: 7 }], 'relay');
    }
    channel.hear([{ ...word, instance: 'relay-new', version: 7 }], 'server');
    expect(boardNow()).toEqual(before);
    channel.hear([{ ...word, instance: 'service', kind: 'sdk', version: 7 }], 'server');
    expect(boardNow()).toEqual([...before, ['service', 'sdk', 7]]);
    channel.goodbye('service', 'server', 'sdk');
    expect(boardNow()).toEqual(before);
  });

  it('has a bookmark every tick, with the lowest version in force anywhere', async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    const client = channel.connect('relay-1');
    channel.ack('relay-9', 1);
    await channel.give(2);
    channel.ack('relay-1', 2);
    vi.advanceTimersByTime(5_000);
    channel.tick();
    const digest = digestOfText(linesAt(2));
    expect(client.bookmarks().at(-1)).toEqual({ version: 2, digest, floor: 1, time: Date.now() });
    channel.goodbye('relay-9', 'relay', 'relay');
    channel.tick();
    expect(client.bookmarks().at(-1)?.floor).toBe(2);
  });

  it('costs one encoding, however many clients there are', async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    const clients = Array.from({ length: 500 }, (_, at) => channel.connect(`sdk-${at}`, { 'lockstep-kind': 'sdk' }));
    const before = channel.encoded();
    await channel.give(2);
    channel.tick();
    expect(channel.encoded() - before).toBe(2);
    expect(clients.every((client) => client.versions().join() === '1,2')).toBe(true);
  });

  it('B16: is cut where the client does not read: at once when its queue is full, else when nothing has moved for half a minute', async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    const [full, stalled, slow] = ['relay-1', 'relay-2', 'relay-3'].map((name) => channel.connect(name));
    full!.isFull = true;
    await channel.give(2);
    expect([full!.ended, channel.clients()]).toEqual(['cut', 2]);
    [stalled!.waiting, slow!.waiting] = [10, 10];
    channel.tick();
    vi.advanceTimersByTime(20_000);
    channel.tick();
    slow!.waiting = 0;
    channel.tick();
    slow!.waiting = 10;
    vi.advanceTimersByTime(10_000);
    channel.tick();
    expect([stalled!.ended, slow!.ended, channel.clients()]).toEqual(['cut', undefined, 1]);
  });

  it('B49: ends within a tick of its key being revoked', async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    const [relay, server] = [
      channel.connect('relay-1'),
      channel.connect('sdk-1', { 'lockstep-kind': 'sdk' }, 'server'),
    ];
    channel.revoked.add(keyHash('server'));
    channel.tick();
    expect([relay.ended, server.ended]).toEqual([undefined, 'ended']);
    expect(server.events.at(-1)).toMatchObject({ event: 'closing', data: { reason: 'revoked' } });
  });

  it('R3: B18: is refused above what is let in a second, with a time to come back', async () => {
    const channel = await createChannel(signer, { perSecond: 10, most: 15 });
    await channel.give(1);
    const tryAll = (from: number) =>
      Array.from({ length: 20 }, (_, at) => channel.connect(`relay-${from + at}`)).filter(({ opened }) => opened.ok);
    expect(tryAll(0)).toHaveLength(10);
    vi.advanceTimersByTime(1_000);
    expect(tryAll(100)).toHaveLength(5);
    vi.advanceTimersByTime(60_000);
    expect(channel.connect('relay-999').opened).toMatchObject({ error: { code: 'too-many' } });
    // Whoever comes back in the place of their own stream is let in.
    expect(channel.connect('relay-0').opened.ok).toBe(true);
  });

  it('carries the keys document to relays alone', async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    const document = (version: number) =>
      signer.sign(linesAt(version), { version, env: keysEnvironment('production') });
    await channel.takeKeys(await document(1));
    const [relay, sdk] = [channel.connect('relay-1'), channel.connect('sdk-1', { 'lockstep-kind': 'sdk' }, 'server')];
    await channel.takeKeys(await document(2));
    const keys = (client: typeof relay) => client.events.filter(({ event }) => event === 'keys');
    expect(keys(relay).map(({ id, data }) => [id, data['version'], Object.keys(data).at(-1)])).toEqual([
      [undefined, 1, 'path'],
      [undefined, 2, 'delta'],
    ]);
    expect(keys(sdk)).toEqual([]);
    expect(await channel.takeKeys(await document(1))).toMatchObject({ error: { code: 'conflict', version: 2 } });
    expect(await channel.takeKeys(await textAt(signer, 3))).toMatchObject({ error: { code: 'unreadable' } });
  });
});

describe('what is offered', () => {
  it('R12: B09: is never older than what is there, nor the same with other lines', async () => {
    const channel = await createChannel(signer);
    await channel.give(5);
    const client = channel.connect('relay-1');
    await channel.give(7);
    expect(await channel.tryGive(5)).toMatchObject({ error: { code: 'conflict', version: 7 } });
    const other = await textAt(signer, 6, { version: 7 });
    const digest = digestOfText(linesAt(6));
    expect(await channel.tryGive(7, 'all', { text: other, digest })).toMatchObject({ error: { code: 'conflict' } });
    expect(client.versions()).toEqual([5, 7]);
  });

  it('B10: R31: is verified as every reader does', async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    const stranger = await createSigner();
    for (const text of [
      await textAt(stranger, 2),
      await textAt(signer, 2, { env: 'staging' }),
      await textAt(signer, 3),
      `${(await textAt(signer, 2)).split('\n')[0]}\n${linesAt(3)}`,
      'nothing of the kind',
    ]) {
      expect(await channel.tryGive(2, 'all', { text })).toMatchObject({ error: { code: 'unreadable' } });
    }
    expect(channel.editionOf(undefined)?.edition.version).toBe(1);
  });

  it('B08: R14: may be empty where that is said to be on purpose, and else is refused', async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    const client = channel.connect('relay-1');
    const empty = async (emptied?: true) => ({
      digest: digestOfText(''),
      text: await signer.sign('', { version: 2, ...(emptied && { emptied }) }),
    });
    expect(await channel.tryGive(2, 'all', await empty())).toMatchObject({ error: { code: 'unreadable' } });
    expect((await channel.tryGive(2, 'all', await empty(true))).ok).toBe(true);
    expect([client.versions(), channel.editionOf(undefined)?.edition.lines]).toEqual([[1, 2], '']);
    expect((await channel.restarted()).editionOf(undefined)?.edition.version).toBe(2);
  });

  it('B12: may be a delta on what is kept, and asks for the text where it is not', async () => {
    const channel = await createChannel(signer);
    const [header = ''] = (await textAt(signer, 2)).split('\n');
    const delta = `${header}\n{"base":"${digestOfText(linesAt(1))}"}\n{"k":"search.version","r":2}\n`;
    const { text: _none, ...named } = { text: '', delta };
    const offer = {
      version: 2,
      digest: digestOfText(linesAt(2)),
      iat: 1_795_420_800,
      audience: 'all',
      waitMs: 0,
    } as const;
    expect(await channel.offer({ ...offer, ...named })).toEqual({ ok: false, error: { code: 'text-needed' } });
    await channel.give(1);
    expect((await channel.offer({ ...offer, ...named })).ok).toBe(true);
    expect(channel.editionOf(undefined)?.edition.lines).toBe(linesAt(2));
  });

  it('R13: is kept as its changes where it came as a delta, and read as the lines that they make, whatever went before it', async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    for (let version = 2; version <= 40; version++) await channel.giveDelta(version);
    const wholes = channel.storage.sql.exec('SELECT DISTINCT digest FROM pieces').toArray();
    expect(wholes).toHaveLength(3);
    channel.store.prune(new Set());
    const kept = Array.from({ length: 40 }, (_, at) => at + 1).filter(
      (version) => channel.store.linesOf(digestOfText(linesAt(version))) === linesAt(version),
    );
    // The newest, and below them what the oldest of those is changes on.
    expect(kept).toEqual(Array.from({ length: 23 }, (_, at) => at + 18));
    const again = await channel.restarted();
    expect(again.editionOf(undefined)?.edition.lines).toBe(linesAt(40));
    expect(again.connect('relay-1', has(30)).events[0]?.data).toHaveProperty('delta');
  });

  it('passes a delta on as it came to whoever has what it is on', async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    const relay = channel.connect('relay-1', has(1));
    const delta = await channel.giveDelta(2);
    expect(relay.events.filter(({ event }) => event === 'ruleset').map(({ data }) => data['delta'])).toEqual([delta]);
  });

  it('R13: is kept for as long as anybody reports it, and the newest in any case', async () => {
    const channel = await createChannel(signer);
    for (let version = 1; version <= 30; version++) {
      await channel.give(version);
      if (version === 2) channel.ack('relay-cut-off', 2);
    }
    channel.store.prune(channel.board.digests());
    const kept = Array.from({ length: 30 }, (_, at) => at + 1).filter(
      (version) => channel.store.linesOf(digestOfText(linesAt(version))) !== undefined,
    );
    expect(kept).toEqual([2, ...Array.from({ length: 17 }, (_, at) => at + 14)]);
    expect(channel.connect('relay-cut-off', has(2)).events[0]?.data).toHaveProperty('delta');
    channel.goodbye('relay-cut-off', 'relay', 'relay');
    channel.store.prune(channel.board.digests());
    expect(channel.store.linesOf(digestOfText(linesAt(2)))).toBeUndefined();
  });

  it('survives a restart, with the floor of somebody who is cut off', async () => {
    const channel = await createChannel(signer);
    await channel.give(1);
    channel.ack('relay-cut-off', 1);
    await channel.give(2);
    const again = await channel.restarted();
    expect([again.editionOf(undefined)?.edition.version, again.floor()]).toEqual([2, 1]);
    expect(again.connect('relay-1', has(1)).events[0]?.data).toHaveProperty('delta');
    vi.advanceTimersByTime(24 * 60 * 60_000);
    again.tick();
    expect(again.floor()).toBe(2);
  });
});
