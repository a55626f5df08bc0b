/** A change request as it is shown: times as RFC 3339, and what its operations would do as things stand. */
import * as z from 'zod';
import { missingApprovals } from '#control/approvals';
import { diffChange } from '#control/diff-change';
import type { Facts } from '#control/facts';
import type { Refusal } from '#control/refusal';
import { refusalMessage } from '#control/refusal-message';
import { rfc3339 } from '#control/rfc3339';
import type { ChangeRequest, Party, State } from '#control/state';
import type { Change } from '#schema/control-command';
import type { Principal } from '#schema/control-principal';
import { diffFields } from './change-shapes.ts';
import { mayReadAll, UNREADABLE } from './readable.ts';
import { effect, missingApproval, refusal, requirement, time } from './shapes.ts';

const party = z.object({ id: z.string(), person: z.string() });

export const requestShape = z.object({
  id: z.string(),
  status: z.enum(['open', 'approved', 'scheduled', 'voided']),
  hash: z.string().describe('What an approval is bound to.'),
  change: z.object({
    operations: z.array(z.looseObject({ op: z.string(), kind: z.string(), key: z.string(), base: z.int() })),
    justification: z.string(),
    apply: z.union([z.enum(['when-approved', 'by-hand']), z.object({ at: time })]),
    ticket: z.string().optional(),
    confirm: z.array(z.string()),
    override: z.array(z.string()).optional(),
  }),
  editors: z.array(party).describe('Whoever wrote or amended it, the author first.'),
  openedAt: time,
  amendedAt: time,
  effects: z.array(effect),
  requirements: z.array(requirement),
  approvals: z.array(z.object({ by: party, roles: z.array(z.string()), hash: z.string(), at: time })),
  held: refusal.optional().describe('Why it is not applied though it is approved, or why it is void.'),
});

const { items, flags, publishes, isReturn } = diffFields;

export const requestDetailShape = requestShape.extend({
  missing: z.array(missingApproval).describe('Who must still approve, as people and their roles are now.'),
  diff: z
    .object({ items, flags, publishes, isReturn })
    .nullable()
    .describe('Null where it could not be applied as things stand, or affects by now what the caller may not read.'),
  refusal: refusal.nullable().describe('Why it could not be applied, or is not shown, as things stand.'),
  message: z.string().nullable(),
});

export const shownRequest = ({
  change,
  editors,
  openedAt,
  amendedAt,
  approvals,
  bytes: _bytes,
  ...request
}: ChangeRequest) => ({
  ...request,
  change: { ...change, apply: shownWhen(change.apply) },
  editors: editors.map(shownParty),
  openedAt: rfc3339(openedAt),
  amendedAt: rfc3339(amendedAt),
  approvals: approvals.map(({ by, at, ...approval }) => ({ ...approval, by: shownParty(by), at: rfc3339(at) })),
});

const shownParty = ({ id, person }: Party) => ({ id, person });

const shownWhen = (apply: Change['apply']) => (typeof apply === 'string' ? apply : { at: rfc3339(apply.at) });

export function shownRequestDetail(state: State, request: ChangeRequest, principal: Principal, facts: Facts) {
  const diff = diffChange(state, request.change, principal, facts);
  const missing = missingApprovals(state, request, facts);
  const shown = { ...shownRequest(request), missing };
  const untold = (refusal: Refusal) => ({ ...shown, diff: null, refusal, message: refusalMessage(refusal) });
  if (!diff.ok) return untold(diff.error);
  // It may affect more by now than it did when it was kept.
  if (!mayReadAll(principal, diff.value.requirements)) return untold(UNREADABLE);
  const { items, flags, publishes, isReturn } = diff.value;
  return { ...shown, diff: { items, flags, publishes, isReturn }, refusal: null, message: null };
}
