import { beforeEach, describe, expect, it } from 'vitest';
import type { KeyRecord } from '#http/sdk-keys';
import { applyDelta, readDelta } from '#ruleset/delta';
import type { Position } from '#ruleset/position';
import type { Entry } from '#schema/entry';
import { createSdkStreams, type SdkStreams, type StreamClient } from '../../../workers/relay/sdk-streams.ts';
import { hashOf, keyEntry, type TestHeld, testHeld } from './fixtures/held.ts';
import { type FakeSink, fakeSink } from './fixtures/sinks.ts';

const flag = (k: string, on: 0 | 1): Entry => ({ k, r: 1, o: 0, f: on });
const ENTRIES = [flag('a.one', 0), flag('a.two', 0)];
const CHANGED = [flag('a.one', 1), flag('a.two', 0)];

type Connected = StreamClient & { readonly sink: FakeSink };

let held: TestHeld;
let streams: SdkStreams;
let valid: Set<string>;
let instances = 0;

beforeEach(async () => {
  held = await testHeld();
  valid = new Set([hashOf('server'), hashOf('relay')]);
  await held.publish(ENTRIES, 7);
  streams = createSdkStreams({
    held,
    isAdmitted: ({ sha256 }) => valid.has(sha256),
    now: held.clock.now,
    random: () => 0.5,
  });
});

function connect(kind: KeyRecord['kind'] = 'server', has?: Position, instance = `sdk-${instances++}`): Connected {
  const record: KeyRecord = { sha256: hashOf(kind), kind };
  const client = {
    ...({ sink: fakeSink(), instance, kind: kind === 'relay' ? 'relay' : 'sdk', record, sent: undefined } as const),
  };
  streams.open(client, has);
  return client;
}

const inForce = (): Position => {
  const { version, sha256 } = held.rulesets.current()!.claims;
  return { version, digest: sha256 };
};

async function publish(entries: readonly Entry[], version: number): Promise<void> {
  await held.publish(entries, version);
  streams.applied();
}

