/** The answer to an evaluation, and what its headers tell of the ruleset behind it. */
import { boundedJson } from '#http/bounded-json';
import {
  type Caller,
  MAX_BODY_BYTES,
  MAX_CONTEXT_DEPTH,
  type OfrepBody,
  replyToMany,
  replyToOne,
} from '#http/ofrep-reply';
import type { Reply } from '#http/reply';
import { responseOf } from '#http/response-of';
import type { Behind, EdgeEvaluator, EdgeRuntime } from '#sdk/edge/runtime';

export interface Question {
  readonly request: Request;
  /** Of the flag; undefined for all flags. */
  readonly key: string | undefined;
  readonly caller: Caller;
  readonly behind: Behind;
}

/** Nothing but the body is waited for while the ruleset is young; where it is not, both are at the same time. */
export async function evaluated(runtime: EdgeRuntime, question: Question): Promise<Response> {
  const { request, caller, behind } = question;
  const body = boundedJson(request, MAX_BODY_BYTES, MAX_CONTEXT_DEPTH);
  const young = runtime.youngEvaluator(request, caller, behind);
  if (young !== undefined) return responseOf(replyOf(question, await body, young, 0));
  const asked = Date.now();
  const [read, evaluator] = await Promise.all([body, runtime.evaluator(request, caller, behind)]);
  return responseOf(replyOf(question, read, evaluator, Date.now() - asked));
}

export function replyOf(
  { request, key }: Pick<Question, 'request' | 'key'>,
  body: OfrepBody,
  evaluator: EdgeEvaluator,
  waitedMs: number,
): Reply {
  const headers = {
    'lockstep-version': String(evaluator.ruleset.version),
    'server-timing': serverTiming(waitedMs, evaluator.ageMs),
  };
  return key === undefined
    ? replyToMany(body, request.headers.get('if-none-match'), evaluator, headers)
    : replyToOne(body, key, evaluator, headers);
}

/** How long the ruleset was waited for, and how old it is (milliseconds): server-timing, W3C "Server Timing". */
const serverTiming = (waitedMs: number, ageMs: number | undefined): string =>
  ageMs === undefined ? `ruleset;dur=${waitedMs}` : `ruleset;dur=${waitedMs}, age;dur=${ageMs}`;
