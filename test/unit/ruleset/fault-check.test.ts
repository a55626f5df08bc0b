import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createFaultCheck } from '#ruleset/fault-check';
import { overlay } from '#ruleset/overlay';
import type { RulesetReader } from '#ruleset/reader';
import { makeDelta } from '#ruleset/write/make-delta';
import { FULL } from '../fixtures/entries.ts';
import { type RawEntry, rawLine, readerOf } from '../fixtures/lines.ts';

/** Flags that refer to one another and to segments, some to what there is not. */
const ENTRIES = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd', 'segment:s', 'segment:t'),
  fc.record({
    refersTo: fc.constantFrom('a', 'b', 'c', 'd', 's', 't'),
    sound: fc.boolean(),
    r: fc.integer({ min: 1, max: 3 }),
  }),
);
type Drawn = typeof ENTRIES extends fc.Arbitrary<infer T> ? T : never;

function entriesOf(drawn: Drawn): RawEntry[] {
  return Object.entries(drawn).map(([k, { refersTo, sound, r }]) => {
    const isSegmentName = refersTo === 's' || refersTo === 't';
    const clause = ['segment', [isSegmentName ? refersTo : 's']];
    if (k.startsWith('segment:')) return { k, r, ...(isSegmentName && { u: [[clause]] }), ...(!sound && { i: 7 }) };
    const more = isSegmentName ? { u: [['rule', [clause], 1]] } : { p: [[refersTo, ['on']]] };
    return { k, r, o: 0, f: 1, ...more, ...(!sound && { f: 99 }) };
  });
}

const readerFrom = (drawn: Drawn, version: number): RulesetReader => readerOf(entriesOf(drawn), version);

describe('R1: whether all entries of a ruleset can be used', () => {
  it('is told of the changed ones as of all, whatever refers to what', () => {
    fc.assert(
      fc.property(fc.array(ENTRIES, { minLength: 2, maxLength: 5 }), (all) => {
        const check = createFaultCheck();
        all.forEach((drawn, at) => {
          const wanted = readerFrom(drawn, 100 + at).faults().length > 0;
          expect(check.faultIn(readerFrom(drawn, 100 + at)) !== undefined).toBe(wanted);
        });
      }),
      { seed: 1, numRuns: 3_000 },
    );
  });

  it('is told of changes on top of lines as of all lines', () => {
    fc.assert(
      fc.property(fc.array(ENTRIES, { minLength: 2, maxLength: 5 }), (all) => {
        const check = createFaultCheck();
        let inForce = readerFrom({}, 100);
        check.trust(inForce);
        all.forEach((drawn, at) => {
          const whole = readerFrom(drawn, 101 + at);
          const { changes } = makeDelta('', inForce.lines, '', whole.lines);
          const next = overlay(inForce, changes).read(101 + at);
          const wanted = whole.faults().length > 0;
          expect(check.faultIn(next) !== undefined).toBe(wanted);
          // What is refused does not come into force: the next is on what was there before.
          if (!wanted) inForce = next;
        });
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  const many = (changed: number): RawEntry[] =>
    Array.from({ length: 500 }, (_, at) => ({ k: `a.flag${at}`, r: at < changed ? 2 : 1, o: 0, f: 1 }));

  const user = { k: 'z.user', r: 1, o: 0, f: 1, p: [['a.flag0', ['on']]] };

  /** How many lines are read, one after the other, to check a ruleset that follows on another. */
  function linesRead(before: readonly RawEntry[], after: readonly RawEntry[], version = 101): number {
    const check = createFaultCheck();
    check.trust(readerOf(before));
    const next = readerOf(after, version);
    const line = vi.spyOn(next, 'line');
    const faults = vi.spyOn(next, 'faults');
    expect(check.faultIn(next)).toBeUndefined();
    return faults.mock.calls.length > 0 ? after.length : line.mock.calls.length;
  }

  it('decodes what changed and what refers to it, and nothing else', () => {
    expect(linesRead([...many(0), user], [...many(0), user])).toBe(0);
    expect(linesRead([...many(0), user], [...many(1), user])).toBeLessThan(5);
    expect(linesRead([...many(0), user], many(1))).toBeLessThan(3);
  });

  it('decodes all where much changed, where a name may be spelled with escapes, and under a lower version', () => {
    expect(linesRead(many(0), many(100))).toBe(500);
    expect(linesRead(many(0), many(1), 99)).toBe(500);
    const odd = { k: 'z', r: 1, o: 0, f: 0, v: [['on', '\u007f', 'aaaaaaaa']] };
    expect(linesRead(many(0), [...many(1), odd])).toBe(501);
  });

  it('puts no text together for a change on top of others', () => {
    const check = createFaultCheck();
    const before = readerOf([...many(0), user]);
    expect(check.faultIn(before)).toBeUndefined();
    const next = overlay(before, rawLine({ k: 'a.flag0', r: 2, o: 0, f: 1 })).read(101);
    const lines = vi.spyOn(next, 'lines', 'get');
    const line = vi.spyOn(next, 'line');
    expect(check.faultIn(next)).toBeUndefined();
    expect([lines.mock.calls.length, line.mock.calls.map(([key]) => key)]).toEqual([0, ['a.flag0', 'z.user']]);
  });

  it('does not remember lines as good that were not', () => {
    const check = createFaultCheck();
    const bad = { k: 'a.flag0', r: 1, o: 0, f: 99 };
    expect(check.faultIn(readerOf(FULL as never))).toBeUndefined();
    for (let times = 0; times < 2; times++)
      expect(check.faultIn(readerOf([bad], 101))).toMatchObject({ key: 'a.flag0' });
  });

  it('takes the word of an earlier process for lines that were good', () => {
    const check = createFaultCheck();
    const bad = { k: 'b', r: 1, o: 0, f: 99 };
    check.trust(readerOf([bad]));
    expect(check.faultIn(readerOf([bad, { k: 'c', r: 1, o: 0, f: 1 }]))).toBeUndefined();
  });
});
