/** The HTTP surface of a POP. */

import { type Context, Hono } from 'hono';
import { type Evaluator, evaluateMany, evaluateOne } from '#http/ofrep';
import { problemResponse } from '#http/problem';
import type { KeyKind, KeyRing } from '#http/sdk-keys';
import type { EdgeConfig } from './config.ts';
import type { RulesetSource } from './ruleset-source.ts';

export interface EdgeDeps {
  readonly config: EdgeConfig;
  readonly keys: KeyRing;
  readonly source: RulesetSource;
}

type EdgeContext = Context<{ Variables: { kind: KeyKind } }>;

export function createApp({ config, keys, source }: EdgeDeps): Hono<{ Variables: { kind: KeyKind } }> {
  const app = new Hono<{ Variables: { kind: KeyKind } }>();

  async function withRuleset(c: EdgeContext, answer: (evaluator: Evaluator) => Promise<Response>): Promise<Response> {
    const current = await source.current((work) => c.executionCtx.waitUntil(work));
    if (current === undefined) return NOT_READY();
    const response = await answer({
      ruleset: current.reader,
      place: placeFor(c.req.raw, config),
      stale: source.status().stale,
      clientOnly: c.get('kind') === 'client',
    });
    response.headers.set('lockstep-version', String(current.claims.version));
    return response;
  }

  app.use(async (c, next) => {
    const kind = await keys.kindOf(c.req.raw);
    if (kind === undefined) return UNAUTHORIZED();
    c.set('kind', kind);
    return next();
  });
  app.post('/ofrep/v1/evaluate/flags', (c) => withRuleset(c, (evaluator) => evaluateMany(c.req.raw, evaluator)));
  app.post('/ofrep/v1/evaluate/flags/:key', (c) =>
    withRuleset(c, (evaluator) => evaluateOne(c.req.raw, c.req.param('key'), evaluator)),
  );
  app.get('/v1/status', async (c) => {
    if (c.get('kind') === 'client') return FORBIDDEN();
    await source.current((work) => c.executionCtx.waitUntil(work));
    return c.json(
      { environment: config.environment, ...placeFor(c.req.raw, config), source: 'kv', ...source.status() },
      200,
    );
  });
  app.notFound(() => NOT_FOUND());
  app.onError((error) => {
    console.error(`${error.name}: ${error.message}`);
    return INTERNAL();
  });
  return app;
}

/** The colo is the platform's word, not a header's: a caller cannot choose it. */
function placeFor(request: Request, { place }: EdgeConfig): EdgeConfig['place'] {
  const colo: unknown = (request as { cf?: { colo?: unknown } }).cf?.colo;
  return place.pop !== undefined || typeof colo !== 'string' ? place : { ...place, pop: colo.toLowerCase() };
}

const UNAUTHORIZED = (): Response =>
  problemResponse(
    { status: 401, title: 'Unauthorized', detail: 'send a valid SDK key as "Authorization: Bearer <key>"' },
    { 'www-authenticate': 'Bearer' },
  );
const FORBIDDEN = (): Response =>
  problemResponse({ status: 403, title: 'Forbidden', detail: 'this takes a server key' });
const NOT_FOUND = (): Response =>
  problemResponse({
    status: 404,
    title: 'Not Found',
    detail: 'there is no such route; see POST /ofrep/v1/evaluate/flags',
  });
const NOT_READY = (): Response =>
  problemResponse(
    { status: 503, title: 'Not Ready', detail: 'no ruleset has been received yet' },
    { 'retry-after': '1' },
  );
const INTERNAL = (): Response =>
  problemResponse({ status: 500, title: 'Internal Server Error', detail: 'the request could not be answered' });
