/** The request object of an event. Source: techdocs.akamai.com/edgeworkers/docs/request-object. */
import type { BuiltResponse, CacheKeyRule, EventName, EventRequest, Route } from '../../event.ts';
import { createBody } from './body.ts';
import { createCacheKey } from './cache-key-object.ts';
import { membersOf } from './event-methods.ts';
import { createHeaderBag, type HeaderBag } from './header-bag.ts';
import { checkStatus, linesOf } from './header-rules.ts';
import { createVariables, type Variables } from './variables.ts';

export interface RequestState {
  readonly headers: HeaderBag;
  readonly variables: Variables;
  readonly cacheKey: CacheKeyRule[];
  route?: Route;
  responded?: BuiltResponse & { readonly body: string };
}

export interface RequestLimits {
  readonly variableChars: number;
  readonly respondWithChars: number;
  readonly requestBodyBytes: number;
}

/** `onExcess` is told of limits that a handler may survive, for it can catch what is thrown. */
export function createRequestState(
  request: EventRequest,
  { variableChars }: RequestLimits,
  onExcess: (what: string) => void,
): RequestState {
  return {
    headers: createHeaderBag(request.headers),
    variables: createVariables(request.variables, variableChars, () => onExcess('variables')),
    cacheKey: [],
  };
}

export function createRequestObject(
  event: EventName,
  request: EventRequest,
  state: RequestState,
  body: Uint8Array | undefined,
  limits: RequestLimits,
  onExcess: (what: string) => void,
): object {
  const { headers, variables } = state;
  const query = request.query === '' ? '' : `?${request.query}`;
  const { clientIp, cpCode, device, host, method, path, scheme, userLocation } = request;
  const properties = { clientIp, cpCode, device, host, method, path, query: request.query, scheme, userLocation };
  const object = membersOf(event, {
    getHeader: (name: string) => headers.get(name),
    getHeaders: () => headers.all(),
    setHeader: headers.set,
    addHeader: headers.add,
    removeHeader: headers.remove,
    getVariable: variables.get,
    setVariable: variables.set,
    wasTerminated: () => state.responded !== undefined,
    cacheKey: createCacheKey((rule) => state.cacheKey.push(rule)),
    route(destination: unknown) {
      state.route = checkRoute(destination);
    },
    respondWith(status: unknown, fields: unknown, text: unknown, denyReason?: unknown) {
      state.responded = buildResponse(status, fields, text, denyReason, limits.respondWithChars, onExcess);
    },
    ...createBody(body ?? new Uint8Array(0), limits.requestBodyBytes, onExcess),
  });
  for (const [name, value] of Object.entries({ ...properties, url: `${path}${query}` })) {
    Object.defineProperty(object, name, { get: () => value, enumerable: true, configurable: true });
  }
  return object;
}

function buildResponse(
  status: unknown,
  fields: unknown,
  text: unknown,
  denyReason: unknown,
  maxChars: number,
  onExcess: (what: string) => void,
): BuiltResponse & { readonly body: string } {
  const body = String(text ?? '');
  if (body.length > maxChars) {
    onExcess('respondWith');
    throw new RangeError(`Response body has ${body.length} characters, at most ${maxChars}`);
  }
  const reason = status === 403 && denyReason !== undefined ? { denyReason: String(denyReason) } : {};
  return { status: checkStatus(status), headers: linesOf(fields), body, ...reason };
}

function checkRoute(destination: unknown): Route {
  if (typeof destination !== 'object' || destination === null) throw new TypeError('Destination must be an object');
  const { origin, path, query } = destination as Readonly<Record<string, unknown>>;
  const parts = Object.entries({ origin, path, query }).filter(([, value]) => value !== undefined);
  if (parts.length === 0) throw new TypeError('Destination must have an origin, a path or a query');
  const wrong = parts.find(([, value]) => typeof value !== 'string');
  if (wrong) throw new TypeError(`Destination's ${wrong[0]} must be a string`);
  if (typeof path === 'string' && !path.startsWith('/')) throw new TypeError("Destination's path must start with /");
  return Object.fromEntries(parts) as Route;
}
