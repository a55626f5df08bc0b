/** What a command came to, as a caller sees it. Made from what is in the log, so that the same key gives the same answer again. */
import type { Event } from '#control/event';
import { get } from '#control/persistent-map';
import type { Effect, RequestStatus } from '#control/state';
import type { Principal } from '#schema/control-principal';
import { ok, type Result } from '#schema/result';
import type { Answer as Done } from '../order.ts';
import type { Api } from './api.ts';
import type { ApiRefusal } from './api-refusal.ts';
import { missingIn } from './missing-in.ts';
import type { Answer } from './route.ts';

interface Outcome {
  readonly status: RequestStatus | 'applied' | 'declined' | 'withdrawn';
  readonly id: string | undefined;
  readonly effects?: readonly Effect[];
}

export async function writeReply(api: Api, principal: Principal, { seq, events, frozen }: Done): Promise<Answer> {
  if (seq === null) return ok({ status: 200, body: { status: 'unchanged' } });
  const { status, id, effects } = outcomeOf(events);
  const told = { status, seq, frozen, ...(frozen.length > 0 && { message: frozenMessage(frozen) }) };
  if (status === 'applied' || status === 'declined' || status === 'withdrawn')
    return ok({ status: 200, body: { ...told, ...(effects && { effects }), ...(id !== undefined && { id }) } });
  const request = await requestTold(api, principal, id ?? '');
  if (!request.ok) return request;
  const location = `/v1/change-requests/${id}`;
  return ok({ status: 202, headers: { location }, body: { ...told, request: request.value } });
}

export const frozenMessage = (frozen: readonly string[]): string =>
  `config is frozen in ${frozen.join(', ')}: the publisher does not take what waits for it. This is kept, and goes out once it does`;

/** Of one command: what was applied by it, or else the last that happened to its request. */
function outcomeOf(events: readonly Event[]): Outcome {
  let outcome: Outcome = { status: 'applied', id: undefined };
  for (const event of events) {
    const next = stepOf(event);
    // What an applied change makes of other requests is theirs.
    if (outcome.effects === undefined && next !== undefined) outcome = next;
  }
  return outcome;
}

function stepOf(event: Event): Outcome | undefined {
  switch (event.type) {
    case 'request-opened':
      return { status: event.request.status, id: event.request.id };
    case 'request-amended':
    case 'request-approved':
      return { status: event.status, id: event.request };
    case 'request-held':
      return { status: 'approved', id: event.request };
    case 'approvals-voided':
      return { status: 'open', id: event.request };
    case 'request-voided':
      return { status: 'voided', id: event.request };
    case 'request-declined':
      return { status: 'declined', id: event.request };
    case 'request-withdrawn':
      return { status: 'withdrawn', id: event.request };
    case 'request-applied':
      return { status: 'applied', id: event.request, effects: event.effects };
    default:
      return undefined;
  }
}

/** As it is now: an answer that is given again may find it gone. */
async function requestTold(api: Api, principal: Principal, id: string): Promise<Result<object, ApiRefusal>> {
  const request = get(api.control.executing.held().state.requests, id);
  if (request === undefined) return ok({ id });
  const missing = await missingIn(api, principal, request);
  if (!missing.ok) return missing;
  const { hash, held } = request;
  return ok({ id, hash, missing: missing.value, ...(held && { held }) });
}
