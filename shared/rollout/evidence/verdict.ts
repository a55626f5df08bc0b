/**
 * What a guardrail says at one look. Only FAIL takes a flag back, only PASS lets a ramp go on; the other three hold it.
 * Every number is finite: a bound that is not there is null, so that a verdict goes through JSON unchanged.
 */

export const VERDICT_KINDS = ['PASS', 'FAIL', 'NO_DATA', 'INCONCLUSIVE', 'UNHEALTHY'] as const;
export type VerdictKind = (typeof VERDICT_KINDS)[number];

export type PassReason =
  /** The advance gate has enough evidence that the effect is below the stage's bound. */
  | 'evidence-of-safety'
  /** An absolute limit is kept, on evidence. */
  | 'within-limit'
  /** A number from a monitoring system, with a sample that is large enough, kept its limit. */
  | 'reading-within-limit'
  /** A monitor says OK. */
  | 'monitor-ok';

export type FailReason =
  | 'evidence-of-harm'
  | 'over-limit'
  | 'readings-over-limit'
  | 'monitor-alert'
  /** One unit was served two variations at one revision: none is tolerated. */
  | 'unit-in-two-arms';

export type NoDataReason =
  | 'no-exposures'
  | 'no-treated'
  | 'no-control'
  | 'no-outcomes'
  | 'no-samples'
  | 'no-reading'
  | 'monitor-no-data';

export type InconclusiveReason =
  | 'more-evidence-needed'
  | 'sample-too-small'
  | 'some-readings-over-limit'
  | 'monitor-warns';

export type UnhealthyReason =
  | 'not-finite'
  | 'negative'
  | 'not-whole'
  /** More outcomes than exposures, or a number above what is counted exactly. */
  | 'impossible-count'
  | 'counts-decreased'
  | 'clock-backwards'
  | 'from-the-future'
  /** A share of 0 or 1, or one outside them: there is nothing to compare. */
  | 'impossible-share'
  | 'unknown-stage'
  | 'too-many-cells'
  /** Arms were not filled in the shares that the ruleset says. */
  | 'sample-ratio-mismatch'
  | 'blind'
  | 'ledger-gap'
  | 'no-heartbeat'
  | 'stale-reading'
  | 'unknown-monitor-state'
  /** A monitor that someone silenced says nothing of what it watches. */
  | 'monitor-muted';

export type VerdictReason = PassReason | FailReason | NoDataReason | InconclusiveReason | UnhealthyReason;

/** An always-valid interval: it holds at all looks together. Null: unbounded on that side. */
export interface Interval {
  readonly low: number | null;
  readonly high: number | null;
}

export interface Findings {
  /** Relative to control (1: no difference), or the value itself where the limit is absolute. */
  readonly estimate: number | null;
  readonly interval: Interval | null;
  /** Evidence of harm, as an e-value: how many times the stake a bet against "harmless" has won. */
  readonly evidence: number | null;
  /** FAIL at this evidence: 1 / alpha. */
  readonly threshold: number | null;
  /** Evidence that the effect is below the stage's bound; PASS at `needed`. */
  readonly safety: { readonly evidence: number; readonly needed: number; readonly below: number } | null;
  /** Whether all of this is valid at every look (`counts`, `sketch`), or only as good as the number that was read. */
  readonly alwaysValid: boolean;
}

export type Verdict = Findings &
  (
    | { readonly kind: 'PASS'; readonly reason: PassReason }
    | { readonly kind: 'FAIL'; readonly reason: FailReason }
    | { readonly kind: 'NO_DATA'; readonly reason: NoDataReason }
    | { readonly kind: 'INCONCLUSIVE'; readonly reason: InconclusiveReason }
    | { readonly kind: 'UNHEALTHY'; readonly reason: UnhealthyReason }
  );

const NOTHING_FOUND: Findings = {
  estimate: null,
  interval: null,
  evidence: null,
  threshold: null,
  safety: null,
  alwaysValid: false,
};

export const pass = (reason: PassReason, found: Partial<Findings> = {}): Verdict => ({
  ...NOTHING_FOUND,
  ...found,
  kind: 'PASS',
  reason,
});

export const fail = (reason: FailReason, found: Partial<Findings> = {}): Verdict => ({
  ...NOTHING_FOUND,
  ...found,
  kind: 'FAIL',
  reason,
});

export const noData = (reason: NoDataReason, found: Partial<Findings> = {}): Verdict => ({
  ...NOTHING_FOUND,
  ...found,
  kind: 'NO_DATA',
  reason,
});

export const inconclusive = (reason: InconclusiveReason, found: Partial<Findings> = {}): Verdict => ({
  ...NOTHING_FOUND,
  ...found,
  kind: 'INCONCLUSIVE',
  reason,
});

export const unhealthy = (reason: UnhealthyReason, found: Partial<Findings> = {}): Verdict => ({
  ...NOTHING_FOUND,
  ...found,
  kind: 'UNHEALTHY',
  reason,
});
