/** Whether somebody may make a change: roles, scopes, ticket and trainings. */
import type { Change } from '#schema/control-command';
import type { Principal } from '#schema/control-principal';
import type { Assessment } from './assess.ts';
import { editRefusal } from './authorize.ts';
import type { Facts } from './facts.ts';
import { ticketRefusal, trainingRefusal, trainingsOf } from './gates.ts';
import { partyOf } from './persons.ts';
import type { Refusal } from './refusal.ts';
import { requirementsOf } from './requirements.ts';
import type { State } from './state.ts';

export const authorRefusal = (
  author: Principal,
  change: Change,
  { requirements }: Assessment,
  facts: Facts,
): Refusal | undefined =>
  editRefusal(author, requirements) ??
  ticketRefusal(requirements, change, facts) ??
  trainingRefusal(trainingsOf(requirements), partyOf(author), facts);

/** Before anything is compiled: whether the author may touch what the operations name. */
export function outrightRefusal(state: State, author: Principal, { operations }: Change): Refusal | undefined {
  const requirements = requirementsOf(state, { operations, effects: [], isReturn: false });
  return requirements.ok ? editRefusal(author, requirements.value) : requirements.error;
}
