/**
 * How others decide, on the same totals. Each is given its best: one-sided, the whole control arm, looks as often as ours.
 *
 * `informed` is no peer but the floor: Wald's sequential probability ratio test (1945) that was told the true effect.
 */
import type { StageTotals } from './stage-totals.ts';

export const PEERS = ['literal', 'z05', 'z01', 'msprt', 'sequence'] as const;
export type Peer = (typeof PEERS)[number];

export const PEER_NAMES: Readonly<Record<Peer, string>> = {
  literal: 'the YAML read literally',
  z05: 'z-test, p < 0.05, at every look',
  z01: 'z-test, p < 0.01, at every look',
  msprt: 'mSPRT (as Statsig)',
  sequence: 'confidence sequence (as GrowthBook)',
};

export const LIMIT = 1.1;
const ALPHA = 0.01;
/** Of the literal reading. */
const LEAST = { users: 100, outcomes: 5 } as const;
const Z = { z05: 1.6448536269514722, z01: 2.3263478740408408 } as const;
const Z_TWO_SIDED = 2.5758293035489004;
/** The sample size that GrowthBook's sequence is tuned for. */
const TUNED_FOR = 5_000;

export function fires(peer: Peer, totals: StageTotals): boolean {
  const { treated, treatedOutcomes, control, controlOutcomes } = totals;
  if (treated === 0 || control === 0 || treatedOutcomes === 0) return false;
  switch (peer) {
    case 'literal':
      return literal(totals);
    case 'z05':
    case 'z01':
      return zScore(totals) > Z[peer];
    case 'msprt':
      return controlOutcomes > 0 && msprt(totals);
    case 'sequence':
      return controlOutcomes > 0 && sequence(totals);
    default:
      return peer satisfies never;
  }
}

/** `maxRelativeIncrease: 0.10` on what the counts happen to be, with a minimum of users and errors. */
function literal({ treated, treatedOutcomes, control, controlOutcomes }: StageTotals): boolean {
  if (treated < LEAST.users || treatedOutcomes < LEAST.outcomes) return false;
  return treatedOutcomes / treated > LIMIT * (controlOutcomes / control);
}

/** Two proportions, pooled variance. */
function zScore({ treated, treatedOutcomes, control, controlOutcomes }: StageTotals): number {
  const pooled = (treatedOutcomes + controlOutcomes) / (treated + control);
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / treated + 1 / control));
  return spread === 0 ? 0 : (treatedOutcomes / treated - controlOutcomes / control) / spread;
}

/** What exceeds the limit, its variance, and the variances of one unit. */
function excessOf({ treated, treatedOutcomes, control, controlOutcomes }: StageTotals) {
  const p = treatedOutcomes / treated;
  const q = controlOutcomes / control;
  const unitTreated = p * (1 - p);
  const unitControl = LIMIT * LIMIT * q * (1 - q);
  return {
    excess: p - LIMIT * q,
    variance: unitTreated / treated + unitControl / control,
    unit: unitTreated + unitControl,
  };
}

/** Johari, Koomen, Pekelis & Walsh 2017 (arXiv 1512.04922), mixing variance as in Statsig's documentation; one-sided by doubling alpha. */
function msprt(totals: StageTotals): boolean {
  const { excess, variance, unit } = excessOf(totals);
  if (excess <= 0 || variance === 0) return false;
  const mixing = (Z_TWO_SIDED ** 2 * unit) / (totals.treated + totals.control);
  const log =
    0.5 * Math.log(variance / (variance + mixing)) + (mixing * excess * excess) / (2 * variance * (variance + mixing));
  return log >= -Math.log(2 * ALPHA);
}

/** Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (arXiv 2103.06476), equation 134, one-sided. */
function sequence(totals: StageTotals): boolean {
  const { excess, variance } = excessOf(totals);
  if (excess <= 0) return false;
  const n = totals.treated + totals.control;
  const log = -2 * Math.log(2 * ALPHA);
  const rhoSquared = (log + Math.log(log + 1)) / TUNED_FOR;
  const grown = n * rhoSquared + 1;
  const width =
    Math.sqrt(n * variance) *
    Math.sqrt(((2 * grown) / (n * n * rhoSquared)) * Math.log(1 + Math.sqrt(grown) / (2 * ALPHA)));
  return excess > width;
}

/** Wald's test of "the ratio is `effect`" against the limit, fed with what is new in each bin. */
export function createInformed(effect: number): {
  readonly add: (treatedShare: number, treated: number, all: number) => void;
  readonly fired: () => boolean;
} {
  let log = 0;
  const step = Math.log(effect / LIMIT);
  return {
    add: (share, treated, all) => {
      log += treated * step - all * Math.log((1 + share * (effect - 1)) / (1 + share * (LIMIT - 1)));
    },
    fired: () => log >= -Math.log(ALPHA),
  };
}
