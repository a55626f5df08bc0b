import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hear, missingBatches, NONE_HEARD } from '#exposure/heard-batches';

const heardOf = (batches: readonly number[]) => batches.reduce(hear, NONE_HEARD);

describe('I8: batches that were heard', () => {
  it('tell how many below the highest were not, in whatever order they arrive and however often', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (batches) => {
        const missing = Math.max(0, ...batches) - new Set(batches).size;
        expect(missingBatches(heardOf(batches))).toBe(missing);
        expect(missingBatches(heardOf(batches.toSorted((a, b) => b - a)))).toBe(missing);
      }),
    );
  });

  it('show the number that a killed emitter skips, and no longer once it comes late', () => {
    const gap = heardOf([1, 2, 3, 5, 6]);
    expect(missingBatches(gap)).toBe(1);
    expect(hear(gap, 4)).toEqual({ runs: [[1, 6]], lost: 0 });
  });

  it('stay small, and never show fewer missing than there are, where every other one is lost', () => {
    const heard = heardOf(Array.from({ length: 5_000 }, (_, at) => 2 * at + 1));
    expect(heard.runs.length).toBeLessThanOrEqual(64);
    expect(missingBatches(heard)).toBe(4_999);
    expect(missingBatches(hear(heard, 2))).toBe(4_999);
    expect(missingBatches(hear(heard, 9_998))).toBe(4_998);
  });
});
