import { describe, expect, it } from 'vitest';
import { rateRatio } from '#rollout/evidence/assess-rates';
import { ratioInterval } from '#rollout/evidence/ratio-interval';
import { secondsToDecide } from '#rollout/evidence/time-to-decide';
import { cellOf, MINUTE_MS, type Numbers, PLAN, reportOf, stateAfter } from './fixtures/cells.ts';
import { likelihoodRatio, mixtureOf } from './fixtures/paper-formulas.ts';

const recordsOf = (...stages: readonly Numbers[]) =>
  stateAfter(
    PLAN,
    stages.map((numbers, stage) =>
      reportOf([cellOf(numbers, { stage, revision: stage, minute: stage })], { stage, now: (stage + 1) * MINUTE_MS }),
    ),
  ).records;

describe('the always-valid interval of the ratio', () => {
  it('ends where the test of the paper has just not enough evidence', () => {
    const look = { treatedExposed: 500, controlExposed: 1_500, treated: 40, control: 70 };
    const { low, high } = ratioInterval(recordsOf([500, 40, 1_500, 70]), 0.01) as { low: number; high: number };
    const factors = [1.04, 1.08, 1.16, 1.35, 1.8, 3, 6, 12];
    const evidence = (limit: number, side: 1 | -1) =>
      mixtureOf(
        factors.map((factor) => likelihoodRatio([look], limit * factor ** side, limit)),
        factors.map(() => 1 / factors.length),
      );
    expect(evidence(low, 1)).toBeCloseTo(100, 2);
    expect(evidence(high, -1)).toBeCloseTo(100, 2);
    expect(low).toBeLessThan(40 / 500 / (70 / 1_500));
    expect(high).toBeGreaterThan(40 / 500 / (70 / 1_500));
  });

  it('narrows as outcomes come, and is unbounded while there are none', () => {
    const width = (times: number) => {
      const { low, high } = ratioInterval(recordsOf([500 * times, 10 * times, 9_500 * times, 190 * times]), 0.01);
      return Math.log((high as number) / (low as number));
    };
    expect(width(100)).toBeLessThan(width(10) / 2.5);
    expect(width(10)).toBeLessThan(width(2));
    expect(ratioInterval([], 0.01)).toEqual({ low: null, high: null });
    expect(ratioInterval(recordsOf([50, 0, 950, 0]), 0.01)).toEqual({ low: null, high: null });
    expect(ratioInterval(recordsOf([5_000, 0, 5_000, 100]), 0.01).low).toBeNull();
    expect(ratioInterval(recordsOf([5_000, 0, 5_000, 100]), 0.01).high).toBeLessThan(0.2);
    expect(ratioInterval(recordsOf([5_000, 100, 5_000, 0]), 0.01).high).toBeNull();
  });

  it('is not deceived by a baseline that changes together with the share', () => {
    // Nothing differs within either stage; the totals pooled would say that the treated rate is 4 times control's.
    const records = recordsOf([1_000, 10, 99_000, 990], [50_000, 5_000, 50_000, 5_000]);
    expect(rateRatio(records)).toBeCloseTo(1, 9);
    const { low, high } = ratioInterval(records, 0.01);
    expect(low).toBeGreaterThan(0.8);
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(1);
  });
});

describe('the time to decide', () => {
  const pace = { outcomesPerSecond: 1, share: 0.05, ratio: 4 };

  it('is what is missing over what an outcome adds on average', () => {
    const [p, q] = [(0.05 * 4) / 1.15, (0.05 * 1.1) / 1.005];
    const growth = p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
    expect(secondsToDecide(1, 4.6, 1.1, 'above', pace)).toBeCloseTo(3.6 / growth, 9);
    expect(secondsToDecide(5, 4.6, 1.1, 'above', pace)).toBe(0);
    const slower = secondsToDecide(1, 4.6, 1.1, 'above', { ...pace, outcomesPerSecond: 0.1 });
    expect(slower).toBeCloseTo(36 / growth, 8);
  });

  it('is unknown where the test will not come to it at all', () => {
    expect(secondsToDecide(0, 4.6, 1.1, 'above', { ...pace, ratio: 1 })).toBeNull();
    expect(secondsToDecide(0, 2.3, 3, 'below', { ...pace, ratio: 4 })).toBeNull();
    expect(secondsToDecide(0, 2.3, 3, 'below', { ...pace, ratio: 0 })).toBeGreaterThan(0);
    for (const odd of [0, -1, Number.NaN]) {
      expect(secondsToDecide(0, 4.6, 1.1, 'above', { ...pace, outcomesPerSecond: odd })).toBeNull();
    }
    for (const share of [0, 1, Number.NaN])
      expect(secondsToDecide(0, 4.6, 1.1, 'above', { ...pace, share })).toBeNull();
    expect(secondsToDecide(0, 4.6, 1.1, 'above', { ...pace, ratio: Number.NaN })).toBeNull();
  });
});
