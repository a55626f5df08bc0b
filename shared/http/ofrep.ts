/**
 * OFREP 0.3 (OpenFeature Remote Evaluation Protocol): single and bulk evaluation. Source: open-feature/protocol,
 * `service/openapi.yaml`. The same answers at the edge and in relays; who may ask is decided before.
 */

import { type Context, createContext, type Place } from '#core/context';
import type { Decision } from '#core/decision';
import { evaluate } from '#core/evaluate';
import type { Ruleset } from '#core/flag';
import { xxh32 } from '#core/xxh32';
import { canonicalJson } from '#ruleset/canonical-json';
import { NO_RULESET } from '#ruleset/offline';
import { ok, type Result, refused } from '#schema/result';
import { type BodyRefusal, boundedJson } from './bounded-json.ts';
import { matchesEtag } from './etag.ts';
import { type Answer, answerOf } from './ofrep-answer.ts';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_CONTEXT_DEPTH = 32;

/** What an evaluation is made with. */
export interface Evaluator {
  readonly ruleset: Ruleset;
  /** Names the content of the ruleset: a version alone may come again, where a store was lost, or before there is any. */
  readonly digest: string;
  readonly place: Place;
  /** No word from the source for too long: reasons become STALE. */
  readonly stale: boolean;
  /** Whether only flags that are visible to clients are answered. */
  readonly clientOnly: boolean;
  /** No ruleset was ever received: a flag without an offline default is not unknown, it has no value. */
  readonly offline: boolean;
  /** Told of each decision that is answered by itself: somebody was served it. */
  exposed?(key: string, decision: Decision, context: Context): void;
  /** Told how many flags were answered together: which of them anybody sees is known to the client alone. */
  evaluated?(flags: number): void;
}

interface Failure {
  readonly errorCode: 'PARSE_ERROR' | 'INVALID_CONTEXT';
  readonly errorDetails: string;
}

/** Headers of every answer, beside those that OFREP gives it. */
type MoreHeaders = Readonly<Record<string, string>>;

/** `POST /ofrep/v1/evaluate/flags/{key}` */
export async function evaluateOne(
  request: Request,
  key: string,
  evaluator: Evaluator,
  headers: MoreHeaders = {},
): Promise<Response> {
  const context = contextIn(await readBody(request));
  if (!context.ok) return failureResponse({ key, ...context.error.failure }, context.error.status, headers);
  if (!isVisible(key, evaluator)) return evaluator.offline ? withoutValue(key, headers) : notFound(key, headers);
  const prepared = createContext(context.value, evaluator.place);
  const decision = evaluate(evaluator.ruleset, key, prepared);
  evaluator.exposed?.(key, decision, prepared);
  const { json, isFailure } = answerOf(key, decision, evaluator);
  return jsonResponse(json, isFailure ? 400 : 200, headers);
}

/** `POST /ofrep/v1/evaluate/flags`; 304 where the caller has the answer already. */
export async function evaluateMany(request: Request, evaluator: Evaluator, more: MoreHeaders = {}): Promise<Response> {
  const context = contextIn(await readBody(request));
  if (!context.ok) return failureResponse(context.error.failure, context.error.status, more);
  const etag = etagOf(context.value, evaluator);
  const headers = { etag, 'cache-control': 'private, no-cache', ...more };
  if (matchesEtag(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers });
  const flags = answersOf(evaluator, createContext(context.value, evaluator.place)).map(({ json }) => json);
  const metadata = `{"version":${evaluator.ruleset.version}}`;
  return jsonResponse(`{"flags":[${flags.join(',')}],"metadata":${metadata}}`, 200, headers);
}

/** Every flag that the caller may see, as bulk evaluation answers. */
export function bulkAnswer(evaluator: Evaluator, context: Context): object {
  const flags = answersOf(evaluator, context).map(({ body }) => body);
  return { flags, metadata: { version: evaluator.ruleset.version } };
}

