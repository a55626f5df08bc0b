/** How long a comparison of rates will take yet. An estimate, for people: nothing is decided by it. */
import { rateRatio, safetyOf } from '#rollout/evidence/assess-rates';
import type { RatePlan } from '#rollout/evidence/rate-plan';
import type { RateState } from '#rollout/evidence/rate-state';
import type { CountsCell } from '#rollout/evidence/statistics';
import { type Pace, secondsToDecide } from '#rollout/evidence/time-to-decide';

const MINUTE_MS = 60_000;

interface When {
  readonly stage: number;
  readonly at: number;
}

/** Until harm is evident or its absence is, whichever it looks like; where it may be either, the sooner. */
export function secondsLeft(
  plan: RatePlan,
  state: RateState,
  cells: readonly CountsCell[],
  { stage, at }: When,
): number | null {
  const pace = paceOf(state, cells, { stage, at });
  const gate = plan.gates[stage];
  if (pace === null || gate === undefined) return null;
  const [harmful, harmless] =
    plan.direction === 'increase' ? (['above', 'below'] as const) : (['below', 'above'] as const);
  const ends = [
    secondsToDecide(state.evidence, -Math.log(plan.alpha), plan.harm.limit, harmful, pace),
    secondsToDecide(safetyOf(plan, state), -Math.log(plan.beta), gate.limit, harmless, pace),
  ].filter((seconds) => seconds !== null);
  return ends.length === 0 ? null : Math.min(...ends);
}

/** Of the stage since its first exposure, to the minute. */
function paceOf({ records }: RateState, cells: readonly CountsCell[], { stage, at }: When): Pace | null {
  const totals = records.find((record) => record.stage === stage)?.totals;
  const ratio = rateRatio(records);
  const minutes = cells.filter((cell) => cell.stage === stage).map(({ minute }) => minute);
  const seconds = (at - Math.min(...minutes) * MINUTE_MS) / 1_000;
  if (totals === undefined || ratio === null || !(seconds > 0)) return null;
  return {
    outcomesPerSecond: (totals.treatedOutcomes + totals.controlOutcomes) / seconds,
    share: totals.treated / (totals.treated + totals.control),
    ratio,
  };
}
