/** What is kept of a guardrail on a rate: plain data that survives a restart, under 16 KB as JSON. */
import type { CountsCell } from './statistics.ts';

export interface Totals {
  readonly treated: number;
  readonly treatedOutcomes: number;
  readonly control: number;
  readonly controlOutcomes: number;
}

/**
 * How outcomes fell on shares: of `outcomes` outcomes, `treated` were treated; the shares of treated units among those exposed when each
 * came, summed, and their squares summed. The likelihood of any ratio can be had from it (`ratio-interval.ts`).
 */
export interface ShareMoments {
  readonly treated: number;
  readonly outcomes: number;
  readonly shares: number;
  readonly squares: number;
}

export interface StageRecord {
  readonly stage: number;
  /** ln of the likelihood ratio of each bet of harm. */
  readonly harm: readonly number[];
  /** ln of the stage's evidence of harm, made from `harm`. */
  readonly evidence: number;
  readonly totals: Totals;
  /** Of the totals, what is old enough that no outcome is waited for any more. */
  readonly settled: Totals;
  readonly moments: ShareMoments;
}

export interface RateState {
  /** Milliseconds since 1970 of the last look that counted. */
  readonly at: number;
  /** The stage that the ramp is in, and ln of the likelihood ratio of each bet of its gate: begun anew whenever a stage is. */
  readonly stage: number;
  readonly gate: readonly number[];
  /** By stage, ascending; of those that have begun. */
  readonly records: readonly StageRecord[];
  /** Cells whose outcomes may still come, as they were counted at the last look. */
  readonly open: readonly CountsCell[];
  /** Cells of an earlier minute are closed: what still comes of them is not counted. */
  readonly closedBefore: number;
  /** ln of the combined evidence, and the most that it has ever been: what once was enough stays enough. */
  readonly evidence: number;
  readonly peak: number;
}

export const NO_TOTALS: Totals = { treated: 0, treatedOutcomes: 0, control: 0, controlOutcomes: 0 };

/** Nothing was seen yet. */
export const emptyRateState = (): RateState => ({
  at: 0,
  stage: -1,
  gate: [],
  records: [],
  open: [],
  closedBefore: 0,
  evidence: 0,
  peak: 0,
});
