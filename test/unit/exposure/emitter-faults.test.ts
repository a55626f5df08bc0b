import { describe, expect, it } from 'vitest';
import type { Exposure, Outcome } from '#exposure/exposure';
import { createMemorySpool } from '#exposure/spool';
import { contextOf, remainder, startEmitter, units } from './fixtures/emitting.ts';
import { LATER } from './fixtures/ingest-model.ts';

const HOUR_MS = 3_600_000;

describe('B35: an ingest that is down', () => {
  it('for an hour loses nothing, is asked with growing pauses, and gets the oldest first', async () => {
    let isDown = true;
    const { emitter, ingest, clock, serve } = startEmitter({ answering: () => (isDown ? LATER : 'takes') });
    for (let minute = 0; minute < 60; minute++) {
      serve(units(100, minute * 100));
      await clock.forward(HOUR_MS / 60);
    }
    // Half a minute on average, at the longest.
    expect(ingest.beacons.length).toBeLessThan(130);
    expect(ingest.beacons.every(({ sequence }) => sequence === 1)).toBe(true);
    expect(emitter.ledger()).toMatchObject({ exposed: 6_000, spilled: 6_000, sent: 0 });
    isDown = false;
    const asked = ingest.beacons.length;
    await clock.forward(60_000);
    expect(ingest.exposures.size).toBe(6_000);
    expect(ingest.beacons.slice(asked).map(({ sequence }) => sequence)).toEqual(units(60).map((_, at) => at + 1));
    expect(emitter.ledger()).toMatchObject({ exposed: 6_000, spilled: 0, sent: 6_000, dropped: 0 });
  });

  it('is not asked before it said so', async () => {
    const { ingest, clock, serve } = startEmitter({
      answering: (_, post) => (post === 0 ? { ...LATER, kind: 'later', why: '503', retryAfterMs: 20_000 } : 'takes'),
    });
    serve(units(1));
    await clock.forward(21_000);
    expect(ingest.beacons).toHaveLength(1);
    await clock.forward(1_000);
    expect(ingest.exposures.size).toBe(1);
  });

  it('B19: or that refuses the key, is asked slowly, and nothing is given up', async () => {
    let isRefused = true;
    const { emitter, ingest, clock, serve, events } = startEmitter({
      answering: () => (isRefused ? { kind: 'later', why: 'HTTP 401', isKeyRefused: true } : 'takes'),
    });
    serve(units(9));
    await clock.forward(HOUR_MS);
    expect(ingest.beacons.length).toBeLessThanOrEqual(HOUR_MS / 30_000);
    expect(events).toContainEqual({ type: 'retry', why: 'HTTP 401', waitMs: 45_000 });
    isRefused = false;
    await clock.forward(60_000);
    expect(emitter.ledger()).toMatchObject({ sent: 9, dropped: 0 });
  });
});

describe('B36: an event that ingest will never take', () => {
  const isGood = (event: Exposure | Outcome): boolean => !('flag' in event) || event.flag !== 'poison';

  it('is quarantined with its reason, and costs none of the others', async () => {
    const { emitter, ingest, clock, serve, events } = startEmitter({ isGood });
    serve(units(9));
    serve(['anna'], { flag: 'poison' });
    await clock.forward(1_000);
    expect(ingest.exposures.size).toBe(9);
    expect(events).toEqual([
      {
        ...{ type: 'quarantined', of: 'events', why: 'not good' },
        item: expect.objectContaining({ flag: 'poison', unit: 'user:anna' }),
      },
    ]);
    expect(emitter.ledger()).toMatchObject({ exposed: 10, sent: 9, dropped: 1 });
  });

  it('is found by halving a batch that is refused as a whole, under the same number', async () => {
    const { emitter, ingest, clock, serve, events } = startEmitter({
      answering: ({ events: sent, outcomes = [] }) =>
        [...sent, ...outcomes].every(isGood) ? 'takes' : { kind: 'refused', why: 'HTTP 413' },
    });
    serve(units(300));
    serve(['anna'], { flag: 'poison' });
    for (const unit of units(150)) emitter.track({ name: 'booking', source: 'server' }, contextOf(unit));
    await clock.forward(1_000);
    expect([ingest.exposures.size, ingest.outcomes.size]).toEqual([300, 150]);
    expect(ingest.beacons.length).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(451)));
    expect(ingest.beacons.every(({ sequence }) => sequence === 1)).toBe(true);
    expect(events).toMatchObject([{ type: 'quarantined', why: 'HTTP 413' }]);
    expect(emitter.ledger()).toMatchObject({ sent: 300, dropped: 1, outcomes: { tracked: 150, sent: 150 } });
  });

  it('is quarantined once, though the other half has to be sent again', async () => {
    const { emitter, clock, serve, events } = startEmitter({
      answering: ({ events: sent }, post) => {
        if (!sent.every(isGood)) return { kind: 'refused', why: 'HTTP 400' };
        return post < 3 ? LATER : 'takes';
      },
    });
    serve(['anna'], { flag: 'poison' });
    serve(units(1));
    await clock.forward(60_000);
    expect(events.filter(({ type }) => type === 'quarantined')).toHaveLength(1);
    expect(emitter.ledger()).toMatchObject({ sent: 1, dropped: 1, spilled: 0 });
  });
});

