/**
 * Blindness: do we still receive the exposures that evaluations should have caused? The expectation comes from a counter that is independent of
 * the exposure stream (what the edge evaluated), for a stream that stopped cannot say so itself.
 *
 * For each k, M_k = max(1, M_k) x the likelihood ratio of a Poisson count at k times the expected rate; the mean of the M_k is an e-detector of
 * CUSUM form: between false alarms it takes `THRESHOLD` looks on average at least, and it forgets good times at once.
 * Source: Shin, Ramdas & Rinaldo, "E-detectors", New England Journal of Statistics in Data Science 2023 (arXiv 2203.03532). Assumes that a
 * look's count, given the expectation, is not more dispersed than Poisson at 0.9 of it.
 */
import { checkCount } from './check-cells.ts';
import { finiteExp, logSum } from './log-sum.ts';
import { noData, pass, unhealthy, type Verdict } from './verdict.ts';

/** Parts of the expected rate that are looked for. */
const PARTS = [0.9, 0.75, 0.5, 0.25, 0.1, 0.01] as const;
/** Late telemetry and bots that are evaluated but not exposed make up a tenth. */
const ALLOWANCE = 0.9;
const THRESHOLD = 10_000;
/** No M grows beyond what is enough alone: sight that comes back after an hour is believed at once, not after another hour. */
const MOST = Math.log(THRESHOLD * PARTS.length) + 1e-9;

export interface BlindnessState {
  readonly at: number;
  /** ln of each M. */
  readonly logs: readonly number[];
}

export const EMPTY_BLINDNESS: BlindnessState = { at: 0, logs: PARTS.map(() => 0) };

/** Of one look, not cumulative. */
export interface TrafficLook {
  readonly evaluated: number;
  /** The part of evaluations that is in the arm. */
  readonly share: number;
  readonly received: number;
  readonly now: number;
}

export function assessBlindness(
  state: BlindnessState,
  { evaluated, share, received, now }: TrafficLook,
): { readonly state: BlindnessState; readonly verdict: Verdict } {
  const hold = (verdict: Verdict) => ({ state, verdict });
  if (!Number.isFinite(now)) return hold(unhealthy('not-finite'));
  if (now < state.at) return hold(unhealthy('clock-backwards'));
  if (!(share > 0 && share <= 1)) return hold(unhealthy('impossible-share'));
  const trouble = checkCount(evaluated) ?? checkCount(received);
  if (trouble !== null) return hold(unhealthy(trouble));
  const expected = ALLOWANCE * evaluated * share;
  const logs = PARTS.map((part, at) => {
    const grown = received * Math.log(part) + (1 - part) * expected;
    return Math.min(MOST, Math.max(0, state.logs[at] as number) + grown);
  });
  const evidence = logSum(logs) - Math.log(PARTS.length);
  const found = {
    estimate: expected === 0 ? null : received / expected,
    evidence: finiteExp(evidence),
    threshold: THRESHOLD,
    alwaysValid: true,
  };
  return { state: { at: now, logs }, verdict: verdictOf(evidence, evaluated, found) };
}

function verdictOf(evidence: number, evaluated: number, found: Parameters<typeof pass>[1]): Verdict {
  if (evidence >= Math.log(THRESHOLD)) return unhealthy('blind', found);
  return evaluated === 0 ? noData('no-exposures', found) : pass('within-limit', found);
}
