import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assessRates, safetyOf } from '#rollout/evidence/assess-rates';
import { attemptWeight } from '#rollout/evidence/attempt-weight';
import { addOutcomes, gateMixture, harmMixture, logWorth, type Mixture } from '#rollout/evidence/rate-mixture';
import { ratePlan } from '#rollout/evidence/rate-plan';
import { emptyRateState } from '#rollout/evidence/rate-state';
import { stageBound } from '#rollout/evidence/stage-bound';
import { cellOf, MINUTE_MS, type Numbers, PLAN, reportOf, STAGES, stateAfter } from './fixtures/cells.ts';
import { type Look, likelihoodRatio, mixtureOf } from './fixtures/paper-formulas.ts';

const stakesOf = ({ logWeights }: Mixture) => logWeights.map(Math.exp);

const worthOf = (mixture: Mixture, looks: readonly Look[]) =>
  mixtureOf(
    mixture.ratios.map((ratio) => likelihoodRatio(looks, ratio, mixture.limit)),
    stakesOf(mixture),
  );

/** Cumulative counts of one cell over some looks, and the same as a path. */
const paths = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 400 }), fc.nat(4), fc.nat(6)), {
    minLength: 1,
    maxLength: 6,
  })
  .map((ticks) => {
    let [treated, x, control, y] = [0, 0, 0, 0];
    return ticks.map(([moreTreated, moreControl, moreX, moreY]) => {
      treated += moreTreated;
      control += moreControl;
      const look: Look = {
        treatedExposed: treated,
        controlExposed: control,
        treated: Math.min(moreX, treated - x),
        control: Math.min(moreY, control - y),
      };
      x += look.treated;
      y += look.control;
      return { look, numbers: [treated, x, control, y] as const };
    });
  });

