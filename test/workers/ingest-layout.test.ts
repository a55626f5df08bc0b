import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TIME } from '#schema/exposure-limits';
import { divide } from '../../workers/ingest/divide.ts';
import { allInboxes, inboxOf, inboxOfEmitter, LAYOUTS } from '../../workers/ingest/inbox-layout.ts';
import { unpackRows } from '../../workers/ingest/inbox-part.ts';
import { exposureOf, readExposures, unitOf } from './fixtures/ingest.ts';

const exposures = fc.record({ unit: fc.nat().map(unitOf), revision: fc.nat() });
const emitters = fc.uuid();
/** Layouts as they may have grown: each starts above the one before. */
const layouts = fc
  .uniqueArray(fc.record({ fromRevision: fc.integer({ min: 1 }), inboxes: fc.integer({ min: 1, max: 64 }) }), {
    selector: ({ fromRevision }) => fromRevision,
  })
  .map((more) => [...LAYOUTS, ...more.sort((a, b) => a.fromRevision - b.fromRevision)]);

describe('which inbox takes an exposure', () => {
  it('is decided by what its id holds: a duplicate meets its first', () => {
    fc.assert(
      fc.property(exposures, ({ unit, revision }) => {
        const one = exposureOf(0, { unit, revision });
        const other = exposureOf(0, { unit, revision, version: 99, pop: 'sin', reason: 'STALE', time: 0 });
        const parts = divide('production', { good: readExposures([one, other]) }, 1_000);
        expect(parts.map((part) => part.inbox)).toEqual([inboxOf(unit, revision)]);
        expect(allInboxes()).toContain(inboxOf(unit, revision));
      }),
    );
  });

  it('stays the same for every revision below a layout that is appended, so that more inboxes count nothing twice', () => {
    fc.assert(
      fc.property(layouts, fc.integer({ min: 1, max: 64 }), exposures, emitters, (grown, inboxes, one, emitter) => {
        const fromRevision = Math.max(...grown.map((layout) => layout.fromRevision)) + 1;
        const more = [...grown, { fromRevision, inboxes }];
        const { unit, revision } = one;
        const before = revision % fromRevision;
        expect(inboxOf(unit, before, more)).toBe(inboxOf(unit, before, grown));
        expect(allInboxes(more)).toEqual(
          expect.arrayContaining([inboxOf(unit, before, more), inboxOf(unit, revision, more)]),
        );
        expect(inboxOfEmitter(emitter, more)).toBe(inboxOfEmitter(emitter, grown));
        expect(inboxOf(unit, fromRevision, more)).toBeLessThan(inboxes);
      }),
    );
  });

  it('spreads people evenly', () => {
    const taken = [0, 0, 0, 0];
    for (let person = 0; person < 40_000; person++) {
      const inbox = inboxOf(unitOf(person), 1);
      taken[inbox] = (taken[inbox] ?? 0) + 1;
    }
    for (const count of taken) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});

describe('dividing a beacon', () => {
  it('gives each exposure to one inbox, and calls none that has nothing to keep', () => {
    const sent = Array.from({ length: 100 }, (_, person) => exposureOf(person));
    const good = readExposures(sent);
    const parts = divide('production', { good, old: sent.slice(0, 5) }, 1_000);
    const sum = (of: (part: (typeof parts)[number]) => number): number =>
      parts.reduce((total, part) => total + of(part), 0);
    expect([sum((part) => unpackRows(part.exposures).length), sum((part) => part.units.length / 16)]).toEqual([
      100, 100,
    ]);
    expect(sum((part) => part.aside?.exposures.length ?? 0)).toBe(5);
    expect(divide('production', { good: [], old: [] }, 1_000).length).toBe(0);
    expect(divide('production', { good: good.slice(0, 1), old: [] }, 1_000).length).toBe(1);
  });

  it('tells combinations of words apart, wherever one word ends and the next begins', () => {
    const sent = [exposureOf(1, { region: 'a b', cloud: 'c' }), exposureOf(1, { region: 'a', cloud: 'b c' })];
    const [part] = divide('production', { good: readExposures(sent), old: [] }, 1_000);
    expect(JSON.parse(part?.cells ?? '')).toHaveLength(2);
  });

  it('names a combination of words once, however many exposures share it', () => {
    const good = readExposures([exposureOf(1), exposureOf(1, { revision: 8 }), exposureOf(1)]);
    const [part] = divide('production', { good, old: [] }, 1_000);
    expect(JSON.parse(part?.cells ?? '')).toHaveLength(2);
    expect(unpackRows(part?.exposures ?? new Uint8Array()).map(([cell]) => cell)).toEqual([0, 1, 0]);
  });

  it('keeps any number of words apart, and every time to the millisecond', () => {
    const times = [0, 1, 1_764_556_800_123, MAX_TIME];
    const sent = Array.from({ length: 1_000 }, (_, at) =>
      exposureOf(1, { revision: at, time: times[at % 4] as number }),
    );
    const [part] = divide('production', { good: readExposures(sent) }, 1_000);
    const rows = unpackRows(part?.exposures ?? new Uint8Array());
    expect(rows).toEqual(sent.map(({ time }, at) => [at, time]));
  });
});
