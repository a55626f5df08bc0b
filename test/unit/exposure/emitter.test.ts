import { describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { REPEAT_MS } from '#exposure/recent-exposures';
import { contextOf, decision, remainder, startEmitter, units } from './fixtures/emitting.ts';
import { LATER } from './fixtures/ingest-model.ts';

describe('an emitter', () => {
  it('sends what was exposed within a second in one batch, with a number, and a ledger as it was before', async () => {
    const { emitter, ingest, clock, serve } = startEmitter();
    serve(units(3));
    emitter.evaluated(10);
    await clock.forward(999);
    expect(ingest.beacons).toEqual([]);
    await clock.forward(1);
    expect(ingest.beacons).toHaveLength(1);
    expect(ingest.beacons[0]).toMatchObject({
      emitter: 'emitter-1',
      sentAt: clock.now(),
      sequence: 1,
      ledger: { evaluated: 13, exposed: 3, spilled: 3, sent: 0, dropped: 0, collapsed: 0 },
    });
    expect(ingest.beacons[0]?.events[0]).toEqual({
      ...{ flag: 'pricing.fareBundlingV2', revision: 7, variation: 'v2', version: 9, reason: 'SPLIT', rule: 'tenth' },
      ...{ unit: 'user:user-0', region: 'us-east-1', cloud: 'aws', time: clock.now() - 1_000 },
    });
    expect(emitter.ledger()).toMatchObject({ evaluated: 13, exposed: 3, spilled: 0, sent: 3 });
    serve(units(1, 3));
    await clock.forward(1_000);
    expect(ingest.beacons.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(clock.running()).toBe(0);
  });

  it('does not wait where a batch is full, and fills each with 500', async () => {
    const { ingest, clock, serve } = startEmitter();
    serve(units(1_700));
    await clock.forward(0);
    expect(ingest.beacons.map(({ events }) => events.length)).toEqual([500, 500, 500, 200]);
    expect(ingest.exposures.size).toBe(1_700);
  });

  it('makes no pseudonym inside an evaluation', async () => {
    let made = 0;
    const { clock, serve } = startEmitter({
      pseudonym(_, key) {
        made++;
        return key;
      },
    });
    serve(units(900));
    expect(made).toBe(0);
    await clock.forward(0);
    expect(made).toBe(900);
  });

  it('exposes whoever asks all the time once, and again only after a while', async () => {
    const { emitter, ingest, clock, serve } = startEmitter();
    for (let time = 0; time < 1_000; time++) serve(['anna']);
    serve(['anna'], { revision: 8 });
    serve(['anna'], { revision: 8, variation: 'control' });
    serve(['anna'], { flag: 'checkout.guest' });
    // Another version, rule or reason makes no other exposure.
    serve(['anna'], { version: 10, rule: 'other', reason: 'TARGETING_MATCH' });
    await clock.forward(1_000);
    expect(ingest.beacons[0]?.events).toHaveLength(4);
    expect(emitter.ledger()).toMatchObject({ evaluated: 1_004, exposed: 4 });
    await clock.forward(REPEAT_MS);
    serve(['anna']);
    await clock.forward(1_000);
    expect(ingest.beacons[1]?.events).toHaveLength(1);
    expect(ingest.exposures.size).toBe(4);
  });

  it('counts an evaluation of nobody, of no variation, of an offline default, with an error, or of a hostile context as no exposure', async () => {
    const { emitter, clock, ingest } = startEmitter();
    const hostile = createContext({
      get targetingKey(): string {
        throw new Error('no');
      },
    });
    emitter.exposed('a', decision(), createContext({}));
    emitter.exposed('a', decision(), hostile);
    emitter.exposed('a', decision({ variation: undefined }), contextOf('anna'));
    emitter.exposed('a', decision({ version: 0 }), contextOf('anna'));
    emitter.exposed('a', decision({ reason: 'ERROR', errorCode: 'GENERAL' }), contextOf('anna'));
    emitter.track({ name: 'checkout.error', source: 'server' }, hostile);
    await clock.forward(10_000);
    expect(emitter.ledger()).toMatchObject({ evaluated: 5, exposed: 0, outcomes: { tracked: 0 } });
    expect(ingest.beacons).toEqual([]);
  });
});

describe('an outcome', () => {
  it('travels beside exposures, with its value and id where it has them', async () => {
    const { emitter, ingest, clock, serve } = startEmitter();
    serve(['anna']);
    emitter.track({ name: 'checkout.latency', value: 81.5, id: 'order-7', source: 'server' }, contextOf('anna'));
    emitter.track({ name: 'checkout.error', source: 'edge' }, contextOf('bo'));
    await clock.forward(1_000);
    const common = { region: 'us-east-1', cloud: 'aws', time: clock.now() - 1_000 };
    expect(ingest.beacons[0]?.outcomes).toEqual([
      { name: 'checkout.latency', unit: 'user:anna', value: 81.5, id: 'order-7', source: 'server', ...common },
      { name: 'checkout.error', unit: 'user:bo', source: 'edge', ...common },
    ]);
    expect(emitter.ledger().outcomes).toEqual({ tracked: 2, sent: 2, dropped: 0 });
  });

  it.each([
    { name: 'no name', value: 1 },
    { name: 'latency', value: Number.NaN },
    { name: 'latency', value: Number.POSITIVE_INFINITY },
    { name: 'x'.repeat(65) },
    { name: 'latency', id: '' },
    { name: 'latency', id: 'x'.repeat(65) },
    { name: 'latency', id: 'Zoë' },
  ])('B36: that ingest would never take is quarantined at once: %j', async (outcome) => {
    const { emitter, ingest, clock, events } = startEmitter();
    emitter.track({ ...outcome, source: 'server' }, contextOf('anna'));
    await clock.forward(1_000);
    expect(ingest.beacons).toEqual([]);
    expect(events).toMatchObject([{ type: 'quarantined', of: 'outcomes' }]);
    expect(emitter.ledger().outcomes).toEqual({ tracked: 1, sent: 0, dropped: 1 });
  });
});

describe('the end of an emitter', () => {
  it('brings what waits, within its deadline', async () => {
    const { emitter, ingest, clock, serve } = startEmitter();
    serve(units(1_200));
    const closed = emitter.close(1_000);
    await clock.forward(0);
    expect(await closed).toBe(true);
    expect(ingest.exposures.size).toBe(1_200);
    expect(clock.running()).toBe(0);
  });

  it('tries at once, though it waits for something, and tells where that did not help', async () => {
    const { emitter, ingest, clock, serve } = startEmitter({ answering: () => LATER });
    serve(units(5));
    await clock.forward(1_100);
    const before = ingest.beacons.length;
    const closed = emitter.close(400);
    await clock.forward(0);
    expect(ingest.beacons.length).toBe(before + 1);
    await clock.forward(400);
    expect(await closed).toBe(false);
    expect(emitter.ledger()).toMatchObject({ exposed: 5, sent: 0, spilled: 5 });
    expect(clock.running()).toBe(0);
  });

  it('leaves whatever comes after it out, and counts that', async () => {
    const { emitter, clock, serve } = startEmitter();
    const closed = emitter.close(1_000);
    await clock.forward(0);
    await closed;
    serve(units(2));
    expect(emitter.ledger()).toMatchObject({ exposed: 2, dropped: 2 });
    expect(remainder(emitter)).toBe(0);
  });

  it('flushes on demand, and goes on', async () => {
    const { emitter, ingest, clock, serve } = startEmitter();
    serve(units(2));
    const flushed = emitter.flush(1_000);
    await clock.forward(0);
    expect(await flushed).toBe(true);
    expect(ingest.exposures.size).toBe(2);
    serve(units(2, 2));
    await clock.forward(1_000);
    expect(ingest.exposures.size).toBe(4);
  });
});
