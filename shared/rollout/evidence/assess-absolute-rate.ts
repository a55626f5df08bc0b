/**
 * A limit on the treated arm's own rate, for where there is no control: the stage at 100, or an objective that holds whatever control does.
 *
 * An outcome that is still to come counts as none. That can only weaken evidence of a high rate, which is therefore had from all units, and
 * would feign evidence of a low one, which is had from settled units only. Assumes units independent of one another; unlike the comparison
 * with control, an outage of everything is a breach here, and is meant to be.
 */

import { attemptWeight } from './attempt-weight.ts';
import { type ChanceMixture, chanceEvidence, chanceMixture } from './chance-mixture.ts';
import { combineStages } from './combine-stages.ts';
import { finiteExp } from './log-sum.ts';
import { DEFAULT_ALPHA, DEFAULT_BETA } from './rate-plan.ts';
import type { RateState, Totals } from './rate-state.ts';
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

export interface AbsoluteRatePlan {
  /** Harm is a rate above (an error) or below (a conversion) the limit. */
  readonly harm: 'above' | 'below';
  readonly limit: number;
  readonly stages: number;
  readonly alpha: number;
  readonly beta: number;
  readonly logWeight: number;
  readonly above: ChanceMixture;
  readonly below: ChanceMixture;
}

/** `limit`: strictly between 0 and 1. */
export const absoluteRatePlan = (
  harm: 'above' | 'below',
  limit: number,
  stages: number,
  { alpha = DEFAULT_ALPHA, beta = DEFAULT_BETA, attempt = 0 }: { alpha?: number; beta?: number; attempt?: number } = {},
): AbsoluteRatePlan => ({
  harm,
  limit,
  stages,
  alpha,
  beta,
  logWeight: Math.log(attemptWeight(attempt)),
  above: chanceMixture(limit, 'above'),
  below: chanceMixture(limit, 'below'),
});

export function assessAbsoluteRate(plan: AbsoluteRatePlan, state: RateState, trouble: UnhealthyReason | null): Verdict {
  if (!(plan.limit > 0 && plan.limit < 1)) return unhealthy('impossible-share');
  const harmful = plan.logWeight + evidenceOf(plan, state, plan.harm);
  const own = state.records.find(({ stage }) => stage === state.stage);
  const safe = own === undefined ? 0 : stageEvidence(plan, own, plan.harm === 'above' ? 'below' : 'above');
  const found = findings(plan, state, harmful, safe);
  if (harmful >= -Math.log(plan.alpha)) return fail('over-limit', found);
  if (trouble !== null) return unhealthy(trouble, found);
  if (own === undefined || own.totals.treated === 0) return noData('no-treated', found);
  return safe >= -Math.log(plan.beta) ? pass('within-limit', found) : inconclusive('more-evidence-needed', found);
}

type Counted = { readonly totals: Totals; readonly settled: Totals };
type Side = 'above' | 'below';

function evidenceOf(plan: AbsoluteRatePlan, { records }: RateState, side: Side): number {
  const whole = {
    totals: summed(records.map(({ totals }) => totals)),
    settled: summed(records.map(({ settled }) => settled)),
  };
  const stages = records.map((record) => stageEvidence(plan, record, side));
  return combineStages(stageEvidence(plan, whole, side), stages, plan.stages);
}

function stageEvidence(plan: AbsoluteRatePlan, { totals, settled }: Counted, side: Side): number {
  const { treated, treatedOutcomes } = side === 'above' ? totals : settled;
  return chanceEvidence(plan[side], treatedOutcomes, treated);
}

const summed = (all: readonly Totals[]): Totals => ({
  treated: all.reduce((sum, { treated }) => sum + treated, 0),
  treatedOutcomes: all.reduce((sum, { treatedOutcomes }) => sum + treatedOutcomes, 0),
  control: all.reduce((sum, { control }) => sum + control, 0),
  controlOutcomes: all.reduce((sum, { controlOutcomes }) => sum + controlOutcomes, 0),
});

function findings(plan: AbsoluteRatePlan, { records }: RateState, harmful: number, safe: number): Partial<Findings> {
  const { treated, treatedOutcomes } = summed(records.map(({ totals }) => totals));
  return {
    estimate: treated === 0 ? null : treatedOutcomes / treated,
    evidence: finiteExp(harmful),
    threshold: 1 / plan.alpha,
    safety: { evidence: finiteExp(safe), needed: 1 / plan.beta, below: plan.limit },
    alwaysValid: true,
  };
}
