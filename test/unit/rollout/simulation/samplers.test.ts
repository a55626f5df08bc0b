import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../scripts/sim/random.ts';
import { binomial, poisson } from '../../../../scripts/sim/samplers.ts';
import { timeQuantile, upperBound } from '../../../../scripts/sim/summary.ts';

const DRAWS = 20_000;

/** Chi-squared over its degrees of freedom, of bins in which at least 20 are expected. */
function misfit(draw: () => number, chanceOf: (k: number) => number, most: number): number {
  const found = new Map<number, number>();
  for (let at = 0; at < DRAWS; at++) {
    const k = draw();
    found.set(k, (found.get(k) ?? 0) + 1);
  }
  let [sum, bins, rest, restExpected] = [0, 0, DRAWS, DRAWS];
  for (let k = 0; k <= most; k++) {
    const expected = DRAWS * chanceOf(k);
    if (expected < 20) continue;
    const hits = found.get(k) ?? 0;
    sum += (hits - expected) ** 2 / expected;
    bins++;
    rest -= hits;
    restExpected -= expected;
  }
  if (restExpected > 20) sum += (rest - restExpected) ** 2 / restExpected;
  return sum / bins;
}

const poissonChance = (mean: number) => (k: number) => {
  let log = -mean;
  for (let at = 1; at <= k; at++) log += Math.log(mean / at);
  return Math.exp(log);
};

const binomialChance = (n: number, p: number) => (k: number) => {
  let log = n * Math.log1p(-p);
  for (let at = 1; at <= k; at++) log += Math.log((((n - at + 1) / at) * p) / (1 - p));
  return Math.exp(log);
};

describe('the samplers of the simulation', () => {
  it.each([0.05, 2, 9.9, 10.1, 60, 900])('draw a Poisson of mean %s as it is', (mean) => {
    const random = createRandom(`poisson ${mean}`);
    expect(misfit(() => poisson(random, mean), poissonChance(mean), 2 * mean + 50)).toBeLessThan(2);
  });

  it.each([
    [5, 0.3],
    [300, 0.02],
    [60, 0.5],
    [4_000, 0.3],
    [200, 0.93],
    [20_000, 0.001],
  ])('draw a binomial of %s at %s as it is', (n, p) => {
    const random = createRandom(`binomial ${n} ${p}`);
    expect(
      misfit(() => binomial(random, n, p), binomialChance(n, p), Math.min(n, n * p + 60 + 6 * Math.sqrt(n * p))),
    ).toBeLessThan(2);
  });

  it('know the ends', () => {
    const random = createRandom('ends');
    expect([binomial(random, 0, 0.5), binomial(random, 9, 0), binomial(random, 9, 1), poisson(random, 0)]).toEqual([
      0, 0, 9, 0,
    ]);
  });

  it('give the same numbers to the same name, and others to another', () => {
    const draws = (name: string) => Array.from({ length: 5 }, createRandom(name));
    expect(draws('a')).toEqual(draws('a'));
    expect(draws('a')).not.toEqual(draws('b'));
  });
});

describe('the summaries of the simulation', () => {
  it('take the exact upper bound of a rate', () => {
    // By scipy.stats.beta.ppf(0.95, k + 1, n - k).
    expect(upperBound(0, 1_500)).toBeCloseTo(0.001_995_161_862_279, 12);
    expect(upperBound(7, 1_500)).toBeCloseTo(0.008_747_451_460_717, 12);
    expect(upperBound(5, 5)).toBe(1);
  });

  it('take what never came as later than anything', () => {
    expect(timeQuantile([30, null, 10, 20], 0.5)).toBe(30);
    expect(timeQuantile([30, null, null], 0.5)).toBeNull();
    expect(timeQuantile([], 0.5)).toBeNull();
  });
});
