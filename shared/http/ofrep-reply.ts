/**
 * OFREP 0.3 (OpenFeature Remote Evaluation Protocol): single and bulk evaluation. Source: open-feature/protocol,
 * `service/openapi.yaml`. The same answers at every edge and in relays; who may ask is decided before. Pure.
 */

import { type Context, createContext, isObject, type Place } from '#core/context';
import type { Decision } from '#core/decision';
import { evaluate } from '#core/evaluate';
import type { Ruleset } from '#core/flag';
import { xxh32 } from '#core/xxh32';
import { canonicalJson } from '#ruleset/canonical-json';
import { NO_RULESET } from '#ruleset/offline';
import { ok, type Result, refused } from '#schema/result';
import { matchesEtag } from './etag.ts';
import { type FlagScope, isInScope } from './flag-scope.ts';
import type { BodyRefusal } from './json-text.ts';
import { type Answer, type AnswerBody, answerOf } from './ofrep-answer.ts';
import type { Reply } from './reply.ts';

/** Of a question's body, and how deep the context in it may nest. */
export const MAX_BODY_BYTES = 64 * 1024;
export const MAX_CONTEXT_DEPTH = 32;

/** A question's body, read within these bounds. */
export type OfrepBody = Result<unknown, BodyRefusal>;

/** Whom an evaluation is for: what its key lets it see. */
export interface Caller {
  /** Whether only flags that are visible to clients are answered. */
  readonly clientOnly: boolean;
  readonly scope?: FlagScope;
}

/** What an evaluation is made with. */
export interface Evaluator extends Caller {
  readonly ruleset: Ruleset;
  /** Names the content of the ruleset: a version alone may come again, where a store was lost, or before there is any. */
  readonly digest: string;
  readonly place: Place;
  /** No word from the source for too long: reasons become STALE. */
  readonly stale: boolean;
  /** No ruleset was ever received: a flag without an offline default is not unknown, it has no value. */
  readonly offline: boolean;
  /** Told of each decision that is answered by itself: somebody was served it. */
  exposed?(key: string, decision: Decision, context: Context): void;
  /**
   * Told which flags were answered together, by the same list for all who may see the same: which of them anybody sees is known to the
   * client alone.
   */
  evaluated?(flags: readonly string[]): void;
}

interface Failure {
  readonly errorCode: 'PARSE_ERROR' | 'INVALID_CONTEXT';
  readonly errorDetails: string;
}

/** Headers of every answer, beside those that OFREP gives it: where both have one, these. */
export type MoreHeaders = Readonly<Record<string, string>>;

/** `POST /ofrep/v1/evaluate/flags/{key}` */
export function replyToOne(body: OfrepBody, key: string, evaluator: Evaluator, headers: MoreHeaders): Reply {
  const context = contextIn(body);
  if (!context.ok) return failureReply({ key, ...context.error }, 400, headers);
  if (!isVisible(key, evaluator)) return evaluator.offline ? withoutValue(key, headers) : notFound(key, headers);
  const prepared = createContext(context.value, evaluator.place);
  const decision = evaluate(evaluator.ruleset, key, prepared);
  evaluator.exposed?.(key, decision, prepared);
  const { json, isFailure } = answerOf(key, decision, evaluator);
  return jsonReply(json, isFailure ? 400 : 200, headers);
}

/** `POST /ofrep/v1/evaluate/flags`; 304 where `ifNoneMatch` says that the caller has the answer already. */
export function replyToMany(
  body: OfrepBody,
  ifNoneMatch: string | null,
  evaluator: Evaluator,
  more: MoreHeaders,
): Reply {
  const context = contextIn(body);
  if (!context.ok) return failureReply(context.error, 400, more);
  const etag = etagOf(context.value, evaluator);
  const headers = { etag, 'cache-control': 'private, no-cache', ...more };
  if (matchesEtag(ifNoneMatch, etag)) return { status: 304, headers, body: null };
  const flags = answersOf(evaluator, createContext(context.value, evaluator.place)).map(({ json }) => json);
  const metadata = `{"version":${evaluator.ruleset.version}}`;
  return jsonReply(`{"flags":[${flags.join(',')}],"metadata":${metadata}}`, 200, headers);
}

