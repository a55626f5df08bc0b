/**
 * The always-valid interval of the rate ratio: all the ratios that the sequential test has not rejected as a limit, each side at alpha.
 * P(the true ratio is ever outside) <= 2 alpha, over all looks (a confidence sequence by inversion: Howard, Ramdas, McAuliffe & Sekhon,
 * Annals of Statistics 49(2) 2021, arXiv 1810.08240; the test is that of `rate-mixture.ts`, rollout-wide).
 *
 * The likelihood of any ratio is had from the moments of the shares, stage by stage, to the second order about each stage's mean: within a
 * stage shares differ by chance only. It is for showing; what decides sums every look exactly.
 */
import type { StageRecord } from './rate-state.ts';
import type { Interval } from './verdict.ts';

/** Bets by their distance from the ratio that is tested, as a factor. */
const DISTANCES = [1.04, 1.08, 1.16, 1.35, 1.8, 3, 6, 12].map(Math.log);
const LOG_STAKE = -Math.log(DISTANCES.length);
/** Ratios beyond e^8 either way are not told from unbounded. */
const FARTHEST = 8;
const STEPS = 24;

interface Strata {
  readonly treated: number;
  readonly stages: readonly { readonly outcomes: number; readonly mean: number; readonly variance: number }[];
}

export function ratioInterval(records: readonly StageRecord[], alpha: number): Interval {
  const strata = strataOf(records);
  const enough = -Math.log(alpha);
  const most = peakOf(strata);
  return {
    low: crossing(strata, enough, most, -FARTHEST, 1),
    high: crossing(strata, enough, most, FARTHEST, -1),
  };
}

function strataOf(records: readonly StageRecord[]): Strata {
  const informed = records.filter(({ moments }) => moments.outcomes > 0);
  return {
    treated: informed.reduce((sum, { moments }) => sum + moments.treated, 0),
    stages: informed.map(({ moments: { outcomes, shares, squares } }) => {
      const mean = shares / outcomes;
      return { outcomes, mean, variance: Math.max(0, squares / outcomes - mean * mean) };
    }),
  };
}

/** ln of the likelihood of the ratio e^`log`, up to a constant. */
function likelihood({ treated, stages }: Strata, log: number): number {
  const excess = Math.expm1(log);
  let sum = treated * log;
  for (const { outcomes, mean, variance } of stages) {
    const odds = 1 + mean * excess;
    sum -= outcomes * (Math.log(odds) - (variance * excess * excess) / (2 * odds * odds));
  }
  return sum;
}

/** Where the likelihood is greatest: it rises before and falls behind. */
function peakOf(strata: Strata): number {
  let [low, high] = [-FARTHEST, FARTHEST];
  for (let step = 0; step < 2 * STEPS; step++) {
    const third = (high - low) / 3;
    if (likelihood(strata, low + third) < likelihood(strata, high - third)) low += third;
    else high -= third;
  }
  return (low + high) / 2;
}

/** Evidence against the limit e^`log`, of bets on the side where the likelihood rises. */
function evidenceAgainst(strata: Strata, log: number, side: 1 | -1): number {
  const own = likelihood(strata, log);
  let sum = 0;
  for (const distance of DISTANCES) sum += Math.exp(likelihood(strata, log + side * distance) - own + LOG_STAKE);
  return Math.log(sum);
}

/** The last rejected ratio between `far` and the peak; null where not even `far` is. */
function crossing(strata: Strata, enough: number, peak: number, far: number, side: 1 | -1): number | null {
  if (!(evidenceAgainst(strata, far, side) >= enough)) return null;
  let [rejected, kept] = [far, peak];
  for (let step = 0; step < STEPS; step++) {
    const middle = (rejected + kept) / 2;
    if (evidenceAgainst(strata, middle, side) >= enough) rejected = middle;
    else kept = middle;
  }
  return Math.exp(rejected);
}
