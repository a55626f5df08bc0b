/**
 * Who answers an EdgeWorker's sub-requests. A host that nobody is for is not on the platform, which answers 400. Source:
 * techdocs.akamai.com/edgeworkers/docs/http-request.
 */
import { callHttp } from './call-http.ts';
import type { NetworkListener, NetworkRequest } from './sandbox/sub-requests.ts';

/** The URL of a server on loopback, or a function that answers. It may reject: then the sub-request fails. */
export type SubRequestHost = string | ((request: Request) => Promise<Response>);

export type SubRequestHosts = Readonly<Record<string, SubRequestHost>>;

const NOBODY = new Uint8Array(0);

export function callHost(
  hosts: SubRequestHosts,
  request: NetworkRequest,
  listener: NetworkListener,
): { abort(): void } {
  const { host, pathname, search } = new URL(request.url);
  const answering = Object.hasOwn(hosts, host) ? hosts[host] : undefined;
  if (answering === undefined) {
    queueMicrotask(() => {
      listener.head(400, [['Content-Type', 'text/html']]);
      listener.end();
    });
    return { abort: () => undefined };
  }
  if (typeof answering === 'function') return callFunction(answering, request, listener);
  const headers = [['Host', host] as const, ...request.headers.filter(([name]) => name.toLowerCase() !== 'host')];
  const { method, body = NOBODY } = request;
  return callHttp(answering, { method, url: `${pathname}${search}`, headers, body }, listener);
}

function callFunction(
  answer: (request: Request) => Promise<Response>,
  { method, url, headers, body }: NetworkRequest,
  listener: NetworkListener,
): { abort(): void } {
  const aborting = new AbortController();
  const tell = async (): Promise<void> => {
    const sent = body === undefined || method === 'GET' || method === 'HEAD' ? {} : { body: Uint8Array.from(body) };
    const lines = headers.map(([name, value]): [string, string] => [name, value]);
    const response = await answer(new Request(url, { method, headers: lines, signal: aborting.signal, ...sent }));
    if (aborting.signal.aborted) return;
    listener.head(response.status, [...response.headers]);
    for await (const chunk of response.body ?? []) {
      if (aborting.signal.aborted) return;
      listener.chunk(chunk);
    }
    listener.end();
  };
  tell().catch((error: unknown) => {
    if (!aborting.signal.aborted) listener.fail(error instanceof Error ? error.message : String(error));
  });
  return { abort: () => aborting.abort() };
}
