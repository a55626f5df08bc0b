/**
 * The bets of the sequential tests on the rate ratio r = treated rate / control rate: ratios on the far side of the limit, each with a stake.
 *
 * Source: Lindon & Malek, "Anytime-valid inference for multinomial count data", NeurIPS 2022 (arXiv 2011.03567): given that an outcome
 * occurred, which arm it occurred in is Bernoulli(s r / (s r + 1 - s)), s the share of treated units, whatever the rate does over time. It is close
 * kin to the sequential log-rank test of ter Schure, Perez-Ortiz, Ly & Grunwald, arXiv 2011.06931.
 */

export interface Mixture {
  /** The limit: the null hypothesis is "no worse than this" (or, of a gate, "no better"). */
  readonly limit: number;
  readonly ratios: readonly number[];
  /** Logarithms of the stakes, which sum to 1. */
  readonly logWeights: readonly number[];
  /** ln(ratio / limit): what one treated outcome adds. */
  readonly steps: readonly number[];
}

export type HarmDirection = 'increase' | 'decrease';

/** Bets of one test. */
const BETS = 20;
/** Where effects are mostly looked for: from this factor of the limit to this ratio. */
const NEAREST = { increase: 1.35, decrease: 0.9 } as const;
const FARTHEST = { increase: 5, decrease: 0.25 } as const;
/** Effects just beyond the limit, at these parts of the nearest distance, get a small stake: it takes much traffic to tell them. */
const NEARER = [0.25, 0.5] as const;
const NEARER_STAKE = 0.02;
/** A gate's bets lie between these parts of its bound. */
const GATE = { from: 0.15, to: 0.9 } as const;
/** What a gate stakes on "no difference", which is what it is there to let pass. */
const HARMLESS_STAKE = 0.5;

/**
 * Bets that the ratio is beyond `limit`. They are log-spaced in ln(ratio / limit): the precision with which a ratio is known when it is
 * decided is in proportion to that distance, so near and far effects pay the same for not having been known beforehand.
 */
export function harmMixture(direction: HarmDirection, limit: number): Mixture {
  const near = Math.log(NEAREST[direction]);
  const farthest =
    direction === 'increase' ? Math.max(FARTHEST.increase, 4 * limit) : Math.min(FARTHEST.decrease, limit / 4);
  const distances = spaced(near, Math.log(farthest / limit), BETS - NEARER.length);
  const stake = (1 - NEARER_STAKE) / distances.length;
  return mixture(
    limit,
    [...NEARER.map((part) => part * near), ...distances].map((distance) => limit * Math.exp(distance)),
    [...NEARER.map(() => NEARER_STAKE / NEARER.length), ...distances.map(() => stake)],
  );
}

/** Bets that the ratio is on the harmless side of `bound`: a gate opens when they have won. */
export function gateMixture(direction: HarmDirection, bound: number): Mixture {
  const sign = direction === 'increase' ? 1 : -1;
  const ratios = spaced(GATE.from, GATE.to, BETS - 1).map((part) => bound * part ** sign);
  const stake = (1 - HARMLESS_STAKE) / ratios.length;
  return mixture(bound, [...ratios, 1], [...ratios.map(() => stake), HARMLESS_STAKE]);
}

function mixture(limit: number, ratios: readonly number[], weights: readonly number[]): Mixture {
  return {
    limit,
    ratios,
    logWeights: weights.map((weight) => Math.log(weight)),
    steps: ratios.map((ratio) => Math.log(ratio / limit)),
  };
}

/** From `from` to `to` in equal ratios; both of one sign. */
const spaced = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => from * (to / from) ** (at / (count - 1)));

/**
 * Adds what `all` new outcomes say, `treated` of them in the treated arm, which has the share `share` of the exposed units: to the logarithm
 * of each bet's likelihood ratio ln(theta(r)/theta(limit)) a treated outcome and ln((1-theta(r))/(1-theta(limit))) one of control, where
 * theta(r) = share r / (1 + share (r - 1)). Both have -ln((1 + share (r - 1)) / (1 + share (limit - 1))) in common.
 */
export function addOutcomes(
  logs: number[],
  { limit, ratios, steps }: Mixture,
  treated: number,
  all: number,
  share: number,
): void {
  const odds = 1 + share * (limit - 1);
  for (let at = 0; at < ratios.length; at++) {
    const grown = Math.log((1 + share * ((ratios[at] as number) - 1)) / odds);
    logs[at] = (logs[at] as number) + treated * (steps[at] as number) - all * grown;
  }
}

/** ln of what the bets are worth together. */
export function logWorth(logs: readonly number[], { logWeights }: Mixture): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < logs.length; at++) {
    const term = (logs[at] as number) + (logWeights[at] as number);
    if (term > most) most = term;
  }
  if (most === Number.NEGATIVE_INFINITY) return most;
  let sum = 0;
  for (let at = 0; at < logs.length; at++) sum += Math.exp((logs[at] as number) + (logWeights[at] as number) - most);
  return most + Math.log(sum);
}
