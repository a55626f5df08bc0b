/** The verdict of a guardrail on a latency quantile. Sketches are of the present stage only: mixing shares would feign an effect. */

import type { LatencyPlan } from './latency-plan.ts';
import { finiteExp } from './log-sum.ts';
import { evidenceAbove, evidenceApart, evidenceBelow, quantileBounds } from './quantile-evidence.ts';
import { bucketOfQuantile, checkSketch, type Exceedances, edgeOf, exceedancesOf } from './sketch.ts';
import type { SketchStatistics } from './statistics.ts';
import {
  type Findings,
  fail,
  type Interval,
  inconclusive,
  noData,
  pass,
  type UnhealthyReason,
  unhealthy,
  type Verdict,
} from './verdict.ts';

export interface LatencyState {
  readonly at: number;
  readonly stage: number;
  /** Samples at the last look: they never become fewer within a stage. */
  readonly treated: number;
  readonly control: number;
  /** Once harm was evident, it stays so. */
  readonly failed: boolean;
}

export const EMPTY_LATENCY_STATE: LatencyState = { at: 0, stage: -1, treated: 0, control: 0, failed: false };

export interface LatencyLook {
  readonly state: LatencyState;
  readonly verdict: Verdict;
}

export function assessLatency(
  plan: LatencyPlan,
  state: LatencyState,
  { stage, treatment, control }: SketchStatistics,
  now: number,
): LatencyLook {
  const trouble = checkTime(plan, state, stage, now) ?? checkSketch(treatment) ?? checkSketch(control);
  if (trouble !== null) return held(state, trouble);
  const [treated, untreated] = [exceedancesOf(treatment), exceedancesOf(control)];
  if (!Number.isSafeInteger(treated.samples) || !Number.isSafeInteger(untreated.samples))
    return held(state, 'impossible-count');
  if (stage === state.stage && (treated.samples < state.treated || untreated.samples < state.control))
    return held(state, 'counts-decreased');
  const found = findings(plan, stage, treated, untreated);
  const failed = state.failed || found.harm + plan.logWeight >= -Math.log(plan.alpha);
  return {
    state: { at: now, stage, treated: treated.samples, control: untreated.samples, failed },
    verdict: verdictOf(plan, found, failed, treated, untreated),
  };
}

const held = (state: LatencyState, trouble: UnhealthyReason): LatencyLook => ({
  state,
  verdict: state.failed ? fail('evidence-of-harm') : unhealthy(trouble),
});

function checkTime({ limit }: LatencyPlan, state: LatencyState, stage: number, now: number): UnhealthyReason | null {
  if (!Number.isFinite(now)) return 'not-finite';
  if (now < state.at) return 'clock-backwards';
  const stages = limit.kind === 'relative' ? limit.bounds.length : limit.stages;
  return Number.isInteger(stage) && stage >= 0 && stage < stages ? null : 'unknown-stage';
}

interface Found {
  /** ln of the evidence of harm, and of safety; the first before the stage's weight. */
  readonly harm: number;
  readonly safe: number;
  readonly below: number;
  readonly estimate: number | null;
  readonly interval: Interval;
}

function findings(plan: LatencyPlan, stage: number, treated: Exceedances, control: Exceedances): Found {
  const own = quantileBounds(plan, treated, Math.log(2 / plan.alpha));
  const p = treated.samples === 0 ? null : bucketOfQuantile(treated, plan.tail);
  if (plan.limit.kind === 'absolute') {
    const { over, within, ms } = plan.limit;
    return {
      harm: evidenceAbove(plan, treated, over),
      safe: evidenceBelow(plan, treated, within),
      below: ms,
      estimate: p === null ? null : edgeOf(p),
      interval: { low: edgeOrNull(own.low), high: edgeOrNull(own.high) },
    };
  }
  const bound = plan.limit.bounds[stage] as { readonly ratio: number; readonly buckets: number };
  const other = quantileBounds(plan, control, Math.log(2 / plan.alpha));
  const q = control.samples === 0 ? null : bucketOfQuantile(control, plan.tail);
  return {
    harm: evidenceApart(plan, treated, control, plan.limit.buckets),
    // The treated quantile is less than the bound's buckets above control's: control's is more than minus that many above it.
    safe: evidenceApart(plan, control, treated, -bound.buckets),
    below: bound.ratio,
    estimate: p === null || q === null ? null : edgeOf(p - q),
    interval: { low: ratioOf(own.low, other.high), high: ratioOf(own.high, other.low) },
  };
}

const edgeOrNull = (bucket: number | null): number | null => (bucket === null ? null : edgeOf(bucket));

const ratioOf = (above: number | null, below: number | null): number | null =>
  above === null || below === null ? null : edgeOf(above - below);

function verdictOf(
  plan: LatencyPlan,
  found: Found,
  failed: boolean,
  treated: Exceedances,
  control: Exceedances,
): Verdict {
  const said: Partial<Findings> = {
    estimate: found.estimate,
    interval: found.interval,
    evidence: finiteExp(found.harm + plan.logWeight),
    threshold: 1 / plan.alpha,
    safety: { evidence: finiteExp(found.safe), needed: 1 / plan.beta, below: found.below },
    alwaysValid: true,
  };
  if (failed) return fail('evidence-of-harm', said);
  if (treated.samples === 0 && control.samples === 0) return noData('no-samples', said);
  if (treated.samples === 0) return noData('no-treated', said);
  if (control.samples === 0 && plan.limit.kind === 'relative') return noData('no-control', said);
  return found.safe >= -Math.log(plan.beta)
    ? pass('evidence-of-safety', said)
    : inconclusive('more-evidence-needed', said);
}
