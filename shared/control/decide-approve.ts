/** Another person's word for a change, bound to the change that they saw. With the last that is needed it is applied, or scheduled. */
import type { Command } from '#schema/control-command';
import type { Principal } from '#schema/control-principal';
import { ok, type Result, refused } from '#schema/result';
import { applyEvents } from './apply-events.ts';
import { currentParty, missingApprovals } from './approvals.ts';
import { mayApprove } from './authorize.ts';
import { checkApply } from './check-apply.ts';
import { groundDrift } from './drift.ts';
import type { Event } from './event.ts';
import { evolve } from './evolve.ts';
import type { Facts } from './facts.ts';
import { trainingRefusal } from './gates.ts';
import { openRequest } from './open-request.ts';
import { get } from './persistent-map.ts';
import { partyOf, sharesPerson } from './persons.ts';
import type { Refusal } from './refusal.ts';
import { requestStatus } from './request-status.ts';
import type { Approval, ChangeRequest, State } from './state.ts';

type Approve = Extract<Command, { type: 'approve' }>;

export function decideApprove(
  state: State,
  command: Approve,
  actor: Principal,
  facts: Facts,
): Result<readonly Event[], Refusal> {
  const found = openRequest(state, command, ['open']);
  if (!found.ok) return found;
  const request = found.value;
  const refusal = approverRefusal(state, request, actor, facts);
  if (refusal !== undefined) return refused(refusal);
  // What it affects may have become more since it was opened: then nobody has seen it as it is.
  const drift = groundDrift(state, request, facts);
  if (drift.length > 0) return ok(drift);
  const approval: Approval = { by: partyOf(actor), roles: actor.roles, hash: request.hash, at: facts.now };
  const missing = missingApprovals(state, { ...request, approvals: [...request.approvals, approval] }, facts);
  const status = requestStatus(missing, request.change.apply, facts.now);
  const approved: Event = { type: 'request-approved', request: request.id, at: facts.now, approval, status };
  const atOnce = status === 'approved' && request.change.apply !== 'by-hand';
  return ok(atOnce ? [approved, ...applied(evolve(state, approved), request.id, facts)] : [approved]);
}

function approverRefusal(state: State, request: ChangeRequest, actor: Principal, facts: Facts): Refusal | undefined {
  const party = partyOf(actor);
  const isOwn = request.editors.some((editor) => sharesPerson(currentParty(state, editor, facts), party, facts));
  if (isOwn) return { code: 'own-change' };
  const isRepeated = request.approvals.some(({ by }) => sharesPerson(currentParty(state, by, facts), party, facts));
  if (isRepeated) return { code: 'approved-already' };
  const counting = request.requirements.filter((requirement) => mayApprove(actor, requirement));
  if (counting.length === 0) {
    const roles = [...new Set(request.requirements.flatMap(({ approvals }) => approvals.roles))].sort();
    return { code: 'no-approver', roles };
  }
  const untrained = counting.map(({ training }) => trainingRefusal(training, party, facts));
  return untrained.includes(undefined) ? undefined : untrained[0];
}

/** Approved it stays, even where something else keeps it from being applied; what that is, is written down. */
function applied(state: State, id: string, facts: Facts): readonly Event[] {
  const request = get(state.requests, id) as ChangeRequest;
  const checked = checkApply(state, request, facts);
  if (checked.ok) return applyEvents(checked.value, request, facts);
  return [{ type: 'request-held', request: id, at: facts.now, why: checked.error }];
}
