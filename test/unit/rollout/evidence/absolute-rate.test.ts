import { describe, expect, it } from 'vitest';
import { absoluteRatePlan, assessAbsoluteRate } from '#rollout/evidence/assess-absolute-rate';
import { attemptWeight } from '#rollout/evidence/attempt-weight';
import { emptyRateState } from '#rollout/evidence/rate-state';
import { cellOf, MINUTE_MS, type Numbers, PLAN, reportOf, stateAfter } from './fixtures/cells.ts';
import { bernoulliBet } from './fixtures/paper-formulas.ts';

const ERRORS = absoluteRatePlan('above', 0.02, 5);
const CONVERSIONS = absoluteRatePlan('below', 0.03, 5);

/** At 100, where there is no control: an hour ago, so that all of it is settled, or a minute ago. */
const stateOf = (numbers: Numbers, minutesAgo: number) =>
  stateAfter(PLAN, [
    reportOf([cellOf(numbers, { stage: 4, minute: 100 })], { stage: 4, now: 100 * MINUTE_MS }),
    reportOf([], { stage: 4, now: (100 + minutesAgo) * MINUTE_MS }),
  ]);

describe('a limit on the rate itself', () => {
  it('breaches on evidence above it, passes on evidence below it, and holds in between', () => {
    expect(assessAbsoluteRate(ERRORS, stateOf([10_000, 400, 0, 0], 60), null)).toMatchObject({
      kind: 'FAIL',
      reason: 'over-limit',
      estimate: 0.04,
    });
    expect(assessAbsoluteRate(ERRORS, stateOf([10_000, 50, 0, 0], 60), null)).toMatchObject({
      kind: 'PASS',
      reason: 'within-limit',
    });
    expect(assessAbsoluteRate(ERRORS, stateOf([10_000, 198, 0, 0], 60), null).kind).toBe('INCONCLUSIVE');
    expect(assessAbsoluteRate(CONVERSIONS, stateOf([10_000, 200, 0, 0], 60), null).kind).toBe('FAIL');
    expect(assessAbsoluteRate(CONVERSIONS, stateOf([10_000, 400, 0, 0], 60), null).kind).toBe('PASS');
  });

  it('takes no outcome for granted while it may still come', () => {
    expect(assessAbsoluteRate(ERRORS, stateOf([10_000, 50, 0, 0], 1), null).kind).toBe('INCONCLUSIVE');
    expect(assessAbsoluteRate(CONVERSIONS, stateOf([10_000, 0, 0, 0], 1), null).kind).toBe('INCONCLUSIVE');
    expect(assessAbsoluteRate(ERRORS, stateOf([10_000, 400, 0, 0], 1), null).kind).toBe('FAIL');
  });

  it('passes a service without errors', () => {
    expect(assessAbsoluteRate(ERRORS, stateOf([10_000, 0, 0, 0], 60), null).kind).toBe('PASS');
  });

  it('has the evidence of plain Bernoulli bets, weighed as the stages are', () => {
    const { evidence } = assessAbsoluteRate(ERRORS, stateOf([50, 4, 0, 0], 1), null);
    const bets = ERRORS.above.hits.map((log) => bernoulliBet(4, 46, 0.02, 0.02 * Math.exp(log)));
    const mean = bets.reduce((sum, bet) => sum + bet, 0) / bets.length;
    expect((evidence as number) / (attemptWeight(0) * (mean / 2 + (mean + 4) / 5 / 2))).toBeCloseTo(1, 9);
  });

  it('B25, B26: holds on nothing, on trouble, and on a limit that is none', () => {
    expect(assessAbsoluteRate(ERRORS, emptyRateState(), null)).toMatchObject({ kind: 'NO_DATA', reason: 'no-treated' });
    expect(assessAbsoluteRate(ERRORS, stateOf([0, 0, 500, 5], 60), null)).toMatchObject({ kind: 'NO_DATA' });
    const trouble = assessAbsoluteRate(ERRORS, stateOf([10_000, 50, 0, 0], 60), 'counts-decreased');
    expect(trouble).toMatchObject({ kind: 'UNHEALTHY', reason: 'counts-decreased' });
    for (const limit of [0, 1, -1, Number.NaN, 2]) {
      expect(assessAbsoluteRate(absoluteRatePlan('above', limit, 5), stateOf([10, 5, 0, 0], 60), null).kind).toBe(
        'UNHEALTHY',
      );
    }
  });
});