describe('the stream of an SDK', () => {
  it('begins with a pointer to what is in force, and a bookmark', () => {
    const { sink } = connect();
    const { version, digest } = inForce();
    expect(sink.events().map(({ event, id }) => [event, id])).toEqual([
      ['ruleset', `${version}.${digest}`],
      ['bookmark', undefined],
    ]);
    expect(sink.data('ruleset')).toEqual([
      { version, digest, header: held.rulesets.current()!.header, path: `/v1/rulesets/${digest}` },
    ]);
  });

  it('begins with a bookmark alone for whoever has what is in force', () => {
    held.setFloor(5);
    const { sink } = connect('server', inForce());
    expect(sink.events().map(({ event }) => event)).toEqual(['bookmark']);
    expect(sink.data('bookmark')).toEqual([{ ...inForce(), floor: 5, time: held.clock.now(), ageMs: 0 }]);
  });

  it('begins with a delta for whoever has something that is kept', async () => {
    const before = inForce();
    const lines = held.rulesets.current()!.reader.lines;
    await publish(CHANGED, 8);
    const { sink } = connect('server', before);
    const delta = readDelta(String(sink.data('ruleset')[0]?.['delta']));
    expect(delta.base).toBe(before.digest);
    expect(applyDelta(lines, delta.changes)).toBe(held.rulesets.current()!.reader.lines);
  });

  it('R12: never takes anybody back who was further elsewhere', () => {
    const { sink } = connect('server', { version: 9, digest: 'x'.repeat(43) });
    expect(sink.events().map(({ event }) => event)).toEqual(['bookmark']);
  });

  it('goes on with what comes into force, one and the same buffer for all who are at the same place', async () => {
    const clients = [connect(), connect(), connect()];
    await publish(CHANGED, 8);
    const last = clients.map(({ sink }) => sink.written.at(-1));
    expect(new Set(last).size).toBe(1);
    expect(clients[0]!.sink.data('ruleset').at(-1)).toMatchObject({ ...inForce(), delta: expect.any(String) });
  });

  it('has a delta on what that client was sent last, not on what others were', async () => {
    const early = connect();
    const first = inForce();
    await publish(CHANGED, 8);
    const late = connect('server', first);
    await publish(ENTRIES, 9);
    for (const { sink } of [early, late]) {
      expect(readDelta(String(sink.data('ruleset').at(-1)?.['delta'])).base).not.toBe('');
      expect(sink.data('ruleset').at(-1)).toMatchObject({ version: 9 });
    }
  });

  it('R22: tells how old the word of home is, while the relay itself lives', () => {
    const { sink } = connect();
    held.clock.forward(42_000);
    streams.bookmark();
    expect(sink.data('bookmark').at(-1)).toMatchObject({ version: 7, ageMs: 42_000 });
  });

  it('B16: is cut where the client does not read', async () => {
    const slow = connect();
    const quick = connect();
    slow.sink.writableLength = 1_048_577;
    await publish(CHANGED, 8);
    expect(slow.sink.destroyed).toBe(true);
    expect(quick.sink.destroyed).toBe(false);
    expect(streams.cut()).toBe(1);
  });

  it('B16: is cut where something waits for half a minute', () => {
    const { sink } = connect();
    sink.writableLength = 60;
    for (let seconds = 0; seconds <= 25; seconds += 5) {
      streams.bookmark();
      expect(sink.destroyed).toBe(false);
      held.clock.forward(5_000);
    }
    streams.bookmark();
    expect(sink.destroyed).toBe(true);
  });

  it('takes the place of an earlier one of the same instance', () => {
    const before = connect('server', undefined, 'booking-1');
    const after = connect('server', undefined, 'booking-1');
    expect(before.sink.data('closing')).toEqual([{ reason: 'replaced', retryAfterMs: 2_500 }]);
    expect(before.sink.ended).toBe(true);
    expect(streams.count('sdk')).toBe(1);
    streams.gone(before);
    expect(streams.count('sdk')).toBe(1);
    streams.gone(after);
    expect(streams.count('sdk')).toBe(0);
  });

  it('B49: ends with its key, and nobody else’s with it', () => {
    const [revoked, other] = [connect('server'), connect('relay')];
    valid.delete(hashOf('server'));
    streams.keysApplied();
    expect(revoked.sink.data('closing')).toEqual([{ reason: 'revoked', retryAfterMs: 2_500 }]);
    expect(revoked.sink.ended).toBe(true);
    expect(other.sink.ended).toBe(false);
  });

  it('B49: ends with its key where that ends by the clock', () => {
    const { sink } = connect();
    valid.clear();
    streams.bookmark();
    expect(sink.data('closing')).toMatchObject([{ reason: 'revoked' }]);
  });

  it('has the keys document where it is a relay’s, and never else', async () => {
    const [sdk, relay] = [connect('server'), connect('relay')];
    await held.issue([keyEntry('server')], 1);
    streams.keysApplied();
    await held.issue([keyEntry('server'), keyEntry('other')], 2);
    streams.keysApplied();
    expect(sdk.sink.data('keys')).toEqual([]);
    expect(relay.sink.data('keys')).toEqual([
      expect.objectContaining({ version: 1, path: '/v1/keys' }),
      expect.objectContaining({ version: 2, delta: expect.stringContaining(hashOf('other')) }),
    ]);
    expect(connect('relay').sink.data('keys')).toEqual([expect.objectContaining({ version: 2, path: '/v1/keys' })]);
  });

  it('ends at a drain with a time to come back, not the same for all', () => {
    let step = 0;
    streams = createSdkStreams({ held, isAdmitted: () => true, now: held.clock.now, random: () => (step++ % 10) / 10 });
    const clients = Array.from({ length: 10 }, () => connect());
    streams.drain();
    const away = clients.map(({ sink }) => sink.data('closing')[0]?.['retryAfterMs']);
    expect(new Set(away).size).toBe(10);
    expect(clients.every(({ sink }) => sink.ended)).toBe(true);
    expect(streams.count('sdk')).toBe(0);
  });

  it('tells of a new signature of the same lines, so that nothing expires below', async () => {
    const { sink } = connect();
    const { claims, reader } = held.rulesets.current()!;
    const again = await held.signer.sign(reader.lines, { version: 7, iat: claims.iat + 60, exp: claims.exp + 60 });
    await held.rulesets.offer(again);
    streams.applied();
    const delta = readDelta(String(sink.data('ruleset').at(-1)?.['delta']));
    expect(delta).toMatchObject({ header: held.rulesets.current()!.header, base: claims.sha256, changes: '' });
  });
});
