/** The requests that a client makes to its upstream: each with its key in the header, a deadline, and a bound on the answer. */
import { boundedChunks, type ChunkReader } from '#http/bounded-chunks';
import type { Ack } from '#schema/ack';
import { MAX_HEADER, MAX_RULESET } from '#schema/limits';
import { ok, type Result, refused } from '#schema/result';
import type { Identity } from './ack.ts';
import { type Clock, unless } from './clock.ts';
import { type Ending, retryAfterIn } from './reconnect.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface RequestOptions {
  /** Where the upstream is, without the protocol's paths. */
  readonly url: string;
  readonly key: string;
  readonly identity: Identity;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Ends whatever is under way. */
  readonly closing: AbortSignal;
}

/** A whole text, or that it is one of those that were named. */
export type Whole =
  | { readonly kind: 'refused-before' }
  | { readonly kind: 'same'; readonly ageMs: number }
  | { readonly kind: 'text'; text: string; etag: string; readonly ageMs: number };

export interface UpstreamRequests {
  /** Opens the stream; the signal ends it. */
  stream(lastEventId: string | undefined, signal: AbortSignal): Promise<Result<ChunkReader, Ending>>;
  /** A whole text, unless it is what `etag` names, or what was refused before. */
  whole(path: string, etag: string | undefined, refusedBefore: string | undefined): Promise<Result<Whole, Ending>>;
  lines(path: string): Promise<Result<string, Ending>>;
  acks(acks: readonly Ack[]): Promise<Result<undefined, Ending>>;
  goodbye(): Promise<Result<undefined, Ending>>;
}

const DEADLINE_MS = 10_000;
/** Made once: with none, each request that ends would make an error of its own, with its stack. */
const OVER = new Error('over');
const GOODBYE_MS = 1_000;

export function createRequests(options: RequestOptions): UpstreamRequests {
  const { key, identity, fetch, clock, closing } = options;
  const base = options.url.replace(/\/+$/, '');
  const who = headersOf(identity);

  /** Redirects are not followed: the key is for this upstream alone. */
  const ask = (path: string, init: RequestInit, signal: AbortSignal): Promise<Response> => {
    const headers = { authorization: `Bearer ${key}`, ...who, ...(init.headers as Record<string, string>) };
    return unless(signal, fetch(base + path, { ...init, headers, redirect: 'manual', signal }));
  };

  async function bounded<T>(
    ms: number,
    outer: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<Result<T, Ending>>,
  ): Promise<Result<T, Ending>> {
    const patience = new AbortController();
    const give = (): void => patience.abort(new Error('closed'));
    if (outer?.aborted) return refused({ why: 'closed' });
    outer?.addEventListener('abort', give);
    const cancel = clock.after(ms, () => patience.abort(new Error(`no answer within ${ms} ms`)));
    try {
      return await work(patience.signal);
    } catch (error) {
      return refused({ why: messageOf(error) });
    } finally {
      cancel();
      outer?.removeEventListener('abort', give);
      // What was not read to its end need not arrive.
      patience.abort(OVER);
    }
  }

  async function refusal(response: Response): Promise<{ ok: false; error: Ending }> {
    response.body?.cancel().catch(() => {});
    const retryAfterMs = retryAfterIn(response.headers.get('retry-after'), clock.now());
    return refused({
      why: `HTTP ${response.status}`,
      ...((response.status === 401 || response.status === 403) && { refused: true as const }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }

  async function textOf(response: Response, signal: AbortSignal): Promise<Result<string, Ending>> {
    const reader = response.body?.getReader();
    if (reader === undefined) return ok('');
    const bytes = await unless(signal, boundedChunks(reader, MAX_BODY));
    return bytes === undefined ? refused({ why: 'a body that is too large' }) : ok(new TextDecoder().decode(bytes));
  }

  return {
    async stream(lastEventId, signal) {
      const headers = {
        accept: 'text/event-stream',
        'cache-control': 'no-store',
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      };
      const response = await ask('/v1/stream', { headers }, signal);
      if (response.status !== 200) return refusal(response);
      const type = response.headers.get('content-type') ?? '';
      if (!/^text\/event-stream\b/i.test(type) || response.body === null) {
        response.body?.cancel().catch(() => {});
        return refused({ why: `no event stream but ${type.slice(0, 60)}` });
      }
      return ok(response.body.getReader());
    },
    whole: (path, etag, refusedBefore) =>
      bounded<Whole>(DEADLINE_MS, closing, async (signal) => {
        const headers = etag === undefined ? {} : { 'if-none-match': etag };
        const response = await ask(path, { headers }, signal);
        const ageMs = ageIn(response.headers.get('age'));
        if (response.status === 304) return ok({ kind: 'same', ageMs });
        if (response.status !== 200) return refusal(response);
        const found = response.headers.get('etag') ?? '';
        if (found !== '' && found === refusedBefore) return ok({ kind: 'refused-before' });
        const text = await textOf(response, signal);
        return text.ok ? ok({ kind: 'text', text: text.value, etag: found, ageMs }) : text;
      }),
    lines: (path) =>
      bounded(DEADLINE_MS, closing, async (signal) => {
        const response = await ask(path, {}, signal);
        return response.status === 200 ? textOf(response, signal) : refusal(response);
      }),
    acks: (acks) =>
      bounded(DEADLINE_MS, closing, async (signal) => {
        const headers = { 'content-type': 'application/json' };
        const response = await ask('/v1/acks', { method: 'POST', headers, body: JSON.stringify({ acks }) }, signal);
        return response.ok ? ok(undefined) : refusal(response);
      }),
    // The last word: it is said while everything else ends.
    goodbye: () =>
      bounded(GOODBYE_MS, undefined, async (signal) => {
        const response = await ask(`/v1/acks/${identity.instance}`, { method: 'DELETE' }, signal);
        return response.ok ? ok(undefined) : refusal(response);
      }),
  };
}

const MAX_BODY = MAX_RULESET + MAX_HEADER + 1;

const headersOf = ({ instance, region, cloud, kind, sdk, canary }: Identity): Record<string, string> => ({
  'lockstep-instance': instance,
  'lockstep-region': region,
  'lockstep-cloud': cloud,
  'lockstep-kind': kind,
  'lockstep-sdk': sdk,
  ...(canary && { 'lockstep-canary': '1' }),
});

/** `Age` (RFC 9111, 5.1) in milliseconds: of a relay, how long ago home confirmed what it answers. */
const ageIn = (header: string | null): number => (/^\d{1,9}$/.test(header ?? '') ? Number(header) * 1_000 : 0);

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
