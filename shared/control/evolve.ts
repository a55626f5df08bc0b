/**
 * The next state. Total over the events that there are, and over nothing else: a log that was written by a later version is not
 * read with holes. No rule is asked here that may change later; events carry what the rules came to.
 */
import type { Event } from './event.ts';
import { evolveItem } from './evolve-item.ts';
import { evolvePublish } from './evolve-publish.ts';
import { evolveRequest } from './evolve-request.ts';
import type { State } from './state.ts';

export function evolve(state: State, event: Event): State {
  switch (event.type) {
    case 'item-put':
    case 'item-archived':
    case 'item-deleted':
    case 'project-put':
    case 'project-deleted':
    case 'environment-put':
    case 'environment-deleted':
    case 'policy-put':
    case 'policy-deleted':
    case 'webhook-put':
    case 'webhook-deleted':
    case 'sdk-key-put':
    case 'sdk-key-revoked':
    case 'service-token-put':
    case 'service-token-revoked':
      return evolveItem(state, event);
    case 'publish-requested':
    case 'published':
    case 'journal-imported':
    case 'keys-published':
      return evolvePublish(state, event);
    case 'request-opened':
    case 'request-amended':
    case 'request-approved':
    case 'request-held':
    case 'approvals-voided':
    case 'request-voided':
    case 'request-declined':
    case 'request-withdrawn':
    case 'request-applied':
      return evolveRequest(state, event);
    case 'log-restored':
      return state;
    default:
      throw unknownEvent(event);
  }
}

export const fold = (state: State, events: Iterable<Event>): State => {
  let next = state;
  for (const event of events) next = evolve(next, event);
  return next;
};

const unknownEvent = (event: never): Error =>
  new Error(
    `the log has an event that this version does not know: ${JSON.stringify((event as { type?: unknown }).type)}`,
  );
