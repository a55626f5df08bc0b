/**
 * Takes what pages tell, on their own origin: a beacon has no header for a key, and asks no other origin for leave. An isolate keeps nothing
 * of it: the page is answered when ingest has it, or told to come again.
 */

import type { Place } from '#core/context';
import type { ExposureTokens } from '#exposure/exposure-token';
import { boundedJson } from '#http/bounded-json';
import type { BodyRefusal } from '#http/json-text';
import { problemResponse } from '#http/problem';
import type { ForwardPageBeacon } from './forward-page-beacon.ts';
import { placeFor } from './place-for.ts';
import type { RateBound } from './rate-bound.ts';
import { readPageBeacon, vetPageBeacon } from './vet-page-beacon.ts';

export interface PageIntakeOptions {
  /** Undefined where the Worker is not connected to ingest. */
  readonly forward: ForwardPageBeacon | undefined;
  readonly tokens: Pick<ExposureTokens, 'verify'> | undefined;
  readonly place: Place;
  readonly bound: RateBound;
  readonly now: () => number;
}

/** Bytes of a beacon; the page's emitter sends no more at once (`#sdk/browser/chunks`). */
const MAX_BYTES = 16 * 1024;
const MAX_DEPTH = 4;
const TYPES: readonly string[] = ['application/json', 'text/plain'];

export function createPageIntake(options: PageIntakeOptions): (request: Request) => Promise<Response> {
  const { forward, tokens, place, bound, now } = options;
  return async (request) => {
    if (request.method !== 'POST') return problem(405, 'this takes POST', { allow: 'POST' });
    if (!isSameOrigin(request)) return problem(403, 'this is for pages of this origin, as their browser says');
    if (!TYPES.includes(mediaTypeOf(request)))
      return problem(415, `send ${TYPES.join(' or ')}`, { accept: TYPES.join() });
    if (forward === undefined || !bound.take()) return later(RETRY_AFTER_S);
    const body = await boundedJson(request, MAX_BYTES, MAX_DEPTH);
    if (!body.ok) return badBody(body.error);
    const beacon = readPageBeacon(body.value);
    if (!beacon.ok) return problem(400, beacon.error);
    const vetted = vetPageBeacon(beacon.value, { tokens, place: placeFor(request, place), receivedAt: now() });
    const { events, outcomes, rejected } = vetted;
    if (events.length + outcomes.length === 0) return verdicts(rejected);
    const forwarded = await forward(vetted, beacon.value.sentAt);
    switch (forwarded.fate) {
      case 'taken':
        return verdicts([...rejected, ...forwarded.rejected]);
      case 'refused':
        return problem(forwarded.status, 'ingest takes none of it as it is; send halves');
      case 'later':
        return later(forwarded.retryAfterSeconds);
      default:
        return forwarded satisfies never;
    }
  };
}

const RETRY_AFTER_S = 5;

/** The browser's word, which no page can write for it; other programs can, and need the edge's token as any page does. */
function isSameOrigin({ url, headers }: Request): boolean {
  const site = headers.get('sec-fetch-site') ?? 'same-origin';
  return site === 'same-origin' && headers.get('origin') === new URL(url).origin;
}

const mediaTypeOf = ({ headers }: Request): string =>
  (headers.get('content-type') ?? '').split(';', 1).join().trim().toLowerCase();

function badBody(refusal: BodyRefusal): Response {
  switch (refusal) {
    case 'too-large':
      return problem(413, `a beacon of a page is at most ${MAX_BYTES} bytes`);
    case 'too-deep':
      return problem(400, `a beacon nests at most ${MAX_DEPTH} deep`);
    case 'not-json':
      return problem(400, 'the body is no JSON');
    default:
      return refusal satisfies never;
  }
}

const TITLES = {
  400: 'Bad Request',
  403: 'Forbidden',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  503: 'Service Unavailable',
} as const;

const UNKEPT = { 'cache-control': 'no-store' };

const problem = (
  status: keyof typeof TITLES,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response => problemResponse({ status, title: TITLES[status], detail }, { ...UNKEPT, ...headers });

const later = (seconds: number): Response =>
  problem(503, 'it cannot be handed on to ingest now; send it again', { 'retry-after': String(seconds) });

/** As ingest answers. */
const verdicts = (rejected: readonly object[]): Response =>
  Response.json({ rejected }, { status: 202, headers: UNKEPT });
