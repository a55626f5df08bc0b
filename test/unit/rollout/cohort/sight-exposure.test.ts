import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOCK_TOLERANCE_MS, type Exposed, type Seen, sightExposure } from '#rollout/cohort/sight-exposure';

const ONE: Exposed = { revision: 7, rule: 1, variation: 2, place: 3, isSplit: true, time: 1_000_000 };
const seen = (rest: Partial<Seen> = {}): Seen => ({ ...ONE, isFirst: true, since: rest.time ?? ONE.time, ...rest });

describe('an exposure', () => {
  it('is the first of its revision, and of its rule', () => {
    expect(sightExposure([], ONE, true)).toEqual({ seen: seen() });
    expect(sightExposure([seen({ revision: 6 })], ONE, true)).toEqual({ seen: seen() });
    expect(sightExposure([seen({ rule: 9 })], ONE, true)).toEqual({ seen: seen({ isFirst: false }) });
    expect(sightExposure([seen()], ONE, true)).toEqual({});
  });

  it('B35: is kept once and is first once, in whatever order any number of them arrive', () => {
    const exposed = fc.record({ revision: fc.integer({ min: 1, max: 3 }), rule: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(fc.array(exposed, { maxLength: 40 }), (all) => {
        const known: Seen[] = [];
        for (const one of all) {
          const sighting = sightExposure(known, { ...ONE, ...one }, true);
          if (sighting.seen) known.push(sighting.seen);
        }
        const keys = known.map(({ revision, rule }) => `${revision} ${rule}`);
        expect(new Set(keys).size).toBe(keys.length);
        const firsts = known.filter(({ isFirst }) => isFirst).map(({ revision }) => revision);
        expect(firsts.sort()).toEqual([...new Set(all.map(({ revision }) => revision))].sort());
      }),
    );
  });
});

describe('B35: an exposure that was earlier and came later', () => {
  it('says since when the unit was served what it was first heard of, and is counted where that was', () => {
    const one = { ...ONE, time: ONE.time - 30_000, place: 4 };
    const earlier = seen({ since: one.time });
    expect(sightExposure([seen()], one, true)).toEqual({ earlier });
    expect(sightExposure([earlier], ONE, true)).toEqual({});
    expect(sightExposure([earlier], { ...one, time: one.time + 1 }, true)).toEqual({});
  });

  it('says nothing where it was of another variation, or another revision', () => {
    const one = { ...ONE, time: ONE.time - 30_000 };
    expect(sightExposure([seen({ isSplit: false, variation: 9 })], one, true)).toEqual({});
    expect(sightExposure([seen({ revision: 8 })], one, true).earlier).toBeUndefined();
  });

  it('I4: makes a newer revision as old as it is', () => {
    const newer = seen({ revision: 8, time: ONE.time, since: ONE.time - CLOCK_TOLERANCE_MS - 1 });
    expect(sightExposure([newer], ONE, true).conflict).toEqual({ kind: 'went-back', before: newer });
  });
});

describe('a conflict', () => {
  it.each([
    ['another variation of the same split', { variation: 9 }, 'two-variations'],
    ['the same variation', {}, undefined],
    ['another variation by another rule', { variation: 9, rule: 4 }, undefined],
    ['another variation at another revision', { variation: 9, revision: 6 }, undefined],
    ['another variation that no split chose', { variation: 9, isSplit: false }, undefined],
  ])('I1: with %s', (_, before, kind) => {
    expect(sightExposure([seen(before)], ONE, true).conflict?.kind).toBe(kind);
  });

  it.each([
    ['a newer revision, longer ago than clocks differ', { revision: 8, time: ONE.time - CLOCK_TOLERANCE_MS - 1 }, true],
    ['a newer revision, by as much as clocks differ', { revision: 8, time: ONE.time - CLOCK_TOLERANCE_MS }, false],
    ['a newer revision, later', { revision: 8, time: ONE.time + 60_000 }, false],
    ['an older revision, long ago', { revision: 6, time: 0 }, false],
  ])('I4: after %s', (_, before, goesBack) => {
    const conflict = goesBack ? { kind: 'went-back', before: seen(before) } : undefined;
    expect(sightExposure([seen(before)], ONE, true).conflict).toEqual(conflict);
    expect(sightExposure([seen(before)], ONE, false).conflict).toBeUndefined();
  });
});
