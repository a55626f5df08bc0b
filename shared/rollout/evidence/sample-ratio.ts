/**
 * Sample ratio mismatch: were the arms filled in the shares that the ruleset says? Where not, exposures are lost in one arm, or units are
 * assigned by something else, and no comparison means anything.
 *
 * Source: Lindon & Malek, NeurIPS 2022 (arXiv 2011.03567): the Bayes factor of a Dirichlet-multinomial about the designed shares against these
 * shares themselves, a martingale under them, so it may be looked at continuously. Assumes units assigned independently: first exposures.
 */
import { checkCount } from './check-cells.ts';
import { combineStages } from './combine-stages.ts';
import { logGamma } from './log-gamma.ts';
import { finiteExp } from './log-sum.ts';
import { fail, inconclusive, noData, pass, type UnhealthyReason, unhealthy, type Verdict } from './verdict.ts';

/** How closely departures are expected about the design: mismatches of a few percent are what is looked for. */
const CONCENTRATION = 1_000;
const THRESHOLD = 1_000;
/** Two shares that sum to 1 may miss it by rounding. */
const ROUNDING = 1e-6;

/** First exposures of one stage by arm, and the shares of all eligible units that the arms were designed to have. */
export interface ArmFill {
  readonly stage: number;
  readonly exposures: readonly number[];
  readonly shares: readonly number[];
}

/** ln of the Bayes factor of "other shares" against the designed ones, which are positive and sum to 1. */
export function logMismatch(exposures: readonly number[], shares: readonly number[]): number {
  let sum = 0;
  let log = logGamma(CONCENTRATION);
  for (let arm = 0; arm < exposures.length; arm++) {
    const found = exposures[arm] as number;
    const share = shares[arm] as number;
    sum += found;
    log += logGamma(CONCENTRATION * share + found) - logGamma(CONCENTRATION * share) - found * Math.log(share);
  }
  return log - logGamma(CONCENTRATION + sum);
}

/** `peak`: the greatest ln of evidence of earlier looks; a mismatch once found stays. `stages`: how many are planned. */
export function assessSampleRatio(
  fills: readonly ArmFill[],
  stages: number,
  peak: number,
): { readonly peak: number; readonly verdict: Verdict } {
  const enough = Math.log(THRESHOLD);
  const trouble = firstTrouble(fills);
  if (peak >= enough) return { peak, verdict: unhealthy('sample-ratio-mismatch', said(peak)) };
  if (trouble !== null) return { peak, verdict: unhealthy(trouble) };
  if (fills.every(({ exposures }) => exposures.every((count) => count === 0)))
    return { peak, verdict: noData('no-exposures') };
  const logs = fills.map(({ exposures, shares }) => logMismatch(exposures, shares));
  const evidence = combineStages(
    logs.reduce((sum, log) => sum + log, 0),
    logs,
    stages,
  );
  if (!Number.isFinite(evidence)) return { peak, verdict: inconclusive('more-evidence-needed') };
  const verdict =
    evidence >= enough ? unhealthy('sample-ratio-mismatch', said(evidence)) : pass('within-limit', said(evidence));
  return { peak: Math.max(peak, evidence), verdict };
}

const said = (evidence: number) => ({ evidence: finiteExp(evidence), threshold: THRESHOLD, alwaysValid: true });

function firstTrouble(fills: readonly ArmFill[]): UnhealthyReason | null {
  for (const { exposures, shares } of fills) {
    if (shares.length < 2 || shares.length !== exposures.length) return 'impossible-share';
    for (const share of shares) if (!(share > 0 && share < 1)) return 'impossible-share';
    if (Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) > ROUNDING) return 'impossible-share';
    for (const count of exposures) {
      const trouble = checkCount(count);
      if (trouble !== null) return trouble;
    }
  }
  return null;
}

/** The same unit in two arms at one revision: no statistics, none is tolerated. */
export function assessCrossovers(unitsInTwoArms: number): Verdict {
  const trouble = checkCount(unitsInTwoArms);
  if (trouble !== null) return unhealthy(trouble);
  const found = { estimate: unitsInTwoArms, threshold: 0 };
  return unitsInTwoArms > 0 ? fail('unit-in-two-arms', found) : pass('within-limit', found);
}
