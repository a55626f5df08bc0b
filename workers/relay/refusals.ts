/** What a relay refuses, beside what every POP does, and what the caller may do about it. */
import { problemReply } from '#http/problem-reply';
import type { Reply } from '#http/reply';
import { MAX_BEACON_SENT } from '#schema/exposure-limits';
import { MAX_ACKS, MAX_ACKS_BODY } from '#schema/stream-limits';

export const KEY_IN_QUERY: Reply = problemReply({
  status: 400,
  title: 'Bad Request',
  detail: 'an address ends in logs: send the key as "Authorization: Bearer <key>", and take this one for lost',
});

export const SCOPED: Reply = problemReply({
  status: 403,
  title: 'Forbidden',
  detail: 'a stream carries every flag, and this key is for some namespaces: ask POST /ofrep/v1/evaluate/flags',
});

export const RELAYS_ONLY: Reply = problemReply({
  status: 403,
  title: 'Forbidden',
  detail: 'the hashes of all keys are for relays: this takes a relay key',
});

export const NO_RELAY: Reply = problemReply({
  status: 403,
  title: 'Forbidden',
  detail: 'Lockstep-Kind: relay takes a relay key; what asks with a server key is an sdk',
});

export const NOTHING_YET: Reply = problemReply(
  { status: 503, title: 'Service Unavailable', detail: 'this relay has no ruleset yet; ask again' },
  { 'retry-after': '2' },
);

export const DRAINING: Reply = problemReply(
  { status: 503, title: 'Service Unavailable', detail: 'this relay is about to end; ask another' },
  { 'retry-after': '1', connection: 'close' },
);

export const NOT_KEPT: Reply = problemReply({
  status: 404,
  title: 'Not Found',
  detail: 'no ruleset of that digest is kept here; see GET /v1/ruleset',
});

export const NO_KEYS: Reply = problemReply({
  status: 404,
  title: 'Not Found',
  detail: 'this relay has no keys document',
});

export const NO_INGEST: Reply = problemReply({
  status: 404,
  title: 'Not Found',
  detail: 'this relay is connected to no ingest: set INGEST_URL, or send exposures there',
});

export const INGEST_SILENT: Reply = problemReply(
  {
    status: 503,
    title: 'Service Unavailable',
    detail: 'ingest did not answer: send the same again after Retry-After seconds; what was kept is counted once',
  },
  { 'retry-after': '2' },
);

export const TOO_MANY_BEACONS: Reply = problemReply(
  {
    status: 503,
    title: 'Service Unavailable',
    detail: 'too many exposures are on their way to ingest: send the same again after Retry-After seconds',
  },
  { 'retry-after': '2' },
);

export const BEACON_TOO_LARGE: Reply = problemReply({
  status: 413,
  title: 'Content Too Large',
  detail: `a beacon has at most ${MAX_BEACON_SENT} bytes as sent: send several, or gzip it`,
});

export const badRequest = (detail: string): Reply => problemReply({ status: 400, title: 'Bad Request', detail });

export const ACKS_TOO_LARGE: Reply = problemReply({
  status: 413,
  title: 'Content Too Large',
  detail: `a request has at most ${MAX_ACKS} acknowledgements and ${MAX_ACKS_BODY} bytes: send several`,
});

/** How long to stay away (whole seconds). */
export const tooManyStreams = (seconds: number): Reply =>
  problemReply(
    {
      status: 429,
      title: 'Too Many Requests',
      detail: 'too many streams, or too many at once: come back after Retry-After seconds, and not all together',
    },
    { 'retry-after': String(seconds) },
  );

export const notTaken = (allow: string): Reply =>
  problemReply({ status: 405, title: 'Method Not Allowed', detail: `this takes ${allow}` }, { allow });

export const NO_ROUTE: Reply = problemReply({
  status: 404,
  title: 'Not Found',
  detail: 'there is no such route; see GET /v1/stream, GET /v1/ruleset and POST /ofrep/v1/evaluate/flags',
});
