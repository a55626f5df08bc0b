/** Calls a server on loopback, and hears of its answer bit by bit. */
import { request as send } from 'node:http';
import { HOP_BY_HOP, type HttpRequest, linesOf, withoutHeaders } from './http-message.ts';
import type { NetworkListener } from './sandbox/sub-requests.ts';

/** `origin` is where it really is; the request's `Host` stays. */
export function callHttp(origin: string, request: HttpRequest, listener: NetworkListener): { abort(): void } {
  const { method, url, headers, body } = request;
  const lines = withoutHeaders(headers, [...HOP_BY_HOP, 'content-length']);
  const length =
    body.length > 0 || method === 'POST' || method === 'PUT' ? [['Content-Length', String(body.length)]] : [];
  const outgoing = send(new URL(url, origin), { method, headers: [...lines, ...length].flat(), agent: false });
  let isAborted = false;
  const fail = (error: Error): void => {
    if (!isAborted) listener.fail(error.message);
    isAborted = true;
  };
  outgoing.on('error', fail);
  outgoing.on('response', (incoming) => {
    if (isAborted) return;
    listener.head(incoming.statusCode ?? 0, withoutHeaders(linesOf(incoming.rawHeaders), HOP_BY_HOP));
    incoming.on('data', (chunk: Buffer) => isAborted || listener.chunk(chunk));
    incoming.on('error', fail);
    incoming.on('end', () => isAborted || listener.end());
  });
  outgoing.end(body);
  return {
    abort() {
      isAborted = true;
      outgoing.destroy();
    },
  };
}

/** The whole answer. Rejects where there is none, or not all of it. */
export function fetchHttp(origin: string, request: HttpRequest): Promise<import('./http-message.ts').HttpResponse> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let head: { readonly status: number; readonly headers: import('./event.ts').HeaderLines } = {
      status: 0,
      headers: [],
    };
    callHttp(origin, request, {
      head: (status, headers) => {
        head = { status, headers };
      },
      chunk: (bytes) => chunks.push(bytes),
      end: () => resolve({ ...head, body: Buffer.concat(chunks) }),
      fail: (message) => reject(new Error(message)),
    });
  });
}
