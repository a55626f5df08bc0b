/** The verdict of a guardrail on a rate, relative to control. */
import { finiteExp } from './log-sum.ts';
import { logWorth, type Mixture } from './rate-mixture.ts';
import type { RatePlan } from './rate-plan.ts';
import type { RateState, StageRecord } from './rate-state.ts';
import { ratioInterval } from './ratio-interval.ts';
import {
  type Findings,
  fail,
  inconclusive,
  type NoDataReason,
  noData,
  pass,
  type UnhealthyReason,
  unhealthy,
  type Verdict,
} from './verdict.ts';

/** `trouble`: of the last look (`observeRates`). What was found before it stands: a FAIL is never taken back. */
export function assessRates(plan: RatePlan, state: RateState, trouble: UnhealthyReason | null): Verdict {
  const found = findings(plan, state);
  if (state.peak >= -Math.log(plan.alpha)) return fail('evidence-of-harm', found);
  if (trouble !== null) return unhealthy(trouble, found);
  const missing = missingIn(state.records.find(({ stage }) => stage === state.stage));
  if (missing !== null) return noData(missing, found);
  return safetyOf(plan, state) >= -Math.log(plan.beta)
    ? pass('evidence-of-safety', found)
    : inconclusive('more-evidence-needed', found);
}

function findings(plan: RatePlan, state: RateState): Partial<Findings> {
  const gate = plan.gates[state.stage];
  return {
    estimate: rateRatio(state.records),
    interval: ratioInterval(state.records, plan.alpha),
    evidence: finiteExp(state.evidence),
    threshold: 1 / plan.alpha,
    safety:
      gate === undefined
        ? null
        : { evidence: finiteExp(safetyOf(plan, state)), needed: 1 / plan.beta, below: gate.limit },
    alwaysValid: true,
  };
}

/** ln of the evidence that the stage's ratio is on the harmless side of its bound. */
export const safetyOf = ({ gates }: RatePlan, { stage, gate }: RateState): number =>
  gates[stage] === undefined ? 0 : logWorth(gate, gates[stage] as Mixture);

function missingIn(record: StageRecord | undefined): NoDataReason | null {
  if (record === undefined) return 'no-exposures';
  const { treated, treatedOutcomes, control, controlOutcomes } = record.totals;
  if (treated + control === 0) return 'no-exposures';
  if (treated === 0) return 'no-treated';
  if (control === 0) return 'no-control';
  return treatedOutcomes + controlOutcomes === 0 ? 'no-outcomes' : null;
}

/**
 * The rate ratio with the stages as strata (Mantel & Haenszel 1959, as in Greenland & Robins, Biometrics 41, 1985): sum of x C / n over sum of
 * y T / n. Pooled totals would mistake a change of share beside a change of baseline for an effect. Null where control has no outcome.
 */
export function rateRatio(records: readonly StageRecord[]): number | null {
  let above = 0;
  let below = 0;
  for (const { totals } of records) {
    const units = totals.treated + totals.control;
    if (units === 0) continue;
    above += (totals.treatedOutcomes * totals.control) / units;
    below += (totals.controlOutcomes * totals.treated) / units;
  }
  return below === 0 ? null : above / below;
}
