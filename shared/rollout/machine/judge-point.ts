/** Numbers that a monitoring system returns: of the last M readings, N were over the limit. */
import { assessPoint, DEFAULT_POINT_RULE, EMPTY_POINT_STATE, type PointPlan } from '#rollout/evidence/assess-point';
import type { Guardrail } from '#schema/rollout-guardrail';
import { armOf, type Judge, type LimitName, limitsOf, testsThatApply } from './judgement.ts';

export function judgePoint(guardrail: Guardrail): Judge {
  const plans = limitsOf(guardrail).map((limit) => ({ limit, plan: pointPlan(guardrail, limit) }));
  return (before, look) => {
    const kept = before?.source === 'point' ? before.points : {};
    const reading = look.statistics?.source === 'point' ? look.statistics : null;
    const looks = plans.map(({ limit, plan }) => ({
      limit,
      ...assessPoint(plan, kept[limit] ?? EMPTY_POINT_STATE, reading, look.at),
    }));
    const tests = looks.map(({ limit, verdict }) => ({ limit, verdict, secondsLeft: null }));
    return {
      state: { source: 'point', points: Object.fromEntries(looks.map(({ limit, state }) => [limit, state])) },
      tests: testsThatApply(tests, look),
      treatment: armOf({ exposures: reading?.samples ?? null, value: reading?.treatment ?? null }),
      control: armOf({ value: reading?.control ?? null }),
    };
  };
}

function pointPlan({ max, maxRelativeIncrease, breachAfter, minimumSample }: Guardrail, limit: LimitName): PointPlan {
  const { breachesNeeded, readings } = DEFAULT_POINT_RULE;
  return {
    limit: limit === 'max' ? { max: max ?? Number.NaN } : { maxRelativeIncrease: maxRelativeIncrease ?? Number.NaN },
    breachesNeeded: breachAfter?.ticks ?? breachesNeeded,
    readings: breachAfter?.of ?? readings,
    minimumSample: minimumSample ?? DEFAULT_POINT_RULE.minimumSample,
    maxAgeMs: DEFAULT_POINT_RULE.maxAgeMs,
  };
}
