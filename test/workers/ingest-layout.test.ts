import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divide } from '../../workers/ingest/divide.ts';
import { allInboxes, inboxOf, inboxOfEmitter, LAYOUTS } from '../../workers/ingest/inbox-layout.ts';
import { exposureOf, unitOf } from './fixtures/ingest.ts';

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
        expect(inboxOf(one)).toBe(inboxOf(other));
        expect(allInboxes()).toContain(inboxOf(one));
      }),
    );
  });

  it('stays the same for every revision below a layout that is appended, so that more inboxes count nothing twice', () => {
    fc.assert(
      fc.property(layouts, fc.integer({ min: 1, max: 64 }), exposures, emitters, (grown, inboxes, one, emitter) => {
        const fromRevision = Math.max(...grown.map((layout) => layout.fromRevision)) + 1;
        const more = [...grown, { fromRevision, inboxes }];
        const before = { ...one, revision: one.revision % fromRevision };
        expect(inboxOf(before, more)).toBe(inboxOf(before, grown));
        expect(allInboxes(more)).toEqual(expect.arrayContaining([inboxOf(before, more), inboxOf(one, more)]));
        expect(inboxOfEmitter(emitter, more)).toBe(inboxOfEmitter(emitter, grown));
        expect(inboxOf({ ...one, revision: fromRevision }, more)).toBeLessThan(inboxes);
      }),
    );
  });

  it('spreads people evenly', () => {
    const taken = [0, 0, 0, 0];
    for (let person = 0; person < 40_000; person++) {
      const inbox = inboxOf({ unit: unitOf(person), revision: 1 });
      taken[inbox] = (taken[inbox] ?? 0) + 1;
    }
    for (const count of taken) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});

describe('dividing a beacon', () => {
  it('gives each exposure to one inbox, and calls none that has nothing to keep', () => {
    const good = Array.from({ length: 100 }, (_, person) => exposureOf(person));
    const parts = divide('production', { good, old: good.slice(0, 5) }, 1_000);
    const sum = (of: (part: (typeof parts)[number]) => number): number =>
      parts.reduce((total, part) => total + of(part), 0);
    expect([sum((part) => part.exposures.length), sum((part) => part.ids.length / 16)]).toEqual([100, 100]);
    expect(sum((part) => part.old.length)).toBe(5);
    expect(divide('production', { good: [], old: [] }, 1_000).length).toBe(0);
    expect(divide('production', { good: good.slice(0, 1), old: [] }, 1_000).length).toBe(1);
  });

  it('tells combinations of words apart, wherever one word ends and the next begins', () => {
    const good = [exposureOf(1, { region: 'a b', cloud: 'c' }), exposureOf(1, { region: 'a', cloud: 'b c' })];
    const [part] = divide('production', { good, old: [] }, 1_000);
    expect(part?.cells.length).toBe(2);
  });

  it('names a combination of words once, however many exposures share it', () => {
    const [part] = divide(
      'production',
      { good: [exposureOf(1), exposureOf(1, { revision: 8 }), exposureOf(1)], old: [] },
      1_000,
    );
    expect([part?.cells.length, part?.exposures.map(([cell]) => cell)]).toEqual([2, [0, 1, 0]]);
  });
});
