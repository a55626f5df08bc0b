/**
 * How long a test will still take at the present traffic, if the effect is what it looks like: what is missing of the evidence over what
 * each outcome adds on average, which is the Kullback-Leibler divergence between the arm's odds as they look and as the limit has them
 * (Wald, "Sequential tests of statistical hypotheses", 1945). An estimate, for people: nothing is decided by it.
 */

export interface Pace {
  /** Outcomes of both arms a second. */
  readonly outcomesPerSecond: number;
  /** Of treated units among those exposed. */
  readonly share: number;
  /** Rate ratio as it looks. */
  readonly ratio: number;
}

/** What a mixture loses on average for not knowing the effect beforehand, in nats. */
const MIXTURE_COST = 1.25;

/**
 * Seconds until evidence of ln `evidence` reaches ln `needed` against `limit`; null where it will not at this pace: no outcomes, one arm, or a
 * ratio on the limit's other side. `beyond`: whether ratios above the limit speak for the test (harm by increase), or those below.
 */
export function secondsToDecide(
  evidence: number,
  needed: number,
  limit: number,
  beyond: 'above' | 'below',
  { outcomesPerSecond, share, ratio }: Pace,
): number | null {
  if (evidence >= needed) return 0;
  const isBeyond = beyond === 'above' ? ratio > limit : ratio < limit;
  if (!isBeyond || !(outcomesPerSecond > 0) || !(share > 0 && share < 1)) return null;
  const growth = divergence(oddsOf(share, ratio), oddsOf(share, limit)) * outcomesPerSecond;
  const missing = needed - evidence + (evidence <= 0 ? MIXTURE_COST : 0);
  const seconds = missing / growth;
  return Number.isFinite(seconds) ? seconds : null;
}

const oddsOf = (share: number, ratio: number): number => (share * ratio) / (1 + share * (ratio - 1));

/** Of two Bernoulli probabilities, in nats. */
function divergence(p: number, q: number): number {
  const own = p === 0 ? 0 : p * Math.log(p / q);
  return own + (p === 1 ? 0 : (1 - p) * Math.log((1 - p) / (1 - q)));
}
