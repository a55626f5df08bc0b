/**
 * OFREP 0.3 (OpenFeature Remote Evaluation Protocol): single and bulk evaluation. Source: open-feature/protocol,
 * `service/openapi.yaml`. The same answers at the edge and in relays; who may ask is decided before.
 */

import { encodeBase64url } from '#core/base64url';
import { type Context, createContext, type Place } from '#core/context';
import type { Decision } from '#core/decision';
import { evaluate } from '#core/evaluate';
import type { Ruleset } from '#core/flag';
import { canonicalJson } from '#ruleset/canonical-json';
import { NO_RULESET } from '#ruleset/offline';
import { ok, type Result, refused } from '#schema/result';
import { type BodyRefusal, boundedJson } from './bounded-json.ts';
import { matchesEtag } from './etag.ts';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_CONTEXT_DEPTH = 32;

/** What an evaluation is made with. */
export interface Evaluator {
  readonly ruleset: Ruleset;
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

/** `POST /ofrep/v1/evaluate/flags/{key}` */
export async function evaluateOne(request: Request, key: string, evaluator: Evaluator): Promise<Response> {
  const context = await readContext(request);
  if (!context.ok) return Response.json({ key, ...context.error.failure }, { status: context.error.status });
  if (!isVisible(key, evaluator)) return evaluator.offline ? withoutValue(key) : notFound(key);
  const prepared = createContext(context.value, evaluator.place);
  const decision = evaluate(evaluator.ruleset, key, prepared);
  evaluator.exposed?.(key, decision, prepared);
  const answer = answerOf(key, decision, evaluator);
  return Response.json(answer, { status: 'errorCode' in answer ? 400 : 200 });
}

/** `POST /ofrep/v1/evaluate/flags`; 304 where the caller has the answer already. */
export async function evaluateMany(request: Request, evaluator: Evaluator): Promise<Response> {
  const context = await readContext(request);
  if (!context.ok) return Response.json(context.error.failure, { status: context.error.status });
  const etag = await etagOf(context.value, evaluator);
  const headers = { etag, 'cache-control': 'private, no-cache' };
  if (matchesEtag(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers });
  return Response.json(bulkAnswer(evaluator, createContext(context.value, evaluator.place)), { headers });
}

/** Every flag that the caller may see, as bulk evaluation answers. */
export function bulkAnswer(evaluator: Evaluator, context: Context): object {
  const { ruleset } = evaluator;
  const flags = ruleset
    .flagKeys()
    .filter((key) => isVisible(key, evaluator))
    .map((key) => answerOf(key, evaluate(ruleset, key, context), evaluator));
  evaluator.evaluated?.(flags.length);
  return { flags, metadata: { version: ruleset.version } };
}

type Refused = { readonly status: number; readonly failure: Failure };

async function readContext(request: Request): Promise<Result<unknown, Refused>> {
  const body = await boundedJson(request, MAX_BODY_BYTES, MAX_CONTEXT_DEPTH);
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

function notFound(key: string): Response {
  const errorDetails = `no flag ${JSON.stringify(key.slice(0, 128))} in this environment`;
  return Response.json({ key, errorCode: 'FLAG_NOT_FOUND', errorDetails }, { status: 404 });
}

/** The code's default applies (OFREP, ADR-0006). */
const withoutValue = (key: string): Response =>
  Response.json({ key, reason: 'DEFAULT', metadata: { version: 0, warning: NO_RULESET } });

/** Whether there is such a flag for this caller. */
function isVisible(key: string, { ruleset, clientOnly }: Evaluator): boolean {
  const flag = ruleset.flags.get(key) ?? ruleset.firstUse(key);
  return flag !== undefined && (flag.client || !clientOnly);
}

/** A success, or a failure where the flag cannot be evaluated and declares no offline default. */
function answerOf(key: string, decision: Decision, { stale, clientOnly }: Evaluator): object {
  const { value, variation, reason, errorCode } = decision;
  if (errorCode !== undefined && value === undefined) {
    return { key, errorCode: errorCode === 'INVALID_CONTEXT' ? errorCode : 'PARSE_ERROR', errorDetails: UNREADABLE };
  }
  // No value tells the provider to use the code's default (OFREP, ADR-0006).
  return {
    key,
    ...(value !== undefined && { value }),
    reason: stale && errorCode === undefined ? 'STALE' : reason,
    ...(variation !== undefined && { variant: variation }),
    metadata: {
      version: decision.version,
      revision: decision.revision,
      ...(errorCode !== undefined && { errorCode }),
      ...(stale && { freshReason: reason }),
      ...(clientOnly
        ? clientMetadata(decision)
        : { ...(decision.rule && { rule: decision.rule }), ...decision.metadata }),
    },
  };
}

/** Names of rules, holdouts, layers and other flags are the server's business: they tell who is targeted for what. */
const clientMetadata = ({ metadata }: Decision): object =>
  metadata?.['warning'] === undefined ? {} : { warning: metadata['warning'] };

const UNREADABLE = 'this flag cannot be evaluated, and declares no offline default';

/** Of everything that the answer depends on, so never of another user's. */
async function etagOf(context: unknown, { ruleset, place, stale, clientOnly }: Evaluator): Promise<string> {
  const text = canonicalJson([ruleset.version, place, stale, clientOnly, context]);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return `"${encodeBase64url(new Uint8Array(digest))}"`;
}
