import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assessLatency, EMPTY_LATENCY_STATE, type LatencyState } from '#rollout/evidence/assess-latency';
import { chanceEvidence, chanceMixture } from '#rollout/evidence/chance-mixture';
import { type LatencyPlan, latencyPlan } from '#rollout/evidence/latency-plan';
import { quantileBounds } from '#rollout/evidence/quantile-evidence';
import {
  bucketOf,
  countAbove,
  EMPTY_SKETCH,
  edgeOf,
  exceedancesOf,
  LAST_BUCKET,
  sketchOf,
} from '#rollout/evidence/sketch';
import type { Sketch, SketchStatistics } from '#rollout/evidence/statistics';
import { bernoulliBet } from './fixtures/paper-formulas.ts';

const STAGES = [1, 5, 25, 50, 100];
const PLAN = latencyPlan({ limit: { maxRelativeIncrease: 0.15 }, stages: STAGES });

/** Evenly spread samples, so that a quantile is what it looks like. */
const spread = (count: number, factor = 1): number[] =>
  Array.from({ length: count }, (_, at) => factor * 80 * Math.exp(2 * ((at + 0.5) / count)));

const statistics = (treated: readonly number[], control: readonly number[], stage = 1): SketchStatistics => ({
  source: 'sketch',
  stage,
  treatment: sketchOf(treated).sketch,
  control: sketchOf(control).sketch,
});

const look = (given: SketchStatistics, plan: LatencyPlan = PLAN, state: LatencyState = EMPTY_LATENCY_STATE, now = 1) =>
  assessLatency(plan, state, given, now);

describe('a sketch', () => {
  it('knows each sample to 1 %, and exactly how many exceed an edge', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.11, max: 590_000, noNaN: true }), { minLength: 1, maxLength: 60 }),
        (samples) => {
          const found = exceedancesOf(sketchOf(samples).sketch);
          expect(found.samples).toBe(samples.length);
          for (const sample of samples) {
            const bucket = bucketOf(sample) as number;
            const middle = (2 * edgeOf(bucket)) / (1 + 1.01 / 0.99);
            expect(Math.abs(middle - sample) / sample).toBeLessThan(0.010_001);
            const above = samples.filter((one) => (bucketOf(one) as number) > bucket).length;
            expect(countAbove(found, bucket)).toBe(above);
          }
        },
      ),
    );
  });

  it('takes what lies beyond its range at its ends, and leaves out what is no latency', () => {
    const { sketch, refused } = sketchOf([0, 1e-9, 1e12, -1, Number.NaN, Number.POSITIVE_INFINITY]);
    expect(refused).toBe(3);
    expect(exceedancesOf(sketch).samples).toBe(3);
    expect(sketch.first + sketch.counts.length - 1).toBe(LAST_BUCKET);
    expect(sketchOf([]).sketch).toEqual(EMPTY_SKETCH);
  });

  it('of both arms, full everywhere, stays below 16 KB', () => {
    const full: Sketch = {
      first: bucketOf(0) as number,
      counts: new Array(LAST_BUCKET - (bucketOf(0) as number) + 1).fill(1_234_567),
    };
    const kept = {
      state: EMPTY_LATENCY_STATE,
      statistics: { source: 'sketch', stage: 1, treatment: full, control: full },
    };
    expect(JSON.stringify(kept).length).toBeLessThan(16_384);
  });
});

describe('the test of one probability', () => {
  it('gives what was computed with forty digits elsewhere', () => {
    expect(chanceEvidence(chanceMixture(0.05, 'above'), 12, 100)).toBeCloseTo(2.329_315_205_586_628, 9);
    expect(chanceEvidence(chanceMixture(0.05, 'below'), 12, 1_000)).toBeCloseTo(19.537_763_346_729_73, 9);
    expect(chanceEvidence(chanceMixture(0.5, 'above'), 70, 100)).toBeCloseTo(6.572_210_552_577_475, 9);
  });

  it('is the mean of plain Bernoulli bets', () => {
    const mixture = chanceMixture(0.05, 'above');
    const bets = mixture.hits.map((log) => bernoulliBet(9, 91, 0.05, 0.05 * Math.exp(log)));
    const mean = bets.reduce((sum, bet) => sum + bet, 0) / bets.length;
    expect(Math.exp(chanceEvidence(mixture, 9, 100)) / mean).toBeCloseTo(1, 9);
  });

  it('rises with the hits where they speak for it, and falls where not', () => {
    for (const side of ['above', 'below'] as const) {
      const worths = Array.from({ length: 41 }, (_, hits) => chanceEvidence(chanceMixture(0.05, side), hits, 400));
      const sorted = [...worths].sort((a, b) => (side === 'above' ? a - b : b - a));
      expect(worths).toEqual(sorted);
    }
  });
});

