/**
 * OFREP 0.3 at a relay: the same answers as at the edge, past Hono, since most of a relay's requests are these (test/bench/relay).
 * Pages are told where to hear of changes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createCrossOrigin } from '#http/cross-origin';
import { parseJsonText } from '#http/json-text';
import { MAX_BODY_BYTES, MAX_CONTEXT_DEPTH, type OfrepBody, replyToMany, replyToOne } from '#http/ofrep-reply';
import { METHOD_NOT_ALLOWED } from '#http/pop-refusals';
import type { Reply } from '#http/reply';
import type { KeyRecord } from '#http/sdk-keys';
import { refused } from '#schema/result';
import { type Admission, headersOf } from './admission.ts';
import type { EvaluatorFor } from './evaluators.ts';
import { readText } from './read-text.ts';
import { NO_ROUTE } from './refusals.ts';
import { writeReply } from './write-reply.ts';

export interface OfrepOptions {
  readonly admission: Pick<Admission, 'atOnce' | 'recordOf' | 'refusal' | 'tickets'>;
  readonly evaluatorFor: EvaluatorFor;
  readonly allowedOrigins: readonly string[];
}

export const EVALUATION = '/ofrep/v1/evaluate/flags';

/** `path` is without its query, and begins as OFREP's do. */
export type OfrepHandler = (incoming: IncomingMessage, outgoing: ServerResponse, path: string) => Promise<void>;

export function createOfrepHandler(options: OfrepOptions): OfrepHandler {
  const { admission, evaluatorFor } = options;
  const { preflight, answered } = createCrossOrigin(options.allowedOrigins);

  async function replyTo(incoming: IncomingMessage, path: string, record: KeyRecord): Promise<Reply> {
    const key = keyIn(path);
    if (key === null) return NO_ROUTE;
    if (incoming.method !== 'POST') return METHOD_NOT_ALLOWED;
    const body = await bodyOf(incoming);
    const evaluator = evaluatorFor(record);
    const headers = {
      'lockstep-version': String(evaluator.ruleset.version),
      ...(evaluator.ageMs !== undefined && { 'server-timing': `age;dur=${evaluator.ageMs}` }),
    };
    if (key !== undefined) return replyToOne(body, key, evaluator, headers);
    const reply = replyToMany(body, headersOf(incoming).get('if-none-match'), evaluator, headers);
    return withEventStreams(reply, admission.tickets.ticketOf(record));
  }

  return async (incoming, outgoing, path) => {
    const { origin } = incoming.headers;
    if (origin !== undefined && incoming.method === 'OPTIONS' && isPreflight(incoming)) {
      return writeReply(outgoing, { status: 204, headers: preflight(origin), body: null });
    }
    const headers = headersOf(incoming);
    const record = admission.atOnce(headers) ?? (await admission.recordOf(headers));
    const reply = record === undefined ? admission.refusal() : await replyTo(incoming, path, record);
    if (origin === undefined) return writeReply(outgoing, reply);
    const isServerKey = (record?.kind ?? 'client') !== 'client';
    writeReply(outgoing, { ...reply, headers: { ...reply.headers, ...answered(origin, isServerKey) } });
  };
}

const isPreflight = ({ headers }: IncomingMessage): boolean => headers['access-control-request-method'] !== undefined;

/** The flag's key; undefined stands for all flags, null for no route. */
function keyIn(path: string): string | undefined | null {
  if (path === EVALUATION) return undefined;
  if (!path.startsWith(`${EVALUATION}/`) || path.length === EVALUATION.length + 1) return null;
  const text = path.slice(EVALUATION.length + 1);
  try {
    return text.includes('%') ? decodeURIComponent(text) : text;
  } catch {
    // Of no flag: OFREP says how to tell.
    return text;
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<OfrepBody> {
  const text = await readText(incoming, MAX_BODY_BYTES);
  return text === undefined ? refused('too-large') : parseJsonText(text, MAX_CONTEXT_DEPTH);
}

/** One more member of the answer. The address is below the origin that was asked: a relay does not know its own name. */
function withEventStreams(reply: Reply, ticket: string): Reply {
  if (reply.status !== 200 || reply.body === null) return reply;
  const eventStreams = [{ type: 'sse', endpoint: { requestUri: `/ofrep/v1/events/${ticket}` } }];
  return { ...reply, body: `${reply.body.slice(0, -1)},"eventStreams":${JSON.stringify(eventStreams)}}` };
}
