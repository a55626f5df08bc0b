/** Rates: units exposed, and those of them with an outcome since. */
import { absoluteRatePlan, assessAbsoluteRate } from '#rollout/evidence/assess-absolute-rate';
import { assessRates } from '#rollout/evidence/assess-rates';
import { observeRates } from '#rollout/evidence/observe-rates';
import { type RatePlan, ratePlan } from '#rollout/evidence/rate-plan';
import { emptyRateState, NO_TOTALS, type RateState } from '#rollout/evidence/rate-state';
import type { UnhealthyReason, Verdict } from '#rollout/evidence/verdict';
import type { Guardrail } from '#schema/rollout-guardrail';
import {
  type Arm,
  armOf,
  type Course,
  type GuardrailLook,
  isRelative,
  type Judge,
  type LimitName,
  limitsOf,
  testsThatApply,
  unlessHarmful,
} from './judgement.ts';
import { secondsLeft } from './seconds-left.ts';

export function judgeCounts(guardrail: Guardrail, course: Course): Judge {
  const limits = limitsOf(guardrail);
  const alpha = guardrail.alpha / limits.length;
  const plan = comparison(guardrail, course, alpha);
  const tests = limits.map((limit) => ({ limit, assess: assessment(guardrail, limit, { plan, alpha, course }) }));
  return (before, look) => {
    const kept = before?.source === 'counts' ? before.rates : emptyRateState();
    const cells = look.statistics?.source === 'counts' ? look.statistics.cells : null;
    const { state, trouble } =
      cells === null
        ? { state: kept, trouble: null }
        : observeRates(plan, kept, { stage: look.stage, cells, now: look.at });
    const judged = tests.map(({ limit, assess }) => {
      const verdict = assess(state, trouble);
      return {
        limit,
        verdict: cells === null ? unlessHarmful(verdict, 'no-exposures') : verdict,
        secondsLeft: isRelative(limit) && cells !== null ? secondsLeft(plan, state, cells, look) : null,
      };
    });
    return { state: { source: 'counts', rates: state }, tests: testsThatApply(judged, look), ...armsOf(state, look) };
  };
}

/** Where every limit is of the exposed arm by itself, counts are folded all the same, and the comparison is asked nothing. */
const comparison = (
  { maxRelativeIncrease, maxRelativeDecrease }: Guardrail,
  { stages, attempt }: Course,
  alpha: number,
): RatePlan =>
  ratePlan({
    direction: maxRelativeDecrease === undefined ? 'increase' : 'decrease',
    maxRelativeChange: maxRelativeDecrease ?? maxRelativeIncrease ?? 0,
    stages,
    alpha,
    attempt,
  });

interface Declared {
  readonly plan: RatePlan;
  readonly alpha: number;
  readonly course: Course;
}

type Assess = (state: RateState, trouble: UnhealthyReason | null) => Verdict;

function assessment(guardrail: Guardrail, limit: LimitName, { plan, alpha, course }: Declared): Assess {
  if (isRelative(limit)) return (state, trouble) => assessRates(plan, state, trouble);
  const { stages, attempt } = course;
  const harm = limit === 'max' ? 'above' : 'below';
  const absolute = absoluteRatePlan(harm, guardrail[limit] ?? Number.NaN, stages.length, { alpha, attempt });
  return (state, trouble) => assessAbsoluteRate(absolute, state, trouble);
}

function armsOf({ records }: RateState, { stage }: GuardrailLook): { readonly treatment: Arm; readonly control: Arm } {
  const { treated, treatedOutcomes, control, controlOutcomes } =
    records.find((record) => record.stage === stage)?.totals ?? NO_TOTALS;
  return {
    treatment: armOf({ exposures: treated, outcomes: treatedOutcomes }),
    control: armOf({ exposures: control, outcomes: controlOutcomes }),
  };
}
