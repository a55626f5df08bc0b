/** What a POP refuses, whatever the platform, and what the caller may do about it. */
import { problemReply } from './problem-reply.ts';
import type { Reply } from './reply.ts';

export const UNAUTHORIZED: Reply = problemReply(
  { status: 401, title: 'Unauthorized', detail: 'send a valid SDK key as "Authorization: Bearer <key>"' },
  { 'www-authenticate': 'Bearer' },
);

/** For a key that none of the settings' is, while nothing was heard of those that are issued. */
export const UNHEARD: Reply = problemReply(
  { status: 503, title: 'Service Unavailable', detail: 'it is not known yet which SDK keys there are; ask again' },
  { 'retry-after': '1' },
);

export const FORBIDDEN: Reply = problemReply({ status: 403, title: 'Forbidden', detail: 'this takes a server key' });

export const METHOD_NOT_ALLOWED: Reply = problemReply(
  { status: 405, title: 'Method Not Allowed', detail: 'evaluation takes POST, with {"context": {…}}' },
  { allow: 'POST' },
);

/** For what is only read. */
export const READ_ONLY: Reply = problemReply(
  { status: 405, title: 'Method Not Allowed', detail: 'this takes GET' },
  { allow: 'GET, HEAD' },
);

export const NOT_FOUND: Reply = problemReply({
  status: 404,
  title: 'Not Found',
  detail: 'there is no such route; see POST /ofrep/v1/evaluate/flags',
});

export const MISCONFIGURED: Reply = problemReply({
  status: 500,
  title: 'Misconfigured',
  detail: 'the Worker is not configured; see its log',
});

/** For a bug: the log has it, the caller does not. */
export const FAILED: Reply = problemReply({
  status: 500,
  title: 'Internal Server Error',
  detail: 'the request could not be answered',
});
