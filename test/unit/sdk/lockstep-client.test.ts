import { beforeAll, describe, expect, it } from 'vitest';
import { createSigner, type Signer } from '../fixtures/signing.ts';
import { never } from './fixtures/fake-upstream.ts';
import { type Running, runClient } from './fixtures/lockstep-client.ts';
import { createMemoryDisk } from './fixtures/memory-disk.ts';
import { type Edition, editionOf } from './fixtures/upstream-client.ts';

const TEXTS = [
  ['control', 'control', 'aaaaaaaa'],
  ['v2', 'v2', 'bbbbbbbb'],
];
const ENTRIES = [
  { k: 'a.on', r: 1, o: 0, f: 1 },
  { k: 'a.text', r: 1, s: 'x7Kq2mPd', v: TEXTS, o: 0, f: [0, [1, 50_000, 0, 100_000]] },
  { k: 'a.number', r: 1, v: [['few', 3, 'cccccccc']], f: 0, o: 0 },
  { k: 'a.object', r: 1, v: [['wide', { columns: 3 }, 'dddddddd']], f: 0, o: 0 },
  { k: 'a.region', r: 1, o: 0, f: 0, u: [['here', [['in', 'region', ['dub']]], 1]] },
  { k: 'a.nothing', r: 1, e: 0, f: 1 },
];
const DEFAULTS = {
  'a.on': { variation: 'off', value: false, visibility: 'server' },
  'a.text': { variation: 'control', value: 'control', visibility: 'client' },
} as const;

let signer: Signer;
let one: Edition;
let two: Edition;

beforeAll(async () => {
  signer = await createSigner();
  one = await editionOf(signer, 1, ENTRIES as never);
  two = await editionOf(signer, 2, [{ k: 'a.on', r: 2, o: 0, f: 0 }, ...ENTRIES.slice(1)] as never);
});

const USER = { targetingKey: 'user-1' };
const statesOf = ({ events }: Running): string[] =>
  events.flatMap((event) => (event.type === 'state' ? event.state : []));

async function live(options: Parameters<typeof runClient>[1] = {}): Promise<Running> {
  const running = runClient(signer, options);
  await running.give(one);
  expect(running.client.status()).toMatchObject({ state: 'live', version: 1, connected: true });
  return running;
}

describe('decisions', () => {
  it('are made for a context, by type', async () => {
    const { client } = await live();
    const flags = client.flagsFor(USER);
    expect(flags.boolean('a.on', false)).toBe(true);
    expect(['control', 'v2']).toContain(flags.string('a.text', 'mine'));
    expect(flags.number('a.number', 0)).toBe(3);
    expect(flags.object('a.object', {})).toEqual({ columns: 3 });
    expect(client.flagsFor().boolean('a.region', false)).toBe(true);
  });

  it('are explained', async () => {
    const { client } = await live();
    const flags = client.flagsFor(USER);
    expect(flags.booleanDetails('a.on', false)).toEqual({
      key: 'a.on',
      value: true,
      variation: 'on',
      reason: 'STATIC',
      metadata: { version: 1, revision: 1 },
    });
    expect(flags.booleanDetails('a.region', false)).toMatchObject({
      reason: 'TARGETING_MATCH',
      metadata: { rule: 'here' },
    });
    expect(flags.booleanDetails('a.nothing', true)).toMatchObject({ value: true, reason: 'DISABLED' });
    expect(flags.stringDetails('a.unknown', 'mine')).toMatchObject({
      value: 'mine',
      reason: 'ERROR',
      errorCode: 'FLAG_NOT_FOUND',
    });
    expect(flags.stringDetails('a.on', 'mine')).toMatchObject({
      value: 'mine',
      reason: 'ERROR',
      errorCode: 'TYPE_MISMATCH',
    });
    expect(flags.all()['a.number']).toMatchObject({ key: 'a.number', value: 3, variation: 'few' });
    expect(Object.keys(flags.all())).toEqual(ENTRIES.map(({ k }) => k).sort());
  });

  it('R19: never throw, wait or ask anybody, whatever the context is', async () => {
    const { client, home } = await live();
    const { length } = home.asked;
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
        getOwnPropertyDescriptor: () => {
          throw new Error('no');
        },
      },
    );
    for (const context of [undefined, null, 7, 'x', [], hostile, { targetingKey: hostile }, { targetingKey: 10n }]) {
      const flags = client.flagsFor(context);
      expect(flags.boolean('a.on', false)).toBe(true);
      expect(typeof flags.string('a.text', 'mine')).toBe('string');
      expect(Object.keys(flags.all())).toHaveLength(ENTRIES.length);
      client.track('x', context);
    }
    expect(home.asked).toHaveLength(length);
  });

  it('of one request are nothing to another, nor those of one client to another', async () => {
    const first = await live();
    const second = await live({ place: { region: 'sin' } });
    expect(first.client.flagsFor().boolean('a.region', false)).toBe(true);
    expect(second.client.flagsFor().boolean('a.region', true)).toBe(false);
    await first.give(two);
    expect(first.client.flagsFor(USER).boolean('a.on', true)).toBe(false);
    expect(second.client.flagsFor(USER).boolean('a.on', false)).toBe(true);
  });

  it('R1: of a ruleset that cannot be used are none: what was in force decides', async () => {
    const running = await live();
    await running.give(await editionOf(signer, 2, [{ k: 'a.on', r: 2, o: 0, f: 9 }]));
    expect(running.events.at(-1)).toMatchObject({ type: 'refused', version: 2, refusal: { code: 'bad-entries' } });
    expect(running.client.flagsFor(USER).boolean('a.on', false)).toBe(true);
    expect(running.client.status().lastRefusal?.code).toBe('bad-entries');
  });

  it('are counted by version, and told with the acks', async () => {
    const running = await live();
    running.client.flagsFor(USER).all();
    await running.give(two);
    running.client.flagsFor(USER).boolean('a.on', true);
    await running.clock.forward(5_000);
    expect(running.home.acks.at(-1)?.decisions).toEqual({
      total: 7,
      byVersion: [
        [2, 1],
        [1, 6],
      ],
    });
    for (let times = 0; times < 3; times++) {
      running.home.streams.at(-1)?.send('bookmark', two.bookmark);
      await running.clock.forward(5_000);
    }
    expect(running.home.acks.at(-1)?.decisions).toEqual({ total: 0, byVersion: [] });
  });
});

