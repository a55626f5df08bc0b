/** The first entry of a log: the environments, policies and items that an organisation begins with. Nobody is there yet to approve. */
import type { Command } from '#schema/control-command';
import type { Principal } from '#schema/control-principal';
import { type Result, refused } from '#schema/result';
import { holds } from './authorize.ts';
import { ADMIN } from './built-in-rules.ts';
import type { Event } from './event.ts';
import type { Facts } from './facts.ts';
import { partyOf } from './persons.ts';
import { planChange } from './plan-change.ts';
import type { Refusal } from './refusal.ts';
import { emptyState, type State } from './state.ts';

type Found = Extract<Command, { type: 'found' }>;

export function decideFound(
  state: State,
  { operations }: Found,
  actor: Principal,
  { now }: Pick<Facts, 'now'>,
): Result<readonly Event[], Refusal> {
  const isNew = Object.entries(emptyState).every(([part]) => state[part as keyof State].size === 0);
  if (!isNew) return refused({ code: 'founded-already' });
  if (!holds(actor, [ADMIN])) {
    const missing = [{ policy: 'built-in:found', environment: null, namespaces: [], roles: [ADMIN] }];
    return refused({ code: 'not-allowed', missing });
  }
  const { person, alsoPersons } = partyOf(actor);
  const plan = planChange(state, { operations, confirm: [] }, { now, holders: [person, ...alsoPersons] });
  return plan.ok ? { ok: true, value: plan.value.events } : plan;
}
