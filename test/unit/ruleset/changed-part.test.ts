import fc from 'fast-check';
import { expect, it } from 'vitest';
import { changedPart } from '#ruleset/changed-part';
import { rawLines } from '../fixtures/lines.ts';

const KEYS = ['a', 'a.b', 'b', 'c', 'd.e', 'segment:s', 'segment:t', 'z'];
const SOUND = fc
  .dictionary(fc.constantFrom(...KEYS), fc.integer({ min: 0, max: 12 }))
  .map((values) => rawLines(Object.entries(values).map(([k, r]) => ({ k, r }))));

/** Lines out of order, twice there, cut off, or of characters that are none of a ruleset's. */
const ANY = fc.oneof(
  SOUND,
  fc
    .array(fc.constantFrom(...KEYS.map((k) => `{"k":"${k}"}\n`), '{"k":"b"', '\n', '{"k":"é"}\n'))
    .map((all) => all.join('')),
);

it('finds the whole lines in which two texts differ', () => {
  fc.assert(
    fc.property(SOUND, ANY, (before, after) => {
      const part = changedPart(before, after);
      const middle = after.slice(part.from, part.after);
      expect(before.slice(0, part.from) + middle + before.slice(part.before)).toBe(after);
      expect(part.before).toBeGreaterThanOrEqual(part.from);
      expect(part.after).toBeGreaterThanOrEqual(part.from);
      for (const end of [part.from, part.before]) expect(end === 0 || before[end - 1] === '\n').toBe(true);
    }),
    { seed: 1, numRuns: 3_000 },
  );
});