describe('R17: a start', () => {
  it('with nothing serves offline defaults at once, and the code’s own value for what has none', async () => {
    const running = runClient(signer, { dark: true, offlineDefaults: DEFAULTS });
    const flags = running.client.flagsFor(USER);
    expect(flags.booleanDetails('a.on', true)).toMatchObject({
      value: false,
      variation: 'off',
      reason: 'DEFAULT',
      metadata: { version: 0, warning: 'NO_RULESET' },
    });
    expect(flags.numberDetails('a.number', 7)).toEqual({
      key: 'a.number',
      value: 7,
      reason: 'DEFAULT',
      metadata: { version: 0, warning: 'NO_RULESET' },
    });
    expect(Object.keys(flags.all())).toEqual(['a.on', 'a.text']);
    const waiting = running.client.ready(3_000);
    await running.clock.forward(3_000);
    expect(await waiting).toBe('offline');
    running.heal();
    await running.give(one);
    await running.clock.forward(60_000);
    await running.give(one);
    expect(running.client.flagsFor(USER).boolean('a.on', false)).toBe(true);
    expect(statesOf(running)).toEqual(['offline', 'live']);
  });

  it('from the disk serves what was in force, and says that it is STALE until it is confirmed', async () => {
    const disk = createMemoryDisk();
    const first = await live({ disk });
    await first.clock.forward(100);
    await first.client.close();
    const second = runClient(signer, { disk, dark: true });
    expect(await second.client.ready()).toBe('stale');
    expect(second.client.flagsFor(USER).booleanDetails('a.on', false)).toEqual({
      key: 'a.on',
      value: true,
      variation: 'on',
      reason: 'STALE',
      metadata: { version: 1, revision: 1, freshReason: 'STATIC' },
    });
    expect(second.client.status()).toMatchObject({ state: 'stale', version: 1, ageMs: undefined });
    second.heal();
    await second.clock.forward(1_000);
    expect(second.home.streams[0]?.headers.get('last-event-id')).toBe(`1.${one.digest}`);
    second.home.streams[0]?.send('bookmark', one.bookmark);
    await second.clock.forward(0);
    expect(second.client.status()).toMatchObject({ state: 'live', ageMs: 0 });
    expect(second.client.flagsFor(USER).booleanDetails('a.on', false).reason).toBe('STATIC');
  });

  it('with a bootstrap serves that, or what the disk has where that is newer', async () => {
    const alone = runClient(signer, { dark: true, bootstrap: two.text });
    expect(await alone.client.ready()).toBe('stale');
    expect(alone.client.status().version).toBe(2);
    const disk = createMemoryDisk();
    const first = runClient(signer, { disk });
    await first.give(two);
    await first.client.close();
    const second = runClient(signer, { disk, dark: true, bootstrap: one.text });
    await second.client.ready();
    expect(second.client.status().version).toBe(2);
    const forged = runClient(signer, { dark: true, bootstrap: one.text.replace('a.on', 'a.of') });
    const waiting = forged.client.ready(10);
    await forged.clock.forward(10);
    expect(await waiting).toBe('offline');
  });

  it('B14: is not with a version that ended the process, and the board hears of that', async () => {
    const disk = createMemoryDisk();
    const first = runClient(signer, { disk });
    await first.give(one);
    await first.clock.forward(75_000);
    await first.client.close();
    for (let times = 0; times < 2; times++) {
      const crashing = runClient(signer, { disk });
      await crashing.give(two);
      await crashing.clock.forward(2_000);
    }
    const careful = runClient(signer, { disk });
    await careful.give(two);
    expect(careful.client.status()).toMatchObject({ version: 1 });
    await careful.clock.forward(5_000);
    expect(careful.home.acks.at(-1)).toMatchObject({ version: 1, error: { code: 'crashed', version: 2 } });
    await careful.give(await editionOf(signer, 3, ENTRIES as never));
    expect(careful.client.status()).toMatchObject({ version: 3, state: 'live' });
    await careful.clock.forward(1_000);
    expect(careful.home.acks.at(-1)?.error).toBeUndefined();
  });
});