describe('the evidence of harm', () => {
  it('is what the formula of the paper gives, to 1e-9', () => {
    fc.assert(
      fc.property(paths, (ticks) => {
        const looks = ticks.map(({ look }) => look);
        const state = stateAfter(
          PLAN,
          ticks.map(({ numbers }, at) => reportOf([cellOf(numbers)], { now: 2 * MINUTE_MS + at })),
        );
        const one = worthOf(PLAN.harm, looks);
        // The first of five planned stages: it is all of the rollout, and the four others wait at 1.
        const expected = attemptWeight(0) * (one / 2 + (one + STAGES.length - 1) / STAGES.length / 2);
        expect(Math.exp(state.evidence) / expected).toBeCloseTo(1, 9);
        expect(Math.exp(safetyOf(PLAN, state)) / worthOf(PLAN.gates[0] as Mixture, looks)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('is on average at most its stake under the limit itself, whatever the shares, the rate and how many outcomes one look takes', () => {
    // All outcomes of so many units, each with its probability: the expectation is exact, not sampled.
    for (const [treated, control, rate] of [
      [3, 9, 0.3],
      [6, 6, 0.05],
      [1, 12, 0.8],
      [9, 3, 0.5],
    ] as const) {
      expect(expectedWorth(PLAN.harm, treated, control, Math.min(1, 1.1 * rate), rate)).toBeLessThanOrEqual(1 + 1e-12);
      expect(expectedWorth(PLAN.harm, treated, control, rate, rate)).toBeLessThanOrEqual(1 + 1e-12);
      const gate = PLAN.gates[4] as Mixture;
      const safeRate = Math.min(rate, 0.6);
      expect(expectedWorth(gate, treated, control, 1.5 * safeRate, safeRate)).toBeLessThanOrEqual(1 + 1e-12);
      const fall = harmMixture('decrease', 0.95);
      expect(expectedWorth(fall, treated, control, 0.95 * rate, rate)).toBeLessThanOrEqual(1 + 1e-12);
      expect(expectedWorth(fall, treated, control, rate, rate)).toBeLessThanOrEqual(1 + 1e-12);
    }
  });

  it('is on average at most its stake over all looks of a minute in which most of both arms fail at once', () => {
    // Two looks of the same minute, each with the same new units, of whom those who fail do so at once. What the first found is known at the second.
    for (const rate of [0.1, 0.3, 0.6, 0.9]) {
      for (const effect of [1, 1.1]) {
        expect(expectedOfTwoLooks([3, 5], effect * rate, rate)).toBeLessThanOrEqual(attemptWeight(0) + 1e-12);
      }
    }
    expect(expectedOfTwoLooks([3, 5], 0.9, 0.2)).toBeGreaterThan(1.1);
  });

  it('is a martingale at the limit over the outcomes of a minute, however late they are', () => {
    // Whatever came before, the next one is of the treated arm in its share: hence the same factor on average after each history.
    const share = 0.25;
    const chance = (share * 1.1) / (1 + share * 0.1);
    const worthWith = (x: number, y: number) => worthAfter([1_000, x, 3_000, y]);
    for (const [x, y] of [
      [0, 0],
      [1, 40],
      [300, 20],
      [900, 2_700],
    ] as const) {
      const next = chance * worthWith(x + 1, y) + (1 - chance) * worthWith(x, y + 1);
      expect(next / worthWith(x, y)).toBeCloseTo(1, 9);
    }
  });

  it('is of the ratio of rates, though most of both arms fail: 1.1 times a rate of 60 % is no harm, at whatever look', () => {
    // A minute of 100,000 units in either arm, a tenth of whose outcomes comes at each look: 1.1 times as many all along. Hazards come to differ by 1.25.
    const reports = Array.from({ length: 10 }, (_, at) =>
      reportOf([cellOf([100_000, 6_600 * (at + 1), 100_000, 6_000 * (at + 1)], { stage: 3 })], {
        stage: 3,
        now: 2 * MINUTE_MS + at,
      }),
    );
    const state = stateAfter(PLAN, reports);
    expect(state.peak).toBeLessThan(0.01);
    const plan = ratePlan({ direction: 'increase', maxRelativeChange: 0.05, stages: STAGES });
    expect(stateAfter(plan, reports).evidence).toBeGreaterThan(state.evidence);
  });

  it('grows on average where the effect is there', () => {
    expect(expectedWorth(PLAN.harm, 6, 12, 0.8, 0.2)).toBeGreaterThan(1.1);
    expect(expectedWorth(harmMixture('decrease', 0.95), 12, 12, 0.2, 0.7)).toBeGreaterThan(1.1);
    expect(expectedWorth(gateMixture('increase', 5), 12, 12, 0.1, 0.1)).toBeGreaterThan(1.1);
  });

  it('takes outcomes at the share of their exposure minute, not of the minute in which they come', () => {
    const early = cellOf([10, 0, 990, 0], { stage: 0, minute: 1 });
    const late = { ...early, treatment: { exposures: 10, outcomes: 1 }, control: { exposures: 990, outcomes: 99 } };
    const next = cellOf([500, 0, 500, 0], { stage: 3, revision: 8, minute: 5 });
    const reports = [reportOf([early]), reportOf([late, next], { stage: 3, now: 6 * MINUTE_MS })];
    const looks: Look[] = [{ treatedExposed: 10, controlExposed: 990, treated: 1, control: 99 }];
    const state = stateAfter(PLAN, reports);
    expect(Math.exp(state.records[0]?.evidence as number)).toBeCloseTo(worthOf(PLAN.harm, looks), 9);
    expect(state.records[1]?.evidence).toBe(0);
  });

  it('of the whole rollout is half that of all stages together, half the mean over the planned ones', () => {
    const looks: Look[] = [
      { treatedExposed: 10, controlExposed: 990, treated: 2, control: 15 },
      { treatedExposed: 50, controlExposed: 950, treated: 9, control: 20 },
    ];
    const state = stateAfter(PLAN, [
      reportOf([cellOf([10, 2, 990, 15])]),
      reportOf([cellOf([50, 9, 950, 20], { stage: 1, revision: 8, minute: 4 })], { stage: 1, now: 5 * MINUTE_MS }),
    ]);
    const [first, second] = looks.map((look) => worthOf(PLAN.harm, [look])) as [number, number];
    const expected = attemptWeight(0) * (worthOf(PLAN.harm, looks) / 2 + (first + second + 3) / 5 / 2);
    expect(Math.exp(state.evidence) / expected).toBeCloseTo(1, 9);
  });

  it('counts for less at each resume, and all attempts together never for more than alpha', () => {
    const weights = Array.from({ length: 200 }, (_, attempt) => attemptWeight(attempt));
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeLessThanOrEqual(1);
    for (let at = 1; at < 200; at++) expect(weights[at]).toBeLessThan(weights[at - 1] as number);
    for (const odd of [Number.NaN, -1, 0.5]) expect(attemptWeight(odd)).toBe(0);
  });

  it('stays enough once it was enough, whatever comes after', () => {
    const harmful = stateAfter(PLAN, [reportOf([cellOf([600, 60, 11_400, 228])])]);
    expect(assessRates(PLAN, harmful, null)).toMatchObject({ kind: 'FAIL', reason: 'evidence-of-harm' });
    const better = stateAfter(
      PLAN,
      [reportOf([cellOf([100_000, 60, 200_000, 9_000])], { now: 3 * MINUTE_MS })],
      harmful,
    );
    expect(better.evidence).toBeLessThan(0);
    expect(assessRates(PLAN, better, null).kind).toBe('FAIL');
    expect(assessRates(PLAN, better, 'not-finite').kind).toBe('FAIL');
  });
});

/** What the bets of harm are worth after two looks at a cell, the second of which sees the last outcome come. */
function worthAfter([treated, x, control, y]: Numbers): number {
  const state = stateAfter(PLAN, [
    reportOf([cellOf([treated, Math.max(0, x - 1), control, Math.max(0, y - 1)])]),
    reportOf([cellOf([treated, x, control, y])], { now: 2 * MINUTE_MS + 1 }),
  ]);
  return Math.exp(logWorth(state.records[0]?.harm as readonly number[], PLAN.harm));
}

/** E[evidence] after two looks, each of which sees so many new units of either arm and all of their outcomes. */
function expectedOfTwoLooks([treated, control]: readonly [number, number], treatedRate: number, rate: number): number {
  const plan = ratePlan({ direction: 'increase', maxRelativeChange: 0.1, stages: [50] });
  let sum = 0;
  for (let x = 0; x <= treated; x++) {
    for (let y = 0; y <= control; y++) {
      const first = stateAfter(plan, [reportOf([cellOf([treated, x, control, y])])]);
      const firstChance = binomial(treated, x, treatedRate) * binomial(control, y, rate);
      for (let u = 0; u <= treated; u++) {
        for (let v = 0; v <= control; v++) {
          const cell = cellOf([2 * treated, x + u, 2 * control, y + v]);
          const both = stateAfter(plan, [reportOf([cell], { now: 2 * MINUTE_MS + 1 })], first);
          sum += firstChance * binomial(treated, u, treatedRate) * binomial(control, v, rate) * Math.exp(both.evidence);
        }
      }
    }
  }
  return sum;
}

/** E[worth] over all numbers of outcomes of binomial arms, taken in one look. */
function expectedWorth(mixture: Mixture, treated: number, control: number, treatedRate: number, rate: number): number {
  let sum = 0;
  for (let x = 0; x <= treated; x++) {
    for (let y = 0; y <= control; y++) {
      const logs = mixture.ratios.map(() => 0);
      addOutcomes(logs, mixture, x, x + y, treated / (treated + control));
      sum += binomial(treated, x, treatedRate) * binomial(control, y, rate) * Math.exp(logWorth(logs, mixture));
    }
  }
  return sum;
}

function binomial(n: number, k: number, p: number): number {
  let ways = 1;
  for (let at = 0; at < k; at++) ways = (ways * (n - at)) / (at + 1);
  return ways * p ** k * (1 - p) ** (n - k);
}

describe('the advance gate', () => {
  it('asks for a lower bound as more users are at stake, and never for less than what is allowed', () => {
    expect([1, 5, 25, 50, 100].map((percent) => stageBound(percent, 'increase', 1.1))).toEqual([5, 3, 2, 1.5, 1.5]);
    expect([0.1, 1, 1.1, 26].map((percent) => stageBound(percent, 'increase', 1.1))).toEqual([5, 5, 3, 1.5]);
    expect(stageBound(100, 'increase', 2)).toBe(2.5);
    expect(stageBound(1, 'decrease', 0.95)).toBe(1 / 5);
    expect(stageBound(100, 'decrease', 0.5)).toBeCloseTo(0.4, 12);
  });

  it('is closed until there is evidence, open with it, and begins anew at each stage', () => {
    const calm = stateAfter(PLAN, [reportOf([cellOf([2_000, 40, 198_000, 3_960])])]);
    expect(assessRates(PLAN, calm, null)).toMatchObject({ kind: 'PASS', reason: 'evidence-of-safety' });
    const next = stateAfter(PLAN, [reportOf([], { stage: 1, now: 3 * MINUTE_MS })], calm);
    expect(assessRates(PLAN, next, null)).toMatchObject({ kind: 'NO_DATA', reason: 'no-exposures' });
    const begun = cellOf([10, 0, 190, 4], { stage: 1, revision: 8, minute: 3 });
    const little = stateAfter(PLAN, [reportOf([begun], { stage: 1, now: 4 * MINUTE_MS })], next);
    const verdict = assessRates(PLAN, little, null);
    expect(verdict).toMatchObject({
      kind: 'INCONCLUSIVE',
      reason: 'more-evidence-needed',
      safety: { below: 3, needed: 10 },
    });
  });

  it('works downwards for a conversion', () => {
    const plan = ratePlan({ direction: 'decrease', maxRelativeChange: 0.05, stages: STAGES });
    const same = stateAfter(plan, [reportOf([cellOf([5_000, 150, 5_000, 152], { stage: 3 })], { stage: 3 })]);
    expect(assessRates(plan, same, null).kind).toBe('PASS');
    const halved = stateAfter(plan, [reportOf([cellOf([5_000, 75, 5_000, 152], { stage: 3 })], { stage: 3 })]);
    expect(assessRates(plan, halved, null).kind).toBe('FAIL');
    const risen = stateAfter(plan, [reportOf([cellOf([5_000, 300, 5_000, 152], { stage: 3 })], { stage: 3 })]);
    expect(assessRates(plan, risen, null).kind).toBe('PASS');
  });
});

describe('a verdict on a rate', () => {
  it('prints the founding incident: 4 times the errors at 5 %, decided with its evidence', () => {
    // 50 eligible users a second for 90 seconds, 2 % errors: 225 treated, of whom 18 fail.
    const state = stateAfter(PLAN, [reportOf([cellOf([225, 18, 4_275, 86], { stage: 1 })], { stage: 1 })]);
    const verdict = assessRates(PLAN, state, null);
    expect(verdict).toMatchObject({ kind: 'FAIL', reason: 'evidence-of-harm', threshold: 100, alwaysValid: true });
    expect(verdict.evidence).toBeGreaterThan(100);
    expect(verdict.estimate).toBeCloseTo(18 / 225 / (86 / 4_275), 9);
    expect(verdict.interval?.low).toBeGreaterThan(1.1);
    expect(verdict.interval?.high).toBeLessThan(20);
  });

  it('B26: says what is missing, and holds', () => {
    const verdict = (numbers: readonly [number, number, number, number]) =>
      assessRates(PLAN, stateAfter(PLAN, [reportOf([cellOf(numbers)])]), null);
    expect(verdict([0, 0, 0, 0])).toMatchObject({ kind: 'NO_DATA', reason: 'no-exposures' });
    expect(verdict([0, 0, 5_000, 100])).toMatchObject({ kind: 'NO_DATA', reason: 'no-treated' });
    expect(verdict([5_000, 100, 0, 0])).toMatchObject({ kind: 'NO_DATA', reason: 'no-control' });
    expect(verdict([5_000, 0, 5_000, 0])).toMatchObject({ kind: 'NO_DATA', reason: 'no-outcomes' });
    expect(assessRates(PLAN, emptyRateState(), null)).toMatchObject({ kind: 'NO_DATA', reason: 'no-exposures' });
    expect(verdict([5_000, 30, 5_000, 0])).toMatchObject({ kind: 'FAIL', estimate: null });
  });
});
