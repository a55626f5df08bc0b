import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logGamma } from '#rollout/evidence/log-gamma';
import { assessCrossovers, assessSampleRatio, logMismatch } from '#rollout/evidence/sample-ratio';
import { urnBayesFactor } from './fixtures/paper-formulas.ts';

/** By mpmath, to forty digits. */
const LOG_GAMMAS = [
  [0.001, 6.907_178_885_383_854],
  [0.5, 0.572_364_942_924_700_1],
  [3.7, 1.428_072_326_665_387_9],
  [11.99, 17.477_885_575_426_185],
  [12, 17.502_307_845_873_887],
  [100.25, 360.284_559_637_764_23],
  [1_000_000.5, 12_815_511.476_902_766],
  [1e12, 26_631_021_115_915.652],
] as const;

const fill = (treated: number, control: number, share = 0.05, stage = 0) => ({
  stage,
  exposures: [treated, control],
  shares: [share, 1 - share],
});

describe('the sample ratio', () => {
  it('is judged as the urn of the paper does, to 1e-9', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.nat(400), fc.nat(100), fc.integer({ min: 1, max: 18 }), (a, b, c, twentieths) => {
        const shares = [twentieths / 20, 0.5 - twentieths / 40, 0.5 - twentieths / 40];
        const exact = urnBayesFactor([a, b, c], shares, 1_000);
        expect(logMismatch([a, b, c], shares)).toBeCloseTo(Math.log(exact), 9);
      }),
    );
  });

  it('gives what was computed with forty digits elsewhere', () => {
    expect(logMismatch([60, 440], [0.1, 0.9])).toBeCloseTo(0.131_692_759_698_204_2, 9);
    expect(logMismatch([49_000, 950_000], [0.05, 0.95])).toBeCloseTo(6.111_094_045_907_021, 6);
    for (const [x, log] of LOG_GAMMAS)
      expect(Math.abs(logGamma(x) - log)).toBeLessThan(1e-14 * Math.max(1, Math.abs(log)) * 4);
    expect(logGamma(0)).toBeNaN();
    expect(logGamma(-1)).toBeNaN();
  });

  it('holds where an arm misses a fifth of its exposures, and stays so', () => {
    const found = assessSampleRatio([fill(4_000, 95_000)], 5, 0);
    expect(found.verdict).toMatchObject({ kind: 'UNHEALTHY', reason: 'sample-ratio-mismatch', threshold: 1_000 });
    expect(assessSampleRatio([fill(5_000, 95_000)], 5, found.peak).verdict.kind).toBe('UNHEALTHY');
    expect(assessSampleRatio([fill(5_000, 95_000)], 5, 0).verdict.kind).toBe('PASS');
  });

  it('is found at a later stage, whatever the earlier ones were', () => {
    const fills = [fill(10_000, 990_000, 0.01), fill(4_000, 95_000, 0.05, 1)];
    expect(assessSampleRatio(fills, 5, 0).verdict.kind).toBe('UNHEALTHY');
  });

  it('B25: impossible shares and counts hold', () => {
    const reasonOf = (one: ReturnType<typeof fill>) => assessSampleRatio([one], 5, 0).verdict.reason;
    for (const share of [0, 1, -0.1, 1.1, Number.NaN]) expect(reasonOf(fill(5, 95, share))).toBe('impossible-share');
    expect(reasonOf({ ...fill(5, 95), shares: [0.5, 0.4] })).toBe('impossible-share');
    expect(reasonOf({ ...fill(5, 95), shares: [1] })).toBe('impossible-share');
    expect(reasonOf({ ...fill(5, 95), exposures: [5] })).toBe('impossible-share');
    expect(reasonOf(fill(Number.NaN, 95))).toBe('not-finite');
    expect(reasonOf(fill(-5, 95))).toBe('negative');
    expect(reasonOf(fill(0, 0))).toBe('no-exposures');
    expect(assessSampleRatio([], 5, 0).verdict.reason).toBe('no-exposures');
  });

  it('tolerates not one unit in two arms', () => {
    expect(assessCrossovers(0).kind).toBe('PASS');
    expect(assessCrossovers(1)).toMatchObject({ kind: 'FAIL', reason: 'unit-in-two-arms' });
    expect(assessCrossovers(Number.NaN)).toMatchObject({ kind: 'UNHEALTHY', reason: 'not-finite' });
  });
});
