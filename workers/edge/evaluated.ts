/** The answer to an evaluation, and what its headers tell of the ruleset behind it. */
import { evaluateMany, evaluateOne } from '#http/ofrep';
import type { Behind, EdgeEvaluator, EdgeRuntime } from '#sdk/edge/runtime';

export interface Question {
  readonly request: Request;
  /** Of the flag; undefined for all flags. */
  readonly key: string | undefined;
  /** Whether it came with a key that pages have. */
  readonly clientOnly: boolean;
  readonly behind: Behind;
}

/** Nothing but the body is waited for while the ruleset is young. */
export function evaluated(runtime: EdgeRuntime, question: Question): Promise<Response> {
  const { request, clientOnly, behind } = question;
  const evaluator = runtime.youngEvaluator(request, clientOnly, behind);
  return evaluator === undefined ? afterWaiting(runtime, question) : answer(question, evaluator, 0);
}

async function afterWaiting(runtime: EdgeRuntime, question: Question): Promise<Response> {
  const { request, clientOnly, behind } = question;
  const asked = Date.now();
  const evaluator = await runtime.evaluator(request, clientOnly, behind);
  return answer(question, evaluator, Date.now() - asked);
}

function answer({ request, key }: Question, evaluator: EdgeEvaluator, waitedMs: number): Promise<Response> {
  const headers = {
    'lockstep-version': String(evaluator.ruleset.version),
    'server-timing': serverTiming(waitedMs, evaluator.ageMs),
  };
  return key === undefined ? evaluateMany(request, evaluator, headers) : evaluateOne(request, key, evaluator, headers);
}

/** How long the ruleset was waited for, and how old it is (milliseconds): server-timing, W3C "Server Timing". */
const serverTiming = (waitedMs: number, ageMs: number | undefined): string =>
  ageMs === undefined ? `ruleset;dur=${waitedMs}` : `ruleset;dur=${waitedMs}, age;dur=${ageMs}`;