describe('the verdict on a p95', () => {
  it('breaches on evidence of more than 15 %, passes on evidence of less than the bound of the stage', () => {
    expect(look(statistics(spread(3_000, 2), spread(57_000))).verdict).toMatchObject({
      kind: 'FAIL',
      reason: 'evidence-of-harm',
    });
    expect(look(statistics(spread(3_000), spread(57_000))).verdict).toMatchObject({
      kind: 'PASS',
      reason: 'evidence-of-safety',
      safety: { below: 3, needed: 10 },
    });
    expect(look(statistics(spread(20), spread(380))).verdict).toMatchObject({ kind: 'INCONCLUSIVE' });
  });

  it('says the ratio, and an interval that holds at every look', () => {
    const { verdict } = look(statistics(spread(3_000, 1.5), spread(57_000)));
    expect(verdict.estimate).toBeGreaterThan(1.45);
    expect(verdict.estimate).toBeLessThan(1.55);
    expect(verdict.interval?.low).toBeLessThan(1.5);
    expect(verdict.interval?.high).toBeGreaterThan(1.5);
  });

  it('fails if and only if the bounds at its level are apart by more than the limit', () => {
    const level = Math.log(2 / PLAN.alpha) - PLAN.logWeight;
    for (let count = 100; count <= 1_300; count += 300) {
      for (const factor of [1, 1.3, 1.6, 2.2]) {
        const given = statistics(spread(count, factor), spread(19 * count));
        const [treated, control] = [exceedancesOf(given.treatment), exceedancesOf(given.control)];
        const low = quantileBounds(PLAN, treated, level).low ?? Number.NEGATIVE_INFINITY;
        const high = quantileBounds(PLAN, control, level).high ?? Number.POSITIVE_INFINITY;
        const apart = low - high >= (PLAN.limit.kind === 'relative' ? PLAN.limit.buckets : Number.NaN);
        expect(look(given).verdict.kind === 'FAIL').toBe(apart);
      }
    }
  });

  it('stays failed within its attempt, though the stage is left', () => {
    const failed = look(statistics(spread(3_000, 2), spread(57_000)));
    const next = look(statistics(spread(3_000), spread(9_000), 2), PLAN, failed.state, 2);
    expect(next.verdict.kind).toBe('FAIL');
    expect(look({ ...statistics([], []), stage: 99 }, PLAN, failed.state, 3).verdict.kind).toBe('FAIL');
  });

  it('judges milliseconds where the limit is one, without a control', () => {
    const plan = latencyPlan({ limit: { maxMs: 700 }, stages: [100] });
    expect(look(statistics(spread(3_000), [], 0), plan).verdict).toMatchObject({
      kind: 'PASS',
      safety: { below: 700 },
    });
    expect(look(statistics(spread(3_000, 1.5), [], 0), plan).verdict.kind).toBe('FAIL');
  });

  it('B25, B26: empty, missing, decreased or impossible sketches hold with the reason', () => {
    const sound = look(statistics(spread(500), spread(500)));
    const reasonOf = (given: SketchStatistics, now = 2) => {
      const { verdict } = look(given, PLAN, sound.state, now);
      expect(['NO_DATA', 'UNHEALTHY']).toContain(verdict.kind);
      return verdict.reason;
    };
    const damaged = (treatment: Sketch) => ({ ...statistics(spread(500), spread(500)), treatment });
    expect(reasonOf(statistics([], [], 2))).toBe('no-samples');
    expect(reasonOf(statistics([], [5], 2))).toBe('no-treated');
    expect(reasonOf(statistics([5], [], 2))).toBe('no-control');
    expect(reasonOf(statistics(spread(499), spread(500)))).toBe('counts-decreased');
    expect(reasonOf(damaged({ first: 0, counts: [Number.NaN] }))).toBe('not-finite');
    expect(reasonOf(damaged({ first: 0, counts: [-5] }))).toBe('negative');
    expect(reasonOf(damaged({ first: 0.5, counts: [5] }))).toBe('impossible-count');
    expect(reasonOf(damaged({ first: 0, counts: new Array(5_000).fill(1) }))).toBe('impossible-count');
    expect(reasonOf(damaged({ first: Number.NEGATIVE_INFINITY, counts: [5] }))).toBe('impossible-count');
    expect(reasonOf(damaged({ first: 0, counts: [2 ** 53 - 1, 2 ** 53 - 1] }))).toBe('impossible-count');
    expect(reasonOf(statistics(spread(500), spread(500), 9))).toBe('unknown-stage');
    expect(reasonOf(statistics(spread(600), spread(600)), 0)).toBe('clock-backwards');
    expect(reasonOf(statistics(spread(600), spread(600)), Number.NaN)).toBe('not-finite');
  });
});
