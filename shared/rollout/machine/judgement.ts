/** What the statistics of one guardrail come to. Each of its limits has a test of its own, and an equal part of its alpha. */
import type { LatencyState } from '#rollout/evidence/assess-latency';
import type { PointState } from '#rollout/evidence/assess-point';
import type { RateState } from '#rollout/evidence/rate-state';
import type { Statistics } from '#rollout/evidence/statistics';
import { type NoDataReason, noData, type Verdict, type VerdictKind } from '#rollout/evidence/verdict';
import type { Guardrail } from '#schema/rollout-guardrail';
import type { Seen } from './state.ts';

/** Declared before the first exposure. */
export interface Course {
  /** Percent of each stage. */
  readonly stages: readonly number[];
  readonly attempt: number;
}

export interface GuardrailLook {
  readonly stage: number;
  /** At 100 there is nobody to compare with: only what the exposed arm shows by itself is judged. */
  readonly isAlone: boolean;
  /** Milliseconds since 1970, up to when telemetry is complete. */
  readonly at: number;
  /** Undefined where there are none. */
  readonly statistics: Statistics | undefined;
}

/** Kept from look to look: plain JSON. */
export type JudgeState =
  | { readonly source: 'counts'; readonly rates: RateState }
  | { readonly source: 'sketch'; readonly latencies: ByLimit<LatencyState> }
  | { readonly source: 'point'; readonly points: ByLimit<PointState> }
  | { readonly source: 'state' };

export const LIMITS = ['maxRelativeIncrease', 'maxRelativeDecrease', 'max', 'min'] as const;
export type LimitName = (typeof LIMITS)[number];
export type ByLimit<T> = Readonly<Partial<Record<LimitName, T>>>;

export interface LimitTest {
  /** Null: the monitor's own. */
  readonly limit: LimitName | null;
  readonly verdict: Verdict;
  /** At the present traffic, if things are as they look; null where that is not known. */
  readonly secondsLeft: number | null;
}

/** In the present stage. */
export interface Arm {
  readonly exposures: number | null;
  readonly outcomes: number | null;
  /** Where a number was read. */
  readonly value: number | null;
}

export interface Judged {
  readonly state: JudgeState;
  readonly tests: readonly LimitTest[];
  readonly treatment: Arm;
  readonly control: Arm;
}

export type Judge = (before: JudgeState | undefined, look: GuardrailLook) => Judged;

export const armOf = (arm: Partial<Arm> = {}): Arm => ({ exposures: null, outcomes: null, value: null, ...arm });

export const limitsOf = (guardrail: Guardrail): readonly LimitName[] =>
  LIMITS.filter((limit) => guardrail[limit] !== undefined);

export const isRelative = (limit: LimitName | null): boolean =>
  limit === 'maxRelativeIncrease' || limit === 'maxRelativeDecrease';

/** What was seen before is no sight of now; harm that was found stays found. */
export const unlessHarmful = (verdict: Verdict, reason: NoDataReason): Verdict =>
  verdict.kind === 'FAIL' ? verdict : noData(reason, verdict);

export const testsThatApply = (tests: readonly LimitTest[], { isAlone }: GuardrailLook): readonly LimitTest[] =>
  isAlone ? tests.filter(({ limit, verdict }) => !isRelative(limit) || verdict.kind === 'FAIL') : tests;

const BETTER_TO_WORSE: readonly VerdictKind[] = ['PASS', 'INCONCLUSIVE', 'NO_DATA', 'UNHEALTHY', 'FAIL'];

/** A guardrail is as bad as the worst of its tests. */
export function worstVerdict(tests: readonly LimitTest[]): Verdict {
  const [first, ...others] = tests.map(({ verdict }) => verdict);
  if (first === undefined) return noData('no-control');
  const badness = ({ kind }: Verdict): number => BETTER_TO_WORSE.indexOf(kind);
  return others.reduce((bad, one) => (badness(one) > badness(bad) ? one : bad), first);
}

/** What a tick tells of it. */
export const seenOf = (name: string, { tests, treatment: { exposures, outcomes } }: Judged): Seen => ({
  name,
  kind: worstVerdict(tests).kind,
  exposures,
  outcomes,
});
