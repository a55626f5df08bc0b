/** Posts beacons to ingest, or to a relay that takes them for it, and reads what comes back. */
import type { SendBeacon, Verdict } from '#exposure/deliver-batch';
import type { Beacon } from '#exposure/exposure';
import { refusedIn } from '#exposure/refused-in';
import { boundedChunks } from '#http/bounded-chunks';
import { type Clock, unless } from '#sdk/stream/clock';
import { retryAfterIn } from '#sdk/stream/reconnect';
import type { Fetch } from '#sdk/stream/upstream-requests';

export type Gzip = (text: string) => Promise<Uint8Array<ArrayBuffer>>;

export interface PostOptions {
  /** Where ingest is, without the protocol's path. */
  readonly url: string;
  readonly key: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Undefined where the platform cannot. */
  readonly gzip: Gzip | undefined;
}

const DEADLINE_MS = 10_000;
/** Below this many characters compressing costs more than it saves. */
const MIN_GZIP = 1_024;
/** Verdicts on a thousand events, each with its detail. */
const MAX_ANSWER = 512 * 1024;

export function createBeaconPost({ url, key, fetch, clock, gzip }: PostOptions): SendBeacon {
  const exposures = `${url.replace(/\/+$/, '')}/v1/exposures`;
  /** Turned off by a receiver that does not take it. */
  let mayGzip = true;

  async function post(beacon: Beacon, signal: AbortSignal): Promise<Verdict> {
    const text = JSON.stringify(beacon);
    const zipped = mayGzip && text.length >= MIN_GZIP ? await gzip?.(text) : undefined;
    const headers = {
      ...{ authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(zipped && { 'content-encoding': 'gzip' }),
    };
    // Redirects are not followed: the key is for this receiver alone.
    const init = { method: 'POST', headers, body: zipped ?? text, redirect: 'manual' as const, signal };
    const response = await unless(signal, fetch(exposures, init));
    const { status } = response;
    if (status === 415 && zipped) mayGzip = false;
    if (response.ok || status === 400) return verdictOn(beacon, response, signal);
    response.body?.cancel().catch(() => {});
    if (status === 413) return { kind: 'refused', why: 'HTTP 413' };
    const retryAfterMs = retryAfterIn(response.headers.get('retry-after'), clock.now());
    return {
      ...{ kind: 'later', why: `HTTP ${status}` },
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...((status === 401 || status === 403) && { isKeyRefused: true as const }),
    };
  }

  return async (beacon) => {
    const patience = new AbortController();
    const cancel = clock.after(DEADLINE_MS, () => patience.abort(new Error(`no answer within ${DEADLINE_MS} ms`)));
    try {
      return await post(beacon, patience.signal);
    } catch (error) {
      return { kind: 'later', why: error instanceof Error ? error.message : String(error) };
    } finally {
      cancel();
      // What was not read to its end need not arrive.
      patience.abort();
    }
  };
}

async function verdictOn(beacon: Beacon, response: Response, signal: AbortSignal): Promise<Verdict> {
  const reader = response.body?.getReader();
  const bytes = reader && (await unless(signal, boundedChunks(reader, MAX_ANSWER)));
  const refused = bytes && refusedIn(new TextDecoder().decode(bytes), beacon);
  // A yes without verdicts is somebody else's.
  if (response.ok) return refused ? { kind: 'taken', refused } : { kind: 'later', why: 'a yes that is not of ingest' };
  const { events, outcomes = [], collapsed = [] } = beacon;
  const size = events.length + outcomes.length + collapsed.length;
  if (refused && size > 0 && refused.length === size) return { kind: 'taken', refused };
  return { kind: 'refused', why: 'HTTP 400' };
}

/** By the platform's own stream, where it has one. Asked for, since Node loads its streams at the first look whether it does. */
export const platformGzip = (): Gzip | undefined => (typeof CompressionStream === 'undefined' ? undefined : gzipped);

async function gzipped(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const zipped = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(zipped).arrayBuffer());
}
