/**
 * The control plane's HTTP API, for whoever speaks to it from the command line. A write carries an idempotency key, so one whose
 * answer was lost is sent again, and done once.
 */
import { setTimeout as sleepFor } from 'node:timers/promises';
import { ok, type Result, refused } from '#schema/result';
import type { ProblemAnswer } from './call.ts';
import { CommandError } from './command-error.ts';
import { type ControlAnswer, problemIn } from './control-answer.ts';
import type { ControlPlace } from './control-place.ts';
import { ControlRefusal, ControlUnreachable } from './control-refusal.ts';

export interface ControlRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From `/v1`, its keys percent-encoded: see `pathOf`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON; as a merge patch with PATCH. */
  readonly body?: object;
  /** Sent as NDJSON, in the place of a body. */
  readonly lines?: string;
  /** The revision or the hash that the caller saw; `new`: there must be none yet. */
  readonly seen?: number | string | 'new';
  /** Of a write; by default one that nobody else has. */
  readonly idempotencyKey?: string;
  readonly accept?: string;
  /** The way that a write came, for the log; by default `cli`. */
  readonly via?: 'gitops';
  /** For one try. */
  readonly deadlineMs?: number;
}

export interface ControlClient {
  readonly place: ControlPlace;
  /** Rejects with `ControlUnreachable` where there is no answer, or none that says anything. */
  ask(request: ControlRequest): Promise<Result<ControlAnswer, ProblemAnswer>>;
  /** The JSON of an answer; a refusal is thrown as `ControlRefusal`. */
  must<T>(request: ControlRequest): Promise<T>;
}

export interface ControlClientDeps {
  readonly fetch: typeof fetch;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly newKey: () => string;
}

const DEADLINE_MS = 15_000;
const TRIES = 5;
const FIRST_WAIT_MS = 250;
/** What a server may ask for with `Retry-After`; who is told to wait longer is told so. */
const MAX_WAIT_MS = 10_000;
/** Answers that say nothing about the request itself. */
const PASSING = new Set([429, 502, 503, 504]);

const platform: ControlClientDeps = {
  fetch: (...args) => fetch(...args),
  sleep: (milliseconds) => sleepFor(milliseconds),
  random: Math.random,
  newKey: () => crypto.randomUUID(),
};

export function createControlClient(place: ControlPlace, deps: ControlClientDeps = platform): ControlClient {
  async function ask(request: ControlRequest): Promise<Result<ControlAnswer, ProblemAnswer>> {
    const { url, init } = requestTo(place, request, deps.newKey);
    let failure = '';
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const tried = await once(deps.fetch, url, init, request.deadlineMs ?? DEADLINE_MS);
      if (tried.ok && !PASSING.has(tried.value.status)) return judged(tried.value, place);
      failure = tried.ok ? passingText(tried.value) : tried.error;
      const asked = tried.ok ? Number(tried.value.headers.get('retry-after') ?? 0) * 1_000 : 0;
      if (asked > MAX_WAIT_MS) break;
      if (attempt < TRIES - 1) await deps.sleep(asked || deps.random() * FIRST_WAIT_MS * 2 ** attempt);
    }
    throw new ControlUnreachable(place, failure, writeKey(init));
  }

  return {
    place,
    ask,
    async must<T>(request: ControlRequest) {
      const answer = await ask(request);
      if (!answer.ok) throw new ControlRefusal(answer.error);
      return answer.value.json() as T;
    },
  };
}

function requestTo(
  { url, token }: ControlPlace,
  {
    method = 'GET',
    path,
    query = {},
    body,
    lines,
    seen,
    idempotencyKey,
    accept = 'application/json',
    via,
  }: ControlRequest,
  newKey: () => string,
): { url: string; init: RequestInit & { headers: Record<string, string> } } {
  const target = new URL(`${url}${path}`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) target.searchParams.set(name, `${value}`);
  const headers = {
    authorization: `Bearer ${token}`,
    accept: `${accept}, application/problem+json`,
    'lockstep-via': via ?? 'cli',
    ...(method !== 'GET' && { 'idempotency-key': idempotencyKey ?? newKey() }),
    ...(seen === 'new' ? { 'if-none-match': '*' } : seen !== undefined && { 'if-match': `"${seen}"` }),
    ...(body !== undefined && {
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    }),
    ...(lines !== undefined && { 'content-type': 'application/x-ndjson' }),
  };
  // A token goes nowhere but where it is for.
  const init = {
    method,
    headers,
    redirect: 'manual' as const,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(lines !== undefined && { body: lines }),
  };
  return { url: target.href, init };
}

/** One try, its body included: an answer that breaks off is none. */
async function once(
  send: typeof fetch,
  url: string,
  init: RequestInit,
  deadlineMs: number,
): Promise<Result<ControlAnswer, string>> {
  try {
    const response = await send(url, { ...init, signal: AbortSignal.timeout(deadlineMs) });
    const { status, headers } = response;
    const text = await response.text();
    return ok({ status, headers, text, json: () => JSON.parse(text) as unknown });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError')
      return refused(`no answer within ${deadlineMs / 1_000} s`);
    // What `fetch` rejects with where nobody listens, or where a connection breaks.
    if (error instanceof TypeError) return refused(causeText(error));
    throw error;
  }
}

function judged(answer: ControlAnswer, place: ControlPlace): Result<ControlAnswer, ProblemAnswer> {
  const { status } = answer;
  if (status >= 200 && status < 300) return ok(answer);
  if (status >= 400 && status < 500) return refused(problemIn(answer));
  throw new ControlUnreachable(
    place,
    status >= 500 ? problemIn(answer).detail : `HTTP ${status}: is this its address?`,
  );
}

const passingText = (answer: ControlAnswer): string => {
  const wait = answer.headers.get('retry-after');
  return `${problemIn(answer).detail}${wait === null ? '' : `; it asks to be tried again in ${wait} s`}`;
};

function causeText({ message, cause }: TypeError): string {
  const inner = cause as { readonly code?: string; readonly message?: string } | undefined;
  return inner?.message || inner?.code || message;
}

const writeKey = ({ headers }: { readonly headers: Record<string, string> }): string | undefined =>
  headers['idempotency-key'];

/** A path of parts, each of which may hold anything; but not what would lead elsewhere, encoded or not. */
export function pathOf(...parts: readonly string[]): string {
  const stray = parts.find((part) => part === '' || part === '.' || part === '..');
  if (stray !== undefined) throw new CommandError(`${JSON.stringify(stray)} is no name`);
  return `/v1/${parts.map(encodeURIComponent).join('/')}`;
}
