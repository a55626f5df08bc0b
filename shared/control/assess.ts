/** What a change would do, and what the policies ask of it, as things stand. */
import type { Change } from '#schema/control-command';
import { ok, type Result } from '#schema/result';
import type { Facts } from './facts.ts';
import { type ChangePlan, planChange } from './plan-change.ts';
import type { Refusal } from './refusal.ts';
import { requirementsOf } from './requirements.ts';
import type { Party, Requirement, State } from './state.ts';

export interface Assessment {
  readonly plan: ChangePlan;
  readonly requirements: readonly Requirement[];
}

export function assess(
  state: State,
  change: Change,
  editors: readonly Party[],
  { now }: Pick<Facts, 'now'>,
): Result<Assessment, Refusal> {
  const holders = editors.flatMap(({ person, alsoPersons }) => [person, ...alsoPersons]);
  const plan = planChange(state, change, { now, holders });
  if (!plan.ok) return plan;
  const { effects, isReturn } = plan.value;
  const requirements = requirementsOf(state, { operations: change.operations, effects, isReturn });
  return requirements.ok ? ok({ plan: plan.value, requirements: requirements.value }) : requirements;
}
