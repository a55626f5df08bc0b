/**
 * The verdict of a number that a monitoring system returned. Its variance is unknown and it may be averaged over anything, so no look at it is
 * valid in the sense of the other tests: it breaches when N of the last M readings are over the limit, and passes when none of M is.
 * `docs/guardrails.md` says how often a harmless flag is rolled back by that rule.
 */
import type { PointReading } from './statistics.ts';
import {
  type Findings,
  fail,
  inconclusive,
  noData,
  pass,
  type UnhealthyReason,
  unhealthy,
  type Verdict,
} from './verdict.ts';

export interface PointPlan {
  /** Times control's number, or the number itself. */
  readonly limit: { readonly maxRelativeIncrease: number } | { readonly max: number };
  readonly breachesNeeded: number;
  readonly readings: number;
  /** Below it a reading is not judged; 0 where the system does not say how much is behind a number. */
  readonly minimumSample: number;
  readonly maxAgeMs: number;
}

export const DEFAULT_POINT_RULE = { breachesNeeded: 3, readings: 5, minimumSample: 100, maxAgeMs: 120_000 } as const;

export interface PointState {
  /** Of the last reading that was judged. */
  readonly at: number;
  readonly checkedAt: number;
  /** Whether each of the last readings was over the limit; the newest last. */
  readonly over: readonly boolean[];
}

export const EMPTY_POINT_STATE: PointState = { at: -1, checkedAt: -1, over: [] };

export interface PointLook {
  readonly state: PointState;
  readonly verdict: Verdict;
}

export function assessPoint(plan: PointPlan, state: PointState, reading: PointReading | null, now: number): PointLook {
  const hold = (verdict: Verdict): PointLook => ({ state, verdict });
  if (reading === null || reading.treatment === null) return hold(noData('no-reading'));
  const trouble = checkReading(plan, state, reading, now);
  if (trouble !== null) return hold(unhealthy(trouble));
  const isRelative = 'maxRelativeIncrease' in plan.limit;
  if (isRelative && reading.control === null) return hold(noData('no-control'));
  if (isRelative && reading.control === 0) return hold(noData('no-outcomes'));
  if ((reading.samples ?? 0) < plan.minimumSample)
    return hold(inconclusive('sample-too-small', readingOf(plan, reading)));
  const next = reading.at === state.at ? { ...state, checkedAt: now } : judged(plan, state, reading, now);
  return { state: next, verdict: verdictOf(plan, next.over, readingOf(plan, reading)) };
}

function checkReading(plan: PointPlan, state: PointState, reading: PointReading, now: number): UnhealthyReason | null {
  const numbers = [now, reading.at, reading.treatment, reading.control ?? 0, reading.samples ?? 0];
  if (!numbers.every(Number.isFinite)) return 'not-finite';
  if (numbers.some((number) => (number as number) < 0)) return 'negative';
  if (now < state.checkedAt || reading.at < state.at) return 'clock-backwards';
  return now - reading.at > plan.maxAgeMs ? 'stale-reading' : null;
}

function judged({ limit, readings }: PointPlan, { over }: PointState, reading: PointReading, now: number): PointState {
  const treated = reading.treatment as number;
  const most = 'max' in limit ? limit.max : (1 + limit.maxRelativeIncrease) * (reading.control as number);
  return { at: reading.at, checkedAt: now, over: [...over, treated > most].slice(-readings) };
}

/** Relative to control where the limit is. */
function readingOf({ limit }: PointPlan, { treatment, control }: PointReading): Partial<Findings> {
  if ('max' in limit) return { estimate: treatment, threshold: limit.max };
  return { estimate: (treatment as number) / (control as number), threshold: 1 + limit.maxRelativeIncrease };
}

function verdictOf(plan: PointPlan, over: readonly boolean[], found: Partial<Findings>): Verdict {
  const breaches = over.filter(Boolean).length;
  if (breaches >= plan.breachesNeeded) return fail('readings-over-limit', found);
  if (breaches > 0) return inconclusive('some-readings-over-limit', found);
  return over.length < plan.readings
    ? inconclusive('more-evidence-needed', found)
    : pass('reading-within-limit', found);
}
