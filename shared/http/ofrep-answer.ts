/** What OFREP answers for a decision. Decisions are frozen and shared by all who are served them, so each answer is written once. */
import type { Decision, JsonValue } from '#core/decision';

/** Whom an answer is for, and whether the ruleset is too old. */
export interface Audience {
  readonly stale: boolean;
  readonly clientOnly: boolean;
}

export interface AnswerBody {
  readonly key: string;
  readonly value?: JsonValue;
  readonly reason?: string;
  readonly variant?: string;
  /** Of a failure alone, as is its detail. */
  readonly errorCode?: string;
  readonly errorDetails?: string;
  /** Of a success alone. */
  readonly metadata?: AnswerMetadata;
}

export interface AnswerMetadata {
  readonly version: number;
  readonly revision: number;
  /** Why a default is served. */
  readonly errorCode?: string;
  /** By which a page can show whom it was told of. */
  readonly token?: string;
}

export interface Answer {
  readonly key: string;
  readonly body: AnswerBody;
  readonly json: string;
  readonly isFailure: boolean;
}

/** By audience. Written anew at each request, a bulk answer of thirty flags takes a quarter more CPU (test/bench/edge). */
const written = Array.from({ length: 4 }, () => new WeakMap<Decision, Answer>());

export function answerOf(key: string, decision: Decision, audience: Audience): Answer {
  const answers = written[(audience.stale ? 2 : 0) + (audience.clientOnly ? 1 : 0)] as WeakMap<Decision, Answer>;
  const known = answers.get(decision);
  if (known?.key === key) return known;
  const body = Object.freeze(bodyOf(key, decision, audience));
  const answer = { key, body, json: asciiJson(body), isFailure: 'errorCode' in body };
  answers.set(decision, answer);
  return answer;
}

/** A success, or a failure where the flag cannot be evaluated and declares no offline default. */
function bodyOf(key: string, decision: Decision, { stale, clientOnly }: Audience): AnswerBody {
  const { value, variation, reason, errorCode } = decision;
  if (errorCode !== undefined && value === undefined) {
    return { key, errorCode: errorCode === 'INVALID_CONTEXT' ? errorCode : 'PARSE_ERROR', errorDetails: UNREADABLE };
  }
  // OFREP knows no success with the reason ERROR: what is served is a default, and `errorCode` says why.
  const fresh = errorCode === undefined ? reason : 'DEFAULT';
  // No value tells the provider to use the code's default (OFREP, ADR-0006).
  return {
    key,
    ...(value !== undefined && { value }),
    reason: stale && errorCode === undefined ? 'STALE' : fresh,
    ...(variation !== undefined && { variant: variation }),
    metadata: Object.freeze({
      version: decision.version,
      revision: decision.revision,
      ...(errorCode !== undefined && { errorCode }),
      ...(stale && { freshReason: fresh }),
      ...(clientOnly
        ? clientMetadata(decision)
        : { ...(decision.rule && { rule: decision.rule }), ...decision.metadata }),
    }),
  };
}

/** Names of rules, holdouts, layers and other flags are the server's business: they tell who is targeted for what. */
const clientMetadata = ({ metadata }: Decision): object =>
  metadata?.['warning'] === undefined ? {} : { warning: metadata['warning'] };

const UNREADABLE = 'this flag cannot be evaluated, and declares no offline default';

/** Of one byte a character: joined with others, it is sent without a look at each of them. */
function asciiJson(value: object): string {
  const json = JSON.stringify(value);
  const ascii = json.replace(/[^ -~]/g, escaped);
  // V8 keeps the width of what wider characters were replaced in; that of single ones is their own.
  return ascii === json ? json : Array.from(ascii).join('');
}

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
