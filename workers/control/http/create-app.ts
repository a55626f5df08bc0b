/**
 * The API of one organisation. Paths are taken as they are written: nothing is decoded, so that no two spellings lead to one route, and
 * each request is judged by the route that answers it.
 */
import { Hono } from 'hono';
import { problemResponse } from '#http/problem';
import { refused } from '#schema/result';
import { answerRequest } from './answer-request.ts';
import type { Api } from './api.ts';
import type { ApiRefusal } from './api-refusal.ts';
import { authenticate } from './authenticate.ts';
import { problemOf } from './refusal-problem.ts';
import type { Answer, Reply, Route } from './route.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { unnamed } from './unnamed.ts';

/** What a path may be made of; keys need no escapes. */
const PATH = /^(?:\/[\w.~:-]+)+$/;

export function createApp(api: Api, routes: readonly Route[]): (request: Request) => Promise<Response> {
  const app = new Hono({ strict: true, getPath: (request) => new URL(request.url).pathname });
  for (const route of routes) {
    app.on(route.method.toUpperCase(), honoPath(route.path), async (c) => {
      const principal = await authenticate(api, c.req.raw.headers);
      if (!principal.ok) return refusalResponse(principal.error, false);
      // As they stand in the path: Hono would decode them, and `PATH` lets no escape in.
      const answer = await answerRequest(api, c.req.raw, { route, principal: principal.value, params: c.req.param() });
      const told = answer.ok ? answer : refused(unnamed(answer.error, principal.value));
      return responseOf(told, route, c.req.url);
    });
  }
  for (const [path, allow] of methodsByPath(routes))
    app.all(path, (c) => otherwise(c.req.raw, { code: 'wrong-method', allow }));
  app.notFound((c) => otherwise(c.req.raw, { code: 'no-route' }));
  app.onError((error) => {
    console.error(`api: ${error.name}: ${error.message}`);
    return problemResponse(
      { status: 500, title: 'Internal Server Error', detail: 'the request could not be answered' },
      SECURITY_HEADERS,
    );
  });

  /** Who has no token is not told what there is. */
  async function otherwise(request: Request, refusal: ApiRefusal): Promise<Response> {
    const principal = await authenticate(api, request.headers);
    return refusalResponse(principal.ok ? refusal : principal.error, false);
  }

  return async (request) =>
    PATH.test(new URL(request.url).pathname) ? app.fetch(request) : otherwise(request, { code: 'no-route' });
}

const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) {
    const all = methods.get(honoPath(path)) ?? [];
    methods.set(honoPath(path), [...all, method.toUpperCase()]);
  }
  return methods;
}

const responseOf = (answer: Answer, { precondition }: Route, url: string): Response =>
  answer.ok ? replyResponse(answer.value, url) : refusalResponse(answer.error, precondition === 'revision');

function replyResponse({ status, body, text, headers, next }: Reply, url: string): Response {
  const type = text === undefined ? { 'content-type': 'application/json' } : {};
  const link = next === undefined ? {} : { link: `<${nextPage(url, next)}>; rel="next"` };
  const all = { ...SECURITY_HEADERS, ...type, ...link, ...headers };
  return new Response(text ?? JSON.stringify(body), { status, headers: all });
}

function nextPage(text: string, next: string): string {
  const url = new URL(text);
  url.searchParams.set('cursor', next);
  return `${url.pathname}${url.search}`;
}

export function refusalResponse(refusal: ApiRefusal, isConditional: boolean): Response {
  const problem = problemOf(refusal, isConditional);
  return problemResponse(problem, {
    ...SECURITY_HEADERS,
    ...(problem.status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(problem.status === 503 && { 'retry-after': '1' }),
    ...(refusal.code === 'wrong-method' && { allow: refusal.allow.join(', ') }),
    ...(refusal.code === 'hash-differs' && { etag: `"${refusal.hash}"` }),
  });
}
