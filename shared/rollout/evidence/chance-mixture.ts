/**
 * The sequential test of one probability p against a limit p0, from `hits` among `tries`: the mean over bets g of
 * g^hits ((1 - p0 g) / (1 - p0))^(tries - hits), a martingale at p = p0 and a supermartingale on the limit's other side. It needs nothing but the
 * totals, and is what the quantile bounds are made of.
 *
 * Source: the beta-binomial family of Howard & Ramdas, "Sequential estimation of quantiles", Bernoulli 28(3) 2022 (arXiv 1906.09712), with a
 * discrete mixture; Ville 1939 for the bound.
 */

export interface ChanceMixture {
  /** ln g, and ln((1 - p0 g) / (1 - p0)). */
  readonly hits: readonly number[];
  readonly misses: readonly number[];
}

const BETS = 12;
const ABOVE = { near: 1.05, far: 9 } as const;
const BELOW = { near: 0.95, far: 0.1 } as const;

/** Bets that the probability is above `limit` (between 0 and 1), or below it. */
export function chanceMixture(limit: number, side: 'above' | 'below'): ChanceMixture {
  const [near, far] = side === 'above' ? betsAbove(limit) : [BELOW.near, BELOW.far];
  const factors = Array.from({ length: BETS }, (_, at) => Math.exp(spacing(Math.log(near), Math.log(far), at)));
  return {
    hits: factors.map((factor) => Math.log(factor)),
    misses: factors.map((factor) => Math.log1p(-limit * factor) - Math.log1p(-limit)),
  };
}

/** A probability bet on stays below 1. */
function betsAbove(limit: number): [near: number, far: number] {
  const far = Math.min(ABOVE.far, 1 + 0.9 * (1 / limit - 1));
  return [1 + Math.min(ABOVE.near - 1, (far - 1) / 10), far];
}

const spacing = (near: number, far: number, at: number): number => near * (far / near) ** (at / (BETS - 1));

/** ln of the evidence. */
export function chanceEvidence({ hits, misses }: ChanceMixture, found: number, tries: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < BETS; at++) most = Math.max(most, worth(at));
  let sum = 0;
  for (let at = 0; at < BETS; at++) sum += Math.exp(worth(at) - most);
  return most + Math.log(sum / BETS);

  function worth(at: number): number {
    return found * (hits[at] as number) + (tries - found) * (misses[at] as number);
  }
}
