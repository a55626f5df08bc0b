import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAP_MS, ceilingOf, type Ending, LEAST, pauseAfter, REFUSED_MS, retryAfterIn } from '#sdk/stream/reconnect';

const RANDOM = fc.double({ min: 0, max: 0.999_999, noNaN: true });
const ENDING: fc.Arbitrary<Ending> = fc.record(
  {
    why: fc.constant('cut'),
    refused: fc.constant(true as const),
    healthy: fc.constant(true as const),
    retryAfterMs: fc.integer({ min: 0, max: 10 ** 9 }),
  },
  { requiredKeys: ['why'] },
);

/** The waits of a client that meets these endings one after the other. */
function waits(endings: readonly (readonly [Ending, number])[]): number[] {
  let failures = 0;
  return endings.map(([ending, random]) => {
    const pause = pauseAfter(failures, ending, random);
    failures = pause.failures;
    return pause.waitMs;
  });
}

describe('R18: how long a client waits', () => {
  it('is never less than its share of the backoff, which only health resets, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(ENDING, RANDOM), { maxLength: 30 }), (endings) => {
        let row = 0;
        waits(endings).forEach((wait, at) => {
          const [ending] = endings[at] as (typeof endings)[number];
          if (ending.healthy) row = 0;
          const asked = Math.min(ending.retryAfterMs ?? 0, 300_000);
          expect(wait).toBeGreaterThanOrEqual(ceilingOf(row) * LEAST + asked);
          expect(wait).toBeLessThanOrEqual(Math.max(2 * REFUSED_MS, ceilingOf(row) + asked));
          if (ending.refused) expect(wait).toBeGreaterThanOrEqual(REFUSED_MS);
          row++;
        });
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });

  it('keeps the rate of a client below one in a tenth of the longest backoff, even with the worst of luck', () => {
    const all = waits(Array.from({ length: 1_000 }, () => [{ why: 'cut' }, 0] as const));
    const total = all.reduce((sum, wait) => sum + wait, 0);
    expect(all.length / total).toBeLessThan(1 / (CAP_MS * LEAST * 0.98));
  });

  it('is spread over the whole of the backoff, so that a thousand clients do not come together', () => {
    const spread = Array.from({ length: 1_000 }, (_, at) => pauseAfter(3, { why: 'cut' }, at / 1_000).waitMs);
    const second = (wait: number): number => Math.floor(wait / 1_000);
    const most = Math.max(...Array.from({ length: 9 }, (_, at) => spread.filter((one) => second(one) === at).length));
    expect(most).toBeLessThan(150);
  });

  it('grows from 1 s to 30 s, and begins anew after a minute of health', () => {
    expect([0, 1, 2, 3, 4, 5, 50].map(ceilingOf)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(pauseAfter(9, { why: 'cut', healthy: true }, 0.999).waitMs).toBeLessThan(1_000);
  });

  it('B19: is 30 to 60 s where the key is refused', () => {
    expect(pauseAfter(0, { why: 'HTTP 401', refused: true }, 0).waitMs).toBe(30_000);
    expect(pauseAfter(0, { why: 'HTTP 401', refused: true }, 0.5).waitMs).toBe(45_000);
  });
});

describe('Retry-After', () => {
  it.each([
    ['7', 7_000],
    ['Mon, 23 Nov 2026 08:00:30 GMT', 30_000],
    ['Mon, 23 Nov 2026 07:00:00 GMT', 0],
    ['soon', undefined],
    ['-3', undefined],
    [null, undefined],
  ])('%j is %j ms', (header, ms) => {
    expect(retryAfterIn(header, Date.parse('2026-11-23T08:00:00Z'))).toBe(ms);
  });
});
