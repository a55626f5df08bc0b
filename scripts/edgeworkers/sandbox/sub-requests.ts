/** The sub-requests of one event: counted, queued, timed and bounded. Source: techdocs.akamai.com/edgeworkers/docs/http-request. */
import type { HeaderLines, SubRequestReport } from '../event.ts';
import { type EventLimits, SUB_REQUEST_HEADER_BYTES } from '../tiers.ts';
import type { SubRequest, SubRequestListener } from './realm/bridge.d.ts';

export interface NetworkRequest {
  readonly method: string;
  /** Absolute, `https:`. */
  readonly url: string;
  readonly headers: HeaderLines;
  readonly body?: Uint8Array;
}

export interface NetworkListener {
  head(status: number, headers: HeaderLines): void;
  chunk(bytes: Uint8Array): void;
  end(): void;
  fail(message: string): void;
}

/** The world outside. Calls back later, never at once; not at all after `abort`. */
export interface Network {
  send(request: NetworkRequest, listener: NetworkListener): { abort(): void };
}

export interface SubRequests {
  open(request: SubRequest): number | string;
  send(id: number, body: Uint8Array | undefined, listener: SubRequestListener): void;
  reports(): readonly SubRequestReport[];
  abortAll(): void;
}

export interface SubRequestsOptions {
  readonly limits: EventLimits;
  readonly network: Network;
  /** What relative URLs are relative to. */
  readonly base: string;
  readonly enter: (act: () => void) => void;
  readonly onExcess: (what: string) => void;
}

interface Open {
  readonly id: number;
  readonly request: SubRequest;
  readonly url: string;
  readonly openedAt: number;
  queuedMs?: number;
  response?: number;
  error?: string;
  durationMs?: number;
  isOver: boolean;
  abort?: () => void;
}

export function createSubRequests({ limits, network, base, enter, onExcess }: SubRequestsOptions): SubRequests {
  const all: Open[] = [];
  const queue: (() => void)[] = [];
  let count = 0;
  let active = 0;

  function start(open: Open, body: Uint8Array | undefined, listener: SubRequestListener): void {
    active++;
    const timeoutMs = Math.min(open.request.timeoutMs ?? Number.POSITIVE_INFINITY, limits.subRequestWallMs);
    let bytes = 0;
    const over = (): boolean => {
      if (open.isOver) return false;
      open.isOver = true;
      active--;
      clearTimeout(timer);
      queue.shift()?.();
      return true;
    };
    const fail = (message: string): void => {
      if (!over()) return;
      open.error = message;
      open.abort?.();
      enter(() => listener.fail(message));
    };
    const timer = setTimeout(() => fail(`timeout after ${timeoutMs} ms`), timeoutMs);
    const sent = network.send(
      {
        method: open.request.method,
        url: open.url,
        headers: open.request.headers,
        ...(body && { body: Uint8Array.from(body) }),
      },
      {
        head(status, headers) {
          const size = headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
          if (size > SUB_REQUEST_HEADER_BYTES)
            return fail(`response headers have over ${SUB_REQUEST_HEADER_BYTES} bytes`);
          open.response = status;
          open.durationMs = performance.now() - open.openedAt;
          enter(() => listener.head(JSON.stringify({ status, headers })));
        },
        chunk(chunk) {
          bytes += chunk.length;
          if (bytes <= limits.subRequestResponseBytes) return enter(() => listener.chunk(chunk));
          onExcess('sub-request response');
          fail(`response has over ${limits.subRequestResponseBytes} bytes`);
        },
        end() {
          if (over()) enter(() => listener.end());
        },
        fail,
      },
    );
    open.abort = () => sent.abort();
  }

  return {
    open(request) {
      count++;
      if (count > limits.subRequests) {
        onExcess('sub-requests');
        return `an event has at most ${limits.subRequests} sub-requests`;
      }
      const url = absolute(request.url, base);
      if (url === undefined) return `not a URL that can be requested: ${request.url}`;
      all.push({ id: count, request, url, openedAt: performance.now(), isOver: false });
      return count;
    },
    send(id, body, listener) {
      const open = all.find((one) => one.id === id);
      if (open === undefined) return;
      if (active < limits.parallelSubRequests) return start(open, body, listener);
      queue.push(() => {
        open.queuedMs = performance.now() - open.openedAt;
        start(open, body, listener);
      });
    },
    reports: () => all.map(reportOf),
    abortAll() {
      queue.length = 0;
      for (const open of all) {
        if (!open.isOver) open.abort?.();
        open.isOver = true;
      }
    },
  };
}

/** HTTPS whatever it says; no ports. */
function absolute(url: string, base: string): string | undefined {
  if (!URL.canParse(url, base)) return undefined;
  const parsed = new URL(url, base);
  if (!['http:', 'https:'].includes(parsed.protocol) || parsed.port !== '' || parsed.username !== '') return undefined;
  parsed.protocol = 'https:';
  return parsed.href;
}

const reportOf = ({ id, request, url, response, error, durationMs, queuedMs }: Open): SubRequestReport => ({
  id,
  method: request.method,
  url,
  ...(error === undefined && { response: response ?? 'pending' }),
  ...(error !== undefined && { error }),
  ...(durationMs !== undefined && { durationMs }),
  ...(queuedMs !== undefined && { queuedMs }),
});
