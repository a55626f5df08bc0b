import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRecentExposures, REPEAT_MS } from '#exposure/recent-exposures';

const visit = fc.record({
  flag: fc.constantFrom('a', 'b'),
  revision: fc.integer({ min: 1, max: 3 }),
  variation: fc.constantFrom('x', 'y'),
  unit: fc.constantFrom('anna', 'bo', 'cy'),
  // Few hashes: they collide, and that must not matter.
  hash: fc.constantFrom(1, 2),
  later: fc.oneof(fc.nat(1_000), fc.integer({ min: 0, max: 2 * REPEAT_MS })),
});

it('calls nothing a repeat that was not exposed within the last ten minutes, whatever collides', () => {
  fc.assert(
    fc.property(fc.array(visit, { maxLength: 200 }), (visits) => {
      const recent = createRecentExposures(Math.random);
      const last = new Map<string, number>();
      let now = 1_795_420_800_000;
      for (const { flag, revision, variation, unit, hash, later } of visits) {
        now += later;
        const name = [flag, revision, variation, unit].join();
        const isNews = recent.isNews(recent.serving(flag, revision, variation), unit, hash, now);
        if (!isNews) expect(now - (last.get(name) ?? Number.NEGATIVE_INFINITY)).toBeLessThan(REPEAT_MS);
        else last.set(name, now);
      }
    }),
    { numRuns: 300 },
  );
});

it('forgets nobody soon: ten thousand who ask all the time are nearly all repeats', () => {
  const recent = createRecentExposures(Math.random);
  const serving = recent.serving('a', 1, 'x');
  const ask = (now: number): number => {
    let news = 0;
    for (let at = 0; at < 4_000; at++) if (recent.isNews(serving, `user-${at}`, Math.imul(at, 0x5bd1e995), now)) news++;
    return news;
  };
  expect(ask(0)).toBe(4_000);
  expect(ask(1)).toBeLessThan(2_000);
});

it('is not misled by a clock that was set back', () => {
  const recent = createRecentExposures(Math.random);
  const serving = recent.serving('a', 1, 'x');
  expect(recent.isNews(serving, 'anna', 1, 5_000)).toBe(true);
  expect(recent.isNews(serving, 'anna', 1, 4_000)).toBe(true);
  expect(recent.isNews(serving, 'anna', 1, 4_500)).toBe(false);
});

it('takes all for news after it was told to forget, and bounds what it tells apart', () => {
  const recent = createRecentExposures(Math.random);
  expect(recent.isNews(recent.serving('a', 1, 'x'), 'anna', 1, 0)).toBe(true);
  recent.forget();
  expect(recent.isNews(recent.serving('a', 1, 'x'), 'anna', 1, 1)).toBe(true);
  for (let revision = 2; revision < 300; revision++) recent.serving('a', revision, 'x');
  expect(recent.isNews(recent.serving('a', 1, 'x'), 'anna', 1, 2)).toBe(true);
});
