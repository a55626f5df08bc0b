/** Where a relay's requests come in: streams and evaluations go past Hono, all else through it. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { FAILED } from '#http/pop-refusals';
import type { OfrepHandler } from './ofrep-handler.ts';
import { KEY_IN_QUERY } from './refusals.ts';
import { type RequestCounts, routeOf } from './request-counts.ts';
import { PAGE_EVENTS, type StreamHandler } from './stream-handler.ts';
import { writeReply } from './write-reply.ts';

export interface ListenerOptions {
  readonly ofrep: OfrepHandler;
  readonly streams: StreamHandler;
  /** Hono's. */
  readonly others: (incoming: IncomingMessage, outgoing: ServerResponse) => unknown;
  readonly requests: RequestCounts;
  readonly log: (message: string) => void;
}

export function createListener({ ofrep, streams, others, requests, log }: ListenerOptions): RequestListener {
  function failed(incoming: IncomingMessage, outgoing: ServerResponse, error: unknown): void {
    // Who broke off its request hears nothing of it, and that is no bug.
    if (!incoming.complete || outgoing.destroyed) return void outgoing.destroy();
    log(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    if (outgoing.headersSent) outgoing.destroy();
    else writeReply(outgoing, FAILED);
  }

  /** Resolves once it is answered. */
  async function hand(incoming: IncomingMessage, outgoing: ServerResponse, path: string): Promise<unknown> {
    if (path === '/v1/stream') return streams.sdk(incoming, outgoing);
    if (!path.startsWith('/ofrep/')) return others(incoming, outgoing);
    if (path.startsWith(PAGE_EVENTS)) return streams.page(incoming, outgoing, path);
    return ofrep(incoming, outgoing, path);
  }

  return (incoming, outgoing) => {
    const url = incoming.url ?? '/';
    const at = url.indexOf('?');
    const path = at < 0 ? url : url.slice(0, at);
    const route = routeOf(path);
    const counted = (): void => requests.answered(route, outgoing.statusCode);
    if (at >= 0 && hasKey(url.slice(at + 1))) {
      writeReply(outgoing, KEY_IN_QUERY);
      return counted();
    }
    hand(incoming, outgoing, path).then(counted, (error) => {
      failed(incoming, outgoing, error);
      counted();
    });
  };
}

/** Whether a query holds what looks like a key: an address ends in logs. */
function hasKey(query: string): boolean {
  for (const name of new URLSearchParams(query).keys()) {
    if (/^(?:key|token|authorization|x-api-key|api[_-]?key|access_token)$/i.test(name)) return true;
  }
  return false;
}
