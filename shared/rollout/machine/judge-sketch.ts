/** Latencies: the p95 of both arms, from sketches of the present stage. */
import { assessLatency, EMPTY_LATENCY_STATE, type LatencyState } from '#rollout/evidence/assess-latency';
import { type LatencyLimit, latencyPlan } from '#rollout/evidence/latency-plan';
import type { Sketch } from '#rollout/evidence/statistics';
import { fail, noData, type Verdict } from '#rollout/evidence/verdict';
import type { Guardrail } from '#schema/rollout-guardrail';
import { type Arm, armOf, type Course, type Judge, type LimitName, limitsOf, testsThatApply } from './judgement.ts';

export function judgeSketch(guardrail: Guardrail, { stages, attempt }: Course): Judge {
  const limits = limitsOf(guardrail);
  const alpha = guardrail.alpha / limits.length;
  const plans = limits.map((limit) => ({
    limit,
    plan: latencyPlan({ limit: latencyLimit(guardrail, limit), stages, alpha, attempt }),
  }));
  return (before, look) => {
    const kept = before?.source === 'sketch' ? before.latencies : {};
    const { statistics, at, stage } = look;
    // Of an earlier stage it says nothing of this one.
    const sketch = statistics?.source === 'sketch' && statistics.stage === stage ? statistics : null;
    const looks = plans.map(({ limit, plan }) => {
      const own = kept[limit] ?? EMPTY_LATENCY_STATE;
      return { limit, ...(sketch === null ? unseen(own) : assessLatency(plan, own, sketch, at)) };
    });
    const tests = looks.map(({ limit, verdict }) => ({ limit, verdict, secondsLeft: null }));
    return {
      state: { source: 'sketch', latencies: Object.fromEntries(looks.map(({ limit, state }) => [limit, state])) },
      tests: testsThatApply(tests, look),
      treatment: samplesOf(sketch?.treatment),
      control: samplesOf(sketch?.control),
    };
  };
}

const latencyLimit = ({ max, maxRelativeIncrease }: Guardrail, limit: LimitName): LatencyLimit =>
  limit === 'max' ? { maxMs: max ?? Number.NaN } : { maxRelativeIncrease: maxRelativeIncrease ?? Number.NaN };

const unseen = (state: LatencyState): { readonly state: LatencyState; readonly verdict: Verdict } => ({
  state,
  verdict: state.failed ? fail('evidence-of-harm') : noData('no-samples'),
});

const samplesOf = (sketch: Sketch | undefined): Arm =>
  armOf({ exposures: sketch?.counts.reduce((sum, count) => sum + count, 0) ?? null });
