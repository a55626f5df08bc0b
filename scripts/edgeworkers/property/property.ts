/**
 * A property with an EdgeWorker: what happens to a request, in the platform's order. Source:
 * techdocs.akamai.com/edgeworkers/docs/event-handler-functions.
 */
import type { BuiltResponse, Route } from '../event.ts';
import { type HttpRequest, type HttpResponse, withoutHeaders } from '../http-message.ts';
import { cacheKeyOf } from './cache-key.ts';
import { debugHeaders, pragmasOf } from './debug-headers.ts';
import { createPassage, EdgeWorkerFailure, type Passage, type PassageOptions } from './passage.ts';
import { createResponseCache, type ResponseCache } from './response-cache.ts';

export interface PropertyOptions extends PassageOptions {
  /** Answers what is not in the cache; not asked where the EdgeWorker provides responses. May reject: 503 then. */
  readonly origin: (request: HttpRequest, route: Route) => Promise<HttpResponse>;
  /** Without it, `Set-Cookie` of EdgeWorkers is dropped: `<edgeservices:cookie.pass-set-cookie-policy>`. */
  readonly passSetCookie?: boolean;
  /** For how long cached answers are fresh; in milliseconds since 1970. */
  readonly clock?: () => number;
  readonly edgeWorkerId?: number;
}

export type Property = (request: HttpRequest, clientIp: string) => Promise<HttpResponse>;

const EMPTY = new Uint8Array(0);

export function createProperty(options: PropertyOptions): Property {
  const cache = createResponseCache(options.clock ?? Date.now);
  return async (request, clientIp) => {
    const passage = createPassage(options, request, clientIp);
    const response = await pass(options, passage, cache).catch((error: unknown) => {
      if (error instanceof EdgeWorkerFailure) return plain(500, 'Internal Server Error');
      throw error;
    });
    return { ...response, headers: [...response.headers, ...debugLines(options, passage)] };
  };
}

async function pass(options: PropertyOptions, passage: Passage, cache: ResponseCache): Promise<HttpResponse> {
  const { request, subject } = passage;
  const effects = (await passage.run('onClientRequest'))?.effects;
  if (effects) {
    passage.headers = effects.requestHeaders;
    passage.cacheKey = effects.cacheKey;
    passage.route = effects.route ?? {};
    passage.setVariables(effects.variables);
    if (effects.responded) return toClient(options, passage, built(options, effects.responded));
  }
  // The client's own headers: those that an EdgeWorker sets are no part of a cache key.
  const key = cacheKeyOf({ ...subject, headers: request.headers, variables: passage.variables }, passage.cacheKey);
  const isCacheable = request.method === 'GET' || request.method === 'HEAD';
  const cached = isCacheable ? cache.get(key) : undefined;
  const response = cached ?? (await fetchAnew(options, passage));
  if (request.method === 'GET' && cached === undefined) cache.put(key, response);
  const isKeyAskedFor = pragmasOf(request.headers).has('akamai-x-get-true-cache-key');
  const headers = isKeyAskedFor ? [...response.headers, ['X-True-Cache-Key', key] as const] : response.headers;
  return toClient(options, passage, { ...response, headers, ...(request.method === 'HEAD' && { body: EMPTY }) });
}

/** From the EdgeWorker as the origin, or from the origin between its two events. */
async function fetchAnew(options: PropertyOptions, passage: Passage): Promise<HttpResponse> {
  const { request, subject, route } = passage;
  const provided = await passage.run('responseProvider', { body: request.body });
  if (provided?.effects?.provided) {
    const { status, headers } = provided.effects.provided;
    return { status, headers, body: provided.body ?? EMPTY };
  }
  const outgoing = (await passage.run('onOriginRequest'))?.effects;
  if (outgoing?.responded) return built(options, outgoing.responded);
  const { path = subject.path, query = subject.query } = route;
  const headers = outgoing?.requestHeaders ?? passage.headers;
  const sent = { ...request, url: query === '' ? path : `${path}?${query}`, headers };
  const answer = await options.origin(sent, route).catch(() => plain(503, 'Service Unavailable'));
  const incoming = (await passage.run('onOriginResponse', { response: headOf(answer) }))?.effects;
  if (incoming?.responded) return built(options, incoming.responded);
  return { ...answer, ...incoming?.response };
}

async function toClient(options: PropertyOptions, passage: Passage, response: HttpResponse): Promise<HttpResponse> {
  const effects = (await passage.run('onClientResponse', { response: headOf(response) }))?.effects;
  if (effects?.responded) return built(options, effects.responded);
  if (effects?.response === undefined) return response;
  const { status, headers } = effects.response;
  if (options.passSetCookie) return { ...response, status, headers };
  const cookies = response.headers.filter(([name]) => name.toLowerCase() === 'set-cookie');
  return { ...response, status, headers: [...withoutHeaders(headers, ['set-cookie']), ...cookies] };
}

const headOf = ({ status, headers }: HttpResponse) => ({ status, headers });

const built = (
  { passSetCookie }: PropertyOptions,
  { status, headers, body }: BuiltResponse & { readonly body: string },
): HttpResponse => ({
  status,
  headers: passSetCookie ? headers : withoutHeaders(headers, ['set-cookie']),
  body: new TextEncoder().encode(body),
});

const debugLines = ({ edgeWorkerId = 1 }: PropertyOptions, { edgeWorker, request, reports }: Passage) =>
  debugHeaders(
    pragmasOf(request.headers),
    { edgeWorkerId, version: edgeWorker.version, name: edgeWorker.description, tierId: edgeWorker.tier.id },
    reports,
  );

const plain = (status: number, text: string): HttpResponse => ({
  status,
  headers: [['Content-Type', 'text/html']],
  body: new TextEncoder().encode(`<html><body><h1>${text}</h1></body></html>`),
});
