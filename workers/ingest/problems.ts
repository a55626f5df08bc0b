/** What ingest refuses, and what the sender may do about it. */

import { problemResponse } from '#http/problem';
import {
  MAX_BEACON,
  MAX_BEACON_DEPTH,
  MAX_BEACON_EVENTS,
  MAX_BEACON_SENT,
  MAX_INFLATION,
} from '#schema/exposure-limits';
import { MAX_NAME } from '#schema/limits';
import type { IngestAction, IngestKeyKind } from './key-kinds.ts';
import type { BodyRefusal } from './read-body.ts';
import type { Rejection } from './verdicts.ts';

export const badRequest = (detail: string): Response => problemResponse({ status: 400, title: 'Bad Request', detail });

/** With the verdict on each event, so that a sender need not find out by halves. */
export function noneGood(rejected: readonly Rejection[]): Response {
  const [first] = rejected;
  const detail = `none of ${rejected.length} events is good; ${first?.of}.${first?.index}: ${first?.detail}`;
  const problem = { status: 400, title: 'Bad Request', detail, rejected };
  return problemResponse(problem);
}

export const unauthorized = (): Response =>
  problemResponse(
    { status: 401, title: 'Unauthorized', detail: 'send a valid SDK key as "Authorization: Bearer <key>"' },
    { 'www-authenticate': 'Bearer' },
  );

/** For a key that none of the settings' is, while nothing was heard of those that are issued. */
export const unheard = (): Response =>
  problemResponse(
    { status: 503, title: 'Service Unavailable', detail: 'it is not known yet which SDK keys there are; ask again' },
    { 'retry-after': '1' },
  );

export const forbidden = (kind: IngestKeyKind, action: IngestAction): Response =>
  problemResponse({
    status: 403,
    title: 'Forbidden',
    detail: `this takes ${TAKES[action]}, and this is a ${kind} key`,
  });

const TAKES: Readonly<Record<IngestAction, string>> = {
  send: "a server or relay key, or a POP's own",
  count: 'a server or relay key',
  'key-use': "the control plane's own key",
  'declare-cohort': "the rollout controller's own key, or the control plane's",
  quarantine: "the control plane's own key",
  'who-saw': "the control plane's own key",
  metrics: "a server or relay key, or the control plane's own",
  'read-cohort': 'a server or relay key, or one of the rollout controller or the control plane',
};

export const notFound = (): Response =>
  problemResponse({
    status: 404,
    title: 'Not Found',
    detail:
      'there is no such route; see POST /v1/exposures, GET /v1/counts, GET /v1/cohorts, GET /v1/key-use and GET /metrics',
  });

export const noSuchRollout = (rollout: string): Response =>
  problemResponse({
    status: 404,
    title: 'Not Found',
    detail: `no rollout ${JSON.stringify(rollout.slice(0, MAX_NAME))} was declared: PUT /v1/cohorts/{rollout} does it`,
  });

/** For what contradicts an earlier declaration. */
export const conflict = (detail: string): Response => problemResponse({ status: 409, title: 'Conflict', detail });

export const noArchive = (): Response =>
  problemResponse({ status: 404, title: 'Not Found', detail: 'nothing is archived: bind a bucket of R2 as ARCHIVE' });

export const noSuchObject = (): Response =>
  problemResponse({ status: 404, title: 'Not Found', detail: 'there is no such object: GET /v1/archive names all' });

export const archiveUnavailable = (): Response =>
  problemResponse(
    { status: 503, title: 'Service Unavailable', detail: 'the archive did not answer: ask the same again' },
    { 'retry-after': '1' },
  );

/** A shard did not answer. */
export const shardUnavailable = (): Response =>
  problemResponse(
    { status: 503, title: 'Service Unavailable', detail: 'a cohort shard did not answer: ask the same again' },
    { 'retry-after': '1' },
  );

export const methodNotAllowed = (allow: string): Response =>
  problemResponse({ status: 405, title: 'Method Not Allowed', detail: `this takes ${allow}` }, { allow });

export const tooManyEvents = (events: number): Response =>
  tooLarge(`a beacon holds at most ${MAX_BEACON_EVENTS} events and outcomes, and this one has ${events}: send several`);

export const unavailable = (overloaded: boolean): Response =>
  problemResponse(
    {
      status: 503,
      title: 'Service Unavailable',
      detail: 'an inbox did not answer: send the same again after Retry-After seconds; what was kept is counted once',
    },
    { 'retry-after': overloaded ? '5' : '1' },
  );

export const internalError = (): Response =>
  problemResponse({ status: 500, title: 'Internal Server Error', detail: 'the request could not be answered' });

export function badBody(refusal: BodyRefusal): Response {
  switch (refusal) {
    case 'unknown-type':
      return unsupported('send the beacon as "Content-Type: application/json"', { accept: 'application/json' });
    case 'unknown-encoding':
      return unsupported('send the beacon as it is, or with "Content-Encoding: gzip"', { 'accept-encoding': 'gzip' });
    case 'too-large-as-sent':
      return tooLarge(`a beacon has at most ${MAX_BEACON_SENT} bytes as sent: send several, or gzip it`);
    case 'too-large':
      return tooLarge(
        `a beacon inflates to at most ${MAX_BEACON} bytes and ${MAX_INFLATION} times its size: send several`,
      );
    case 'not-gzip':
      return badRequest('the body is no gzip, or not all of it');
    case 'not-json':
      return badRequest('the body is no JSON');
    case 'too-deep':
      return badRequest(`the body nests deeper than ${MAX_BEACON_DEPTH}`);
    default:
      return refusal satisfies never;
  }
}

const tooLarge = (detail: string): Response => problemResponse({ status: 413, title: 'Content Too Large', detail });

const unsupported = (detail: string, headers: Readonly<Record<string, string>>): Response =>
  problemResponse({ status: 415, title: 'Unsupported Media Type', detail }, headers);
