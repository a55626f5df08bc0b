/** A stand-in for EdgeKV: its administration API for publishers, and a copy of it at each POP for EdgeWorkers. */
import { setTimeout as wait } from 'node:timers/promises';
import type { EdgeGridCredentials } from '#edgekv/akamai/edgegrid';
import { type AccessToken, type AccessTokens, createAccessTokens } from './access-tokens.ts';
import { answerAdmin } from './admin-api.ts';
import { answerEdge } from './edge-api.ts';
import { createEdgeGridGate } from './edgegrid-gate.ts';
import { createEdgeKvFaults, type EdgeKvFaults } from './edgekv-faults.ts';
import { internalError, tooMany } from './edgekv-problem.ts';
import {
  createEdgeKvStore,
  type EdgeKvStore,
  type EdgeKvStoreDump,
  type Network,
  type ViewerLag,
} from './edgekv-store.ts';
import { createHitLimit } from './hit-limit.ts';

export interface EdgeKvOptions {
  /** What the API's callers sign with, and for which host. */
  readonly credentials: EdgeGridCredentials;
  /** In milliseconds since 1970. */
  readonly clock?: () => number;
  /** The longest until a write is seen, at each POP at a time of its own; 0: at once. */
  readonly maxDelayMs?: number;
  readonly seed?: number;
  /** Of POPs, beyond the delay that all have. */
  readonly lag?: ViewerLag;
  /** The network that POPs read. */
  readonly network?: Network;
  /** Of the API, for the whole account. */
  readonly hitsPerSecond?: number;
  readonly restore?: EdgeKvDump;
  /** Told of each call of the API. */
  readonly observe?: (exchange: AdminExchange) => void;
}

export interface EdgeKvDump {
  readonly store: EdgeKvStoreDump;
  readonly tokens: readonly AccessToken[];
}

/** A call of the administration API, and what came of it. */
export interface AdminExchange {
  readonly method: string;
  readonly url: string;
  readonly requestType: string;
  readonly requestBody: string;
  readonly status: number;
  readonly responseType: string;
  readonly responseBody: string;
}

export interface EdgeKv {
  /** `https://<host>/edgekv/v1/…`, signed. */
  admin(request: Request): Promise<Response>;
  /** `https://edgekv.akamai-edge-svcs.net/api/v1/…` at a POP. */
  edge(pop: string): (request: Request) => Promise<Response>;
  readonly store: EdgeKvStore;
  readonly tokens: AccessTokens;
  /** By POP, or `api`. */
  readonly faults: EdgeKvFaults;
  dump(): EdgeKvDump;
}

const MAX_DELAY_MS = 10_000;
/** The limit that the description's example has. */
const HITS_PER_SECOND = 73;
const BASE = '/edgekv/v1/';

export function createEdgeKv(options: EdgeKvOptions): EdgeKv {
  const { credentials, clock = Date.now, network = 'production', lag, restore, observe } = options;
  const { maxDelayMs = MAX_DELAY_MS, seed = 1, hitsPerSecond = HITS_PER_SECOND } = options;
  const store = createEdgeKvStore({
    clock,
    maxDelayMs,
    seed,
    ...(lag && { lag }),
    ...(restore && { restore: restore.store }),
  });
  const tokens = createAccessTokens(clock, restore?.tokens);
  const gate = createEdgeGridGate(credentials, clock);
  const limit = createHitLimit(clock, hitsPerSecond);
  const faults = createEdgeKvFaults(
    (status) => (status === 429 ? tooMany(5 * hitsPerSecond, hitsPerSecond) : internalError()),
    (milliseconds) => wait(milliseconds),
  );

  async function answer(request: Request, body: Uint8Array<ArrayBuffer>): Promise<Response> {
    const refusal = await gate.refuse(request, body);
    if (refusal) return refusal;
    const hits = limit.exceeded();
    if (hits !== undefined) return tooMany(hits, hitsPerSecond);
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.startsWith(BASE) ? pathname.slice(BASE.length).split('/').map(decodeURIComponent) : [];
    const contentType = request.headers.get('Content-Type') ?? '';
    const text = new TextDecoder().decode(body);
    return answerAdmin({ store, tokens }, { method: request.method, path, query: searchParams, contentType, text });
  }

  return {
    store,
    tokens,
    faults,
    async admin(request) {
      const body = new Uint8Array(await request.arrayBuffer());
      const response = await faults.apply('api', request.signal, () => answer(request, body));
      if (observe) {
        observe({
          method: request.method,
          url: request.url,
          requestType: request.headers.get('Content-Type') ?? '',
          requestBody: new TextDecoder().decode(body),
          status: response.status,
          responseType: response.headers.get('Content-Type') ?? '',
          // One that is cut short cannot be read.
          responseBody: await response
            .clone()
            .text()
            .catch(() => ''),
        });
      }
      return response;
    },
    edge: (pop) => (request) =>
      faults.apply(pop, request.signal, () => answerEdge({ store, tokens, pop, network }, request)),
    dump: () => ({ store: store.dump(), tokens: tokens.dump() }),
  };
}