describe('past the bound of what it may hold', () => {
  it('an emitter leaves outcomes out first, and counts them', async () => {
    const { emitter, clock, serve, events } = startEmitter({ answering: () => LATER, maxEvents: 1_000 });
    serve(units(900));
    await clock.forward(1_000);
    emitter.track({ name: 'booking', source: 'server' }, contextOf('anna'));
    serve(units(100, 900));
    await clock.forward(1_000);
    expect(emitter.ledger()).toMatchObject({ spilled: 1_000, collapsed: 0, outcomes: { tracked: 1, dropped: 1 } });
    expect(events).toContainEqual({ type: 'degraded', degraded: true });
  });

  it('B35: exposures become exact counts, which arrive once, and it is degraded until they did', async () => {
    let isDown = true;
    const model = startEmitter({
      answering: (_, post) => (isDown ? LATER : post % 3 === 0 ? 'lost' : 'takes'),
      maxEvents: 1_000,
    });
    const { emitter, ingest, clock, serve } = model;
    for (let second = 0; second < 60; second++) {
      serve(units(100, second * 100));
      serve(units(50, second * 50), { variation: 'control' });
      await clock.forward(1_000);
    }
    expect(emitter.isDegraded()).toBe(true);
    isDown = false;
    await clock.forward(300_000);
    expect(ingest.exposures.size).toBeLessThanOrEqual(1_000);
    const counted = ingest.collapsed().reduce((sum, { count }) => sum + count, 0);
    expect(ingest.exposures.size + counted).toBe(9_000);
    expect(new Set(ingest.collapsed().map(({ variation }) => variation))).toEqual(new Set(['v2', 'control']));
    for (const { from, until } of ingest.collapsed()) expect([from % 10_000, until - from]).toEqual([0, 10_000]);
    expect(emitter.ledger()).toMatchObject({ exposed: 9_000, spilled: 0, dropped: 0, collapsed: counted });
    expect(emitter.isDegraded()).toBe(false);
    expect(ingest.gaps()).toEqual([]);

    // Who was only counted is named as soon as there is room.
    serve(units(1, 5_999));
    await clock.forward(1_000);
    expect(ingest.exposures.has(JSON.stringify(['pricing.fareBundlingV2', 7, 'user:user-5999', 'v2']))).toBe(true);
  });

  it('counts what a loop exposes without letting anybody else have a turn', async () => {
    const { emitter, ingest, clock, serve } = startEmitter({ maxEvents: 100_000 });
    serve(units(25_000));
    await clock.forward(30_000);
    const counted = ingest.collapsed().reduce((sum, { count }) => sum + count, 0);
    expect([ingest.exposures.size, counted]).toEqual([20_000, 5_000]);
    expect(remainder(emitter)).toBe(0);
  });

  it('whatever even the end finds no room for is dropped, and counted', async () => {
    const spool = createMemorySpool('emitter-1', 10);
    const full = { ...spool, append: async () => 'full' as const };
    const { emitter, clock, serve } = startEmitter({ spool: Promise.resolve(full) });
    serve(units(7));
    await clock.forward(1_000);
    const closed = emitter.close(1_000);
    await clock.forward(1_000);
    await closed;
    expect(emitter.ledger()).toMatchObject({ exposed: 7, dropped: 7 });
  });
});
