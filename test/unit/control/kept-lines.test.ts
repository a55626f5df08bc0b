/** Lines that are kept from one time to the next are, each time, what making all of them anew gives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeptLines } from '#control/kept-lines';
import { stampedLines } from '#control/payload-lines';
import { emptyMap, get, mapOf, remove, set } from '#control/persistent-map';
import type { Entry } from '#schema/entry';
import { flag } from '../publisher/fixtures/entries.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const step = fc.record({
  key: fc.integer({ min: 0, max: 30 }).map((number) => `k${number}`),
  what: fc.constantFrom('put', 'stamp', 'remove', 'remove all of'),
  number: fc.nat(9),
});

describe('kept lines', () => {
  it('are those of the entries and revisions, whatever has changed between', () => {
    fc.assert(
      fc.property(fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 12 }), (times) => {
        const keptLines = createKeptLines();
        let entries = emptyMap<Entry>();
        let revisions = emptyMap<number>();
        for (const steps of times) {
          for (const { key, what, number } of steps) {
            if (what === 'put') entries = set(entries, key, flag(key, number));
            if (what === 'stamp') revisions = set(revisions, key, number);
            if (what.startsWith('remove')) entries = remove(entries, key);
            if (what === 'remove all of') revisions = remove(revisions, key);
          }
          const all = stampedLines(entries, (key) => get(revisions, key) ?? 0);
          expect(text(keptLines(entries, revisions))).toBe(all);
        }
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  it('are those of many that come at once, and of another environment in between', () => {
    const keptLines = createKeptLines();
    const many = mapOf(Array.from({ length: 2_000 }, (_, at) => [`k${at}`, flag(`k${at}`)] as const));
    const few = mapOf([['a', flag('a')] as const]);
    for (const entries of [many, few, remove(many, 'k7'), set(many, 'b', flag('b', 1)), few]) {
      expect(text(keptLines(entries, emptyMap()))).toBe(stampedLines(entries, () => 0));
    }
  });
});
