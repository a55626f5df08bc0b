import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFaultCheck } from '#ruleset/fault-check';
import { affectedBy } from '#ruleset/write/affected';
import { entryLines } from '#ruleset/write/line';
import type { Entry } from '#schema/entry';
import {
  entriesBeside,
  entriesOf,
  knownLines,
  NO_LINES,
  writtenLines,
} from '../../../workers/publisher/known-lines.ts';
import { type Force, type Memory, planPublish } from '../../../workers/publisher/plan-publish.ts';
import { flag, forSegment, ramp, segment, texts } from './fixtures/entries.ts';

const needs = (k: string, of: string): Entry => flag(k, 0, { p: [[of, ['on']]] });

/** Sets that follow one another: of sound entries, of such that refer to what is not there, of changed salts. */
const ENTRY: fc.Arbitrary<Entry> = fc.oneof(
  fc.constantFrom('a', 'b', 'c').map((k) => flag(k, 1)),
  fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(1_000, 5_000)).map(([k, buckets]) => ramp(k, buckets)),
  fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('one', 'other')).map(([k, s]) => ramp(k, 1_000, { s })),
  fc.tuple(fc.constantFrom('b', 'c'), fc.constantFrom('x', 'y')).map(([k, name]) => forSegment(k, name)),
  fc.tuple(fc.constantFrom('c', 'd'), fc.constantFrom('a', 'b')).map(([k, of]) => needs(k, of)),
  fc.tuple(fc.constantFrom('x', 'y'), fc.constantFrom('ada', 'ben')).map(([name, member]) => segment(name, [member])),
  fc.constantFrom('off', 'on').map((value) => texts('e', { value })),
  fc.constant({ ...flag('f'), v: [['on', true, 'aaaaaaaa']] } as Entry),
);
const SET = fc.uniqueArray(ENTRY, { selector: ({ k }) => k, maxLength: 6 });

const REMEMBERED: Memory = { served: () => false, identities: () => undefined, unacknowledged: [], lastEntry: 0 };

describe('what is remembered of lines', () => {
  it('R31: makes no difference to what a publish comes to: verdict, lines and classes are those of a look at all of it', () => {
    fc.assert(
      fc.property(fc.array(SET, { minLength: 1, maxLength: 6 }), (sets) => {
        let force: Force | undefined;
        let [known, faults] = [NO_LINES, createFaultCheck()];
        for (const set of sets) {
          const request = { base: force?.version ?? 0, lines: entryLines(set), confirm: ['size', 'emptied'] as const };
          const fresh = planPublish(request, force, REMEMBERED);
          const quick = planPublish(request, force, { ...REMEMBERED, checked: { known, faults } });
          expect(quick.ok).toBe(fresh.ok);
          if (!fresh.ok || !quick.ok) {
            expect(quick).toEqual(fresh);
            continue;
          }
          const told = (plan: typeof fresh.value) => plan && { ...plan, known: undefined, touched: undefined };
          expect(told(quick.value)).toEqual(told(fresh.value));
          if (quick.value === undefined) continue;
          expect(quick.value.known.lines).toBe(quick.value.lines);
          expect(entryLines(entriesOf(quick.value.known))).toBe(quick.value.lines);
          [force, known] = [{ version: quick.value.version, lines: quick.value.lines }, quick.value.known];
        }
      }),
      { seed: 5, numRuns: 1_500 },
    );
  });

  it('is the same object for what did not change, and for nothing else', () => {
    const first = knownLines(entryLines([flag('a'), flag('b'), flag('c')]));
    const second = knownLines(entryLines([flag('a'), flag('b', 1), flag('d')]), first);
    const shared = [...second.byKey].filter(([key, line]) => first.byKey.get(key) === line).map(([key]) => key);
    expect(shared).toEqual(['a']);
    expect(entriesBeside(entriesOf(second), first).map(({ k }) => k)).toEqual(['b', 'd']);
    expect(knownLines(second.lines, second)).toBe(second);
  });

  it('writes what it has again as it is', () => {
    const known = knownLines(entryLines([flag('a'), flag('b')]));
    const changed = flag('b', 1);
    const written = writtenLines([changed, ...entriesOf(known).slice(0, 1)], known);
    expect(written.lines).toBe(entryLines([flag('a'), changed]));
    expect(written.byKey.get('a')).toBe(known.byKey.get('a'));
  });
});

describe('whom a change reaches', () => {
  it('is whoever refers to it, however far, and nobody else', () => {
    const set = [flag('a'), needs('b', 'a'), needs('c', 'b'), flag('d'), segment('x', ['ada']), forSegment('e', 'x')];
    expect([...affectedBy(['a'], set)].sort()).toEqual(['a', 'b', 'c']);
    expect([...affectedBy(['segment:x'], set)].sort()).toEqual(['e', 'segment:x']);
    expect([...affectedBy(['d', 'gone'], set)].sort()).toEqual(['d', 'gone']);
    expect([...affectedBy([], set)]).toEqual([]);
  });

  it('counts what referred to it before, too', () => {
    expect([...affectedBy(['a'], [needs('b', 'a')], [flag('b')])].sort()).toEqual(['a', 'b']);
  });
});