function answersOf(evaluator: Evaluator, context: Context): Answer[] {
  const { ruleset } = evaluator;
  const keys = visibleKeys(evaluator);
  evaluator.evaluated?.(keys.length);
  return keys.map((key) => answerOf(key, evaluate(ruleset, key, context), evaluator));
}

/** What clients may see of a ruleset does not change: it is found once. */
const clientKeys = new WeakMap<Ruleset, readonly string[]>();

function visibleKeys(evaluator: Evaluator): readonly string[] {
  const { ruleset, clientOnly } = evaluator;
  if (!clientOnly) return ruleset.flagKeys();
  const known = clientKeys.get(ruleset);
  if (known !== undefined) return known;
  const keys = ruleset.flagKeys().filter((key) => isVisible(key, evaluator));
  clientKeys.set(ruleset, keys);
  return keys;
}

const jsonResponse = (json: string, status: number, headers: MoreHeaders): Response =>
  new Response(json, { status, headers: { 'content-type': 'application/json', ...headers } });

const failureResponse = (failure: object, status: number, headers: MoreHeaders): Response =>
  jsonResponse(JSON.stringify(failure), status, headers);

type Refused = { readonly status: number; readonly failure: Failure };

const readBody = (request: Request): Promise<Result<unknown, BodyRefusal>> =>
  boundedJson(request, MAX_BODY_BYTES, MAX_CONTEXT_DEPTH);

function contextIn(body: Result<unknown, BodyRefusal>): Result<unknown, Refused> {
  if (!body.ok) return refused(bodyFailure(body.error));
  const context = isObject(body.value) ? body.value['context'] : undefined;
  if (isObject(context)) return ok(context);
  const errorDetails = 'the body must be {"context": {…}}, the context an object with targetingKey and attributes';
  return refused({ status: 400, failure: { errorCode: 'INVALID_CONTEXT', errorDetails } });
}

function bodyFailure(refusal: BodyRefusal): Refused {
  switch (refusal) {
    case 'too-large': {
      const errorDetails = `the body is larger than ${MAX_BODY_BYTES} bytes`;
      return { status: 400, failure: { errorCode: 'INVALID_CONTEXT', errorDetails } };
    }
    case 'too-deep': {
      const errorDetails = `the context nests deeper than ${MAX_CONTEXT_DEPTH}`;
      return { status: 400, failure: { errorCode: 'INVALID_CONTEXT', errorDetails } };
    }
    case 'not-json':
      return { status: 400, failure: { errorCode: 'PARSE_ERROR', errorDetails: 'the body is no JSON' } };
    default:
      return refusal satisfies never;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function notFound(key: string, headers: MoreHeaders): Response {
  const errorDetails = `no flag ${JSON.stringify(key.slice(0, 128))} in this environment`;
  return failureResponse({ key, errorCode: 'FLAG_NOT_FOUND', errorDetails }, 404, headers);
}

/** The code's default applies (OFREP, ADR-0006). */
const withoutValue = (key: string, headers: MoreHeaders): Response =>
  jsonResponse(JSON.stringify({ key, reason: 'DEFAULT', metadata: { version: 0, warning: NO_RULESET } }), 200, headers);

/** Whether there is such a flag for this caller. */
function isVisible(key: string, { ruleset, clientOnly }: Evaluator): boolean {
  const flag = ruleset.flags.get(key) ?? ruleset.firstUse(key);
  return flag !== undefined && (flag.client || !clientOnly);
}

/**
 * Of everything that the answer depends on, so never of another user's. 64 bits that no cache but the caller's own compares:
 * with SHA-256, a bulk answer takes a tenth more CPU (test/bench/edge).
 */
function etagOf(context: unknown, { digest, place, stale, clientOnly }: Evaluator): string {
  const text = `${digest} ${JSON.stringify(place)} ${stale} ${clientOnly} ${canonicalJson(context)}`;
  return `"${xxh32(text, 0)}.${xxh32(text, 1)}"`;
}
