/** A new change request, or another content for one: applied at once where nothing more is asked for. */
import type { Change, Command, When } from '#schema/control-command';
import { MAX_AHEAD_MS } from '#schema/control-limits';
import type { Principal } from '#schema/control-principal';
import { ok, type Result, refused } from '#schema/result';
import { applyEvents } from './apply-events.ts';
import { missingApprovals } from './approvals.ts';
import { type Assessment, assess } from './assess.ts';
import { editRefusal } from './authorize.ts';
import { changeHash } from './change-hash.ts';
import { checkApply } from './check-apply.ts';
import { authorRefusal, outrightRefusal } from './check-author.ts';
import type { Event } from './event.ts';
import { fold } from './evolve.ts';
import type { Facts } from './facts.ts';
import { openRequest } from './open-request.ts';
import { patternRefusal } from './pattern-budget.ts';
import { get } from './persistent-map.ts';
import { partyOf, sharesPerson } from './persons.ts';
import type { Refusal } from './refusal.ts';
import { requestBytes } from './request-bytes.ts';
import { requestStatus } from './request-status.ts';
import { roomRefusal } from './room-refusal.ts';
import type { ChangeRequest, Party, State } from './state.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;
type Decision = Result<readonly Event[], Refusal>;

export function decideSubmit(state: State, { change }: Of<'submit'>, actor: Principal, facts: Facts): Decision {
  const party = partyOf(actor);
  const assessed = assessFor(state, change, { actor, editors: [party], facts });
  if (!assessed.ok) return assessed;
  const { plan, requirements } = assessed.value;
  const request: ChangeRequest = {
    ...{ id: facts.newId(), status: 'open', change, hash: changeHash(change), editors: [party] },
    ...{ openedAt: facts.now, amendedAt: facts.now, effects: plan.effects, requirements, approvals: [] },
  };
  const missing = missingApprovals(state, request, facts);
  const status = requestStatus(missing, change.apply, facts.now);
  // All of it was checked just now, and of one author: there is nothing to check again, and no request to keep.
  if (status === 'approved' && change.apply !== 'by-hand') return ok(applyEvents(plan, request, facts));
  const kept = { ...request, status, bytes: requestBytes(request) };
  const refusal = roomRefusal(state, kept, facts);
  return refusal === undefined ? ok([{ type: 'request-opened', request: kept }]) : refused(refusal);
}

export function decideAmend(state: State, command: Of<'amend'>, actor: Principal, facts: Facts): Decision {
  const found = openRequest(state, command, ['open', 'approved', 'scheduled', 'voided']);
  if (!found.ok) return found;
  const request = found.value;
  const { change } = command;
  const party = partyOf(actor);
  const isEditor = request.editors.some((editor) => sharesPerson(editor, party, facts));
  const stranger = isEditor ? undefined : editRefusal(actor, request.requirements);
  if (stranger !== undefined) return refused(stranger);
  const hash = changeHash(change);
  if (hash === request.hash) return refused({ code: 'nothing-changes' });
  const editors = [...request.editors.filter(({ id }) => id !== party.id), party];
  const assessed = assessFor(state, change, { actor, editors, facts });
  if (!assessed.ok) return assessed;
  const { plan, requirements } = assessed.value;
  const missing = missingApprovals(state, { hash, editors, approvals: [], requirements }, facts);
  const status = requestStatus(missing, change.apply, facts.now);
  const { effects } = plan;
  const bytes = requestBytes({ change, effects, requirements });
  const amended: Event = {
    ...{ type: 'request-amended', request: request.id, at: facts.now, change, hash, by: party, status },
    ...{ effects, requirements, bytes, voided: request.approvals },
  };
  const atOnce = status === 'approved' && change.apply !== 'by-hand';
  if (atOnce) return applied(state, [amended], request.id, facts);
  // What takes no more room than before is never refused: it may be on the way to taking less.
  const isLarger = bytes > (request.bytes ?? requestBytes(request));
  const refusal = isLarger ? roomRefusal(state, { id: request.id, editors: request.editors, bytes }, facts) : undefined;
  return refusal === undefined ? ok([amended]) : refused(refusal);
}

/** Another time is another change: who approved the old one has not approved this. */
export function decideSchedule(state: State, command: Of<'schedule'>, actor: Principal, facts: Facts): Decision {
  const { request, hash, apply } = command;
  const known = get(state.requests, request);
  if (known === undefined) return refused({ code: 'not-found', what: 'request', key: request });
  return decideAmend(state, { type: 'amend', request, hash, change: { ...known.change, apply } }, actor, facts);
}

interface By {
  readonly actor: Principal;
  readonly editors: readonly Party[];
  readonly facts: Facts;
}

function assessFor(state: State, change: Change, { actor, editors, facts }: By): Result<Assessment, Refusal> {
  const outright =
    outrightRefusal(state, actor, change) ??
    timeRefusal(change.apply, facts.now) ??
    patternRefusal(state, change.operations);
  if (outright !== undefined) return refused(outright);
  const assessed = assess(state, change, editors, facts);
  if (!assessed.ok) return assessed;
  const refusal = authorRefusal(actor, change, assessed.value, facts);
  return refusal === undefined ? assessed : refused(refusal);
}

const timeRefusal = (apply: When, now: number): Refusal | undefined =>
  typeof apply === 'object' && apply.at > now + MAX_AHEAD_MS
    ? { code: 'too-far-ahead', at: apply.at, most: now + MAX_AHEAD_MS }
    : undefined;

/** Checked as any other application is, on the state that has the request. */
function applied(before: State, events: readonly Event[], id: string, facts: Facts): Decision {
  const state = fold(before, events);
  const request = get(state.requests, id) as ChangeRequest;
  const checked = checkApply(state, request, facts);
  return checked.ok ? ok([...events, ...applyEvents(checked.value, request, facts)]) : checked;
}