export interface BulkAnswer {
  readonly flags: readonly AnswerBody[];
  readonly metadata: {
    readonly version: number;
    /** The pseudonym of whoever asked, beside tokens. */
    readonly unit?: string;
  };
}

/** Every flag that the caller may see, as bulk evaluation answers. */
export function bulkAnswer(evaluator: Evaluator, context: Context): BulkAnswer {
  const flags = answersOf(evaluator, context).map(({ body }) => body);
  return { flags, metadata: { version: evaluator.ruleset.version } };
}

function answersOf(evaluator: Evaluator, context: Context): Answer[] {
  const { ruleset } = evaluator;
  const keys = visibleKeys(evaluator);
  evaluator.evaluated?.(keys);
  return keys.map((key) => answerOf(key, evaluate(ruleset, key, context), evaluator));
}

/** By audience: what it may see of a ruleset does not change, and is found once. */
const visible = new WeakMap<Ruleset, Map<string, readonly string[]>>();

function visibleKeys(evaluator: Evaluator): readonly string[] {
  const { ruleset } = evaluator;
  const audience = audienceOf(evaluator);
  const found = visible.get(ruleset) ?? new Map<string, readonly string[]>();
  const known = found.get(audience);
  if (known !== undefined) return known;
  const keys = ruleset.flagKeys().filter((key) => isVisible(key, evaluator));
  visible.set(ruleset, found.set(audience, keys));
  return keys;
}

/** No namespace is named so, or has a comma in it. */
const audienceOf = ({ clientOnly, scope = ['*'] }: Caller): string => `${clientOnly} ${scope.join()}`;

const jsonReply = (json: string, status: number, headers: MoreHeaders): Reply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: json,
});

const failureReply = (failure: object, status: number, headers: MoreHeaders): Reply =>
  jsonReply(JSON.stringify(failure), status, headers);

function contextIn(body: OfrepBody): Result<unknown, Failure> {
  if (!body.ok) return refused(bodyFailure(body.error));
  const context = isObject(body.value) ? body.value['context'] : undefined;
  if (isObject(context)) return ok(context);
  return refused(invalid('the body must be {"context": {…}}, the context an object with targetingKey and attributes'));
}

function bodyFailure(refusal: BodyRefusal): Failure {
  switch (refusal) {
    case 'too-large':
      return invalid(`the body is larger than ${MAX_BODY_BYTES} bytes`);
    case 'too-deep':
      return invalid(`the context nests deeper than ${MAX_CONTEXT_DEPTH}`);
    case 'not-json':
      return { errorCode: 'PARSE_ERROR', errorDetails: 'the body is no JSON' };
    default:
      return refusal satisfies never;
  }
}

const invalid = (errorDetails: string): Failure => ({ errorCode: 'INVALID_CONTEXT', errorDetails });

function notFound(key: string, headers: MoreHeaders): Reply {
  const errorDetails = `no flag ${JSON.stringify(key.slice(0, 128))} in this environment`;
  return failureReply({ key, errorCode: 'FLAG_NOT_FOUND', errorDetails }, 404, headers);
}

/** The code's default applies (OFREP, ADR-0006). */
const withoutValue = (key: string, headers: MoreHeaders): Reply =>
  jsonReply(JSON.stringify({ key, reason: 'DEFAULT', metadata: { version: 0, warning: NO_RULESET } }), 200, headers);

/** Whether there is such a flag for this caller. */
function isVisible(key: string, { ruleset, clientOnly, scope }: Evaluator): boolean {
  if (!isInScope(key, scope)) return false;
  const flag = ruleset.flags.get(key) ?? ruleset.firstUse(key);
  return flag !== undefined && (flag.client || !clientOnly);
}

/**
 * Of everything that the answer depends on, so never of another user's. 64 bits that no cache but the caller's own compares:
 * with SHA-256, a bulk answer takes a tenth more CPU (test/bench/edge).
 */
function etagOf(context: unknown, evaluator: Evaluator): string {
  const { digest, place, stale } = evaluator;
  const text = `${digest} ${JSON.stringify(place)} ${stale} ${audienceOf(evaluator)} ${canonicalJson(context)}`;
  return `"${xxh32(text, 0)}.${xxh32(text, 1)}"`;
}