describe('R22: R20: an upstream that is gone', () => {
  it('leaves everything served: STALE after the bound, live again once it is back', async () => {
    const running = await live();
    await running.cutOff();
    await running.clock.forward(59_000);
    expect(running.client.flagsFor(USER).booleanDetails('a.on', false).reason).toBe('STATIC');
    await running.clock.forward(700_000);
    expect(running.client.flagsFor(USER).booleanDetails('a.on', false)).toMatchObject({ value: true, reason: 'STALE' });
    expect(running.client.flagsFor(USER).stringDetails('a.unknown', 'x')).toMatchObject({ reason: 'ERROR' });
    expect(running.client.status()).toMatchObject({ connected: false, why: 'unreachable' });
    running.heal();
    await running.clock.forward(30_000);
    expect(statesOf(running)).toEqual(['live', 'stale', 'live']);
  });

  it('R22: B17: is heard of from a relay that itself hears nothing: what it confirms is as old as it says', async () => {
    const running = await live();
    for (let times = 0; times < 3; times++) {
      running.home.streams.at(-1)?.send('bookmark', { ...one.bookmark, ageMs: 660_000 + 5_000 * times });
      await running.clock.forward(5_000);
    }
    expect(running.client.status()).toMatchObject({ state: 'stale', connected: true, ageMs: 675_000 });
    expect(running.home.acks.at(-1)).toMatchObject({ stale: true });
    running.home.streams.at(-1)?.send('bookmark', { ...one.bookmark, ageMs: 0 });
    await running.clock.forward(0);
    expect(running.client.status()).toMatchObject({ state: 'live', ageMs: 0 });
  });

  it('is polled where it streams nothing', async () => {
    const running = await live();
    running.home.answers.set('/v1/stream', never);
    running.home.streams.at(-1)?.break();
    running.home.texts.set('/v1/ruleset', { text: two.text, etag: two.etag });
    await running.clock.forward(30_000);
    expect(running.client.status()).toMatchObject({ version: 2, connected: false, state: 'live' });
  });
});

describe('what is recorded', () => {
  it('is who was served which variation, once for each decision that was asked for', async () => {
    const { client, recorded, clock } = await live();
    const flags = client.flagsFor(USER);
    flags.boolean('a.on', false);
    flags.all();
    client.flagsFor().boolean('a.on', false);
    flags.string('a.on', 'another type');
    flags.boolean('a.unknown', false);
    expect(recorded).toEqual([
      {
        type: 'served',
        ...{ flag: 'a.on', revision: 1, variation: 'on', unitKey: 'user-1', reason: 'STATIC', version: 1 },
        ...{ region: 'dub', cloud: 'aws', time: clock.now() },
      },
    ]);
  });

  it('is what happened to somebody', async () => {
    const { client, recorded, clock } = await live();
    client.track('checkout', USER, { value: 12.5, currency: 'EUR' });
    client.track('error', USER);
    client.track('nobody', {});
    expect(recorded).toEqual([
      {
        type: 'tracked',
        name: 'checkout',
        unitKey: 'user-1',
        time: clock.now(),
        value: 12.5,
        details: { currency: 'EUR' },
      },
      { type: 'tracked', name: 'error', unitKey: 'user-1', time: clock.now() },
    ]);
  });

  it('is nobody’s trouble where the port throws, or never has it delivered', async () => {
    const telemetry = {
      record: () => {
        throw new Error('full');
      },
      flush: () => new Promise<void>(() => {}),
    };
    const running = await live({ telemetry });
    expect(running.client.flagsFor(USER).boolean('a.on', false)).toBe(true);
    running.client.track('x', USER);
    let closed = false;
    void running.client.close().then(() => {
      closed = true;
    });
    await running.clock.forward(2_000);
    expect(closed).toBe(true);
  });
});

describe('the end', () => {
  it('delivers, says goodbye, stops everything, and leaves decisions possible', async () => {
    const running = await live({ disk: createMemoryDisk() });
    await running.client.close();
    await running.client.close();
    await running.clock.forward(0);
    expect(running.flushes()).toBe(1);
    expect(running.home.asked.at(-1)).toMatchObject({ method: 'DELETE', path: '/v1/acks/service-1' });
    expect(running.clock.running()).toBe(0);
    expect(running.client.flagsFor(USER).boolean('a.on', false)).toBe(true);
  });

  it('can come before the beginning', async () => {
    const running = runClient(signer, { disk: createMemoryDisk() });
    await running.client.close();
    await running.clock.forward(60_000);
    expect(running.home.asked).toEqual([]);
    expect(running.clock.running()).toBe(0);
    expect(await running.client.ready()).toBe('offline');
  });
});
