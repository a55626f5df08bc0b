/** A change that shall not be: its approvers decline it, its authors withdraw it. */
import type { Command } from '#schema/control-command';
import type { Principal } from '#schema/control-principal';
import { ok, type Result, refused } from '#schema/result';
import { currentParty } from './approvals.ts';
import { holds, mayApprove } from './authorize.ts';
import { ADMIN } from './built-in-rules.ts';
import type { Event } from './event.ts';
import type { Facts } from './facts.ts';
import { openRequest } from './open-request.ts';
import { partyOf, sharesPerson } from './persons.ts';
import type { Refusal } from './refusal.ts';
import type { ChangeRequest, State } from './state.ts';

type Close = Extract<Command, { type: 'decline' | 'withdraw' }>;

export function decideClose(
  state: State,
  { type, request: id, reason }: Close,
  actor: Principal,
  facts: Facts,
): Result<readonly Event[], Refusal> {
  const found = openRequest(state, { request: id }, ['open', 'approved', 'scheduled', 'voided']);
  if (!found.ok) return found;
  const refusal =
    type === 'decline' ? declineRefusal(found.value, actor) : withdrawRefusal(state, found.value, actor, facts);
  if (refusal !== undefined) return refused(refusal);
  const closed = type === 'decline' ? 'request-declined' : 'request-withdrawn';
  return ok([{ type: closed, request: id, at: facts.now, by: partyOf(actor), reason }]);
}

function declineRefusal({ requirements }: ChangeRequest, actor: Principal): Refusal | undefined {
  if (holds(actor, [ADMIN]) || requirements.some((requirement) => mayApprove(actor, requirement))) return undefined;
  const roles = [...new Set(requirements.flatMap(({ approvals }) => approvals.roles)), ADMIN].sort();
  return { code: 'no-approver', roles };
}

function withdrawRefusal(
  state: State,
  { editors }: ChangeRequest,
  actor: Principal,
  facts: Facts,
): Refusal | undefined {
  const isOwn = editors.some((editor) => sharesPerson(currentParty(state, editor, facts), partyOf(actor), facts));
  return isOwn || holds(actor, [ADMIN]) ? undefined : { code: 'not-the-author' };
}
