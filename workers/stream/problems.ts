/** What the stream refuses, and what the caller may do about it. */

import type { JsonRefusal } from '#http/bounded-json';
import { problemResponse } from '#http/problem';
import { MAX_ACKS, MAX_ACKS_BODY } from '#schema/stream-limits';
import type { StreamAction, StreamKeyKind } from './key-kinds.ts';
import type { OfferRefusal } from './offer.ts';
import type { OpenRefusal } from './stream-channel.ts';

export const badRequest = (detail: string): Response => problemResponse({ status: 400, title: 'Bad Request', detail });

export interface RejectedAck {
  readonly index: number;
  readonly detail: string;
}

/** With the verdict on each that is bad: all others were kept. */
export function badAcks(rejected: readonly RejectedAck[]): Response {
  const [first] = rejected;
  const detail = `${rejected.length} acknowledgements are bad, all others were kept; acks.${first?.index}: ${first?.detail}`;
  const problem = { status: 400, title: 'Bad Request', detail, rejected };
  return problemResponse(problem);
}

export const keyInQuery = (name: string): Response =>
  badRequest(`send the key as "Authorization: Bearer <key>": a query, as this ${name}, ends in logs; replace that key`);

export const unauthorized = (): Response =>
  problemResponse(
    { status: 401, title: 'Unauthorized', detail: 'send a valid SDK key as "Authorization: Bearer <key>"' },
    { 'www-authenticate': 'Bearer' },
  );

/** For a key that none of the settings' is, while nothing was heard of those that are issued. */
export const unheard = (): Response => unavailable('it is not known yet which SDK keys there are; ask again');

export const nothingYet = (): Response => unavailable('nothing was published yet; ask again');

export const noAnswer = (): Response => unavailable('the channel did not answer; ask again');

const unavailable = (detail: string): Response =>
  problemResponse({ status: 503, title: 'Service Unavailable', detail }, { 'retry-after': '2' });

export const forbidden = (kind: StreamKeyKind, action: StreamAction): Response =>
  refusedTo(`this takes ${TAKES[action]}, and this is a ${kind} key`);

const TAKES: Readonly<Record<StreamAction, string>> = {
  flags: 'a server or relay key (a client key asks OFREP, of a relay)',
  keys: "a relay key, or the publisher's own",
  offer: "the publisher's own key",
};

export const scoped = (scope: readonly string[]): Response =>
  refusedTo(`a stream carries every flag, and this key sees those of ${scope.join(', ')} alone: ask OFREP, of a relay`);

export const notRelay = (): Response => refusedTo('Lockstep-Kind: relay takes a relay key');

const refusedTo = (detail: string): Response => problemResponse({ status: 403, title: 'Forbidden', detail });

export const notFound = (detail = 'there is no such route; see docs/stream.md'): Response =>
  problemResponse({ status: 404, title: 'Not Found', detail });

export const methodNotAllowed = (allow: string): Response =>
  problemResponse({ status: 405, title: 'Method Not Allowed', detail: `this takes ${allow}` }, { allow });

export const internalError = (): Response =>
  problemResponse({ status: 500, title: 'Internal Server Error', detail: 'the request could not be answered' });

export function openRefused(refusal: OpenRefusal): Response {
  switch (refusal.code) {
    case 'nothing-yet':
      return nothingYet();
    case 'instance-taken':
      return conflict('a relay has a stream under this Lockstep-Instance: take another name, one a process');
    case 'too-many': {
      const detail = 'there are too many streams, or too many new ones: come back after Retry-After seconds';
      const headers = { 'retry-after': String(refusal.retryAfterSeconds) };
      return problemResponse({ status: 429, title: 'Too Many Requests', detail }, headers);
    }
    default:
      return refusal satisfies never;
  }
}

export function offerRefused(refusal: OfferRefusal): Response {
  switch (refusal.code) {
    case 'text-needed':
      return conflict('neither this edition nor the base of the delta is here: send its text', { need: 'text' });
    case 'conflict':
      return conflict(refusal.message, { version: refusal.version });
    case 'unreadable':
      return problemResponse({ status: 422, title: 'Unprocessable Content', detail: refusal.message });
    default:
      return refusal satisfies never;
  }
}

function conflict(detail: string, more: object = {}): Response {
  const problem = { status: 409, title: 'Conflict', detail, ...more };
  return problemResponse(problem);
}

export function badBody(refusal: JsonRefusal | 'too-large', most: number): Response {
  switch (refusal) {
    case 'too-large':
      return problemResponse({ status: 413, title: 'Content Too Large', detail: tooLargeText(most) });
    case 'not-json':
      return badRequest('the body is no JSON');
    case 'too-deep':
      return badRequest('the body nests too deep');
    default:
      return refusal satisfies never;
  }
}

const tooLargeText = (most: number): string =>
  most === MAX_ACKS_BODY
    ? `a batch has at most ${MAX_ACKS} acknowledgements and ${MAX_ACKS_BODY} bytes: send several`
    : `the body has at most ${most} bytes`;
