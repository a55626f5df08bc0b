/**
 * What a stage must show before the ramp goes on: evidence that the ratio is below a bound, which falls as more users are at stake. One
 * bound for all stages would stall the first, where few are treated, or ask too little of the last.
 */
import type { HarmDirection } from './rate-mixture.ts';

/** Percent up to which each holds. */
const LADDER = [
  { upTo: 1, bound: 5 },
  { upTo: 5, bound: 3 },
  { upTo: 25, bound: 2 },
] as const;
const LAST_BOUND = 1.5;
/** A bound is at least this much beyond the limit: what is allowed must be able to pass. */
const MARGIN = 1.25;

/** The same ladder downwards where harm is a decrease. A limit of the guardrail that is wider than the ladder widens it. */
export function stageBound(percent: number, direction: HarmDirection, limit: number): number {
  const bound = LADDER.find(({ upTo }) => percent <= upTo)?.bound ?? LAST_BOUND;
  return direction === 'increase' ? Math.max(bound, limit * MARGIN) : Math.min(1 / bound, limit / MARGIN);
}
