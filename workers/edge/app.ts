/** The HTTP surface of a POP. */

import { type Context, Hono } from 'hono';
import { type Evaluator, evaluateMany, evaluateOne } from '#http/ofrep';
import { problemResponse } from '#http/problem';
import { createKeyRing, type KeyKind } from '#http/sdk-keys';
import type { EdgeRuntime } from '#sdk/edge/runtime';
import { crossOrigin } from './cross-origin.ts';
import type { AccessSettings } from './settings.ts';

interface EdgeEnv {
  Variables: { kind: KeyKind };
}

export function createApp(runtime: EdgeRuntime, { sdkKeys, allowedOrigins }: AccessSettings): Hono<EdgeEnv> {
  const { settings, source, beacons } = runtime;
  const keys = createKeyRing(sdkKeys, crypto.subtle);
  const app = new Hono<EdgeEnv>();

  async function evaluated(
    c: Context<EdgeEnv>,
    answer: (request: Request, evaluator: Evaluator) => Promise<Response>,
  ): Promise<Response> {
    const asked = Date.now();
    const evaluator = await runtime.evaluator(c.req.raw, c.get('kind') === 'client', (work) =>
      c.executionCtx.waitUntil(work),
    );
    const waited = Date.now() - asked;
    const response = await answer(c.req.raw, evaluator);
    response.headers.set('lockstep-version', String(evaluator.ruleset.version));
    response.headers.set('server-timing', serverTiming(waited, source.status().ageMs));
    return response;
  }

  app.use(crossOrigin<EdgeEnv>(allowedOrigins, (c) => (c.get('kind') ?? 'client') !== 'client'));
  app.use(async (c, next) => {
    const record = await keys.recordOf(c.req.raw);
    if (record === undefined) return UNAUTHORIZED();
    c.set('kind', record.kind);
    return next();
  });
  app.post('/ofrep/v1/evaluate/flags', (c) => evaluated(c, evaluateMany));
  app.post('/ofrep/v1/evaluate/flags/:key', (c) =>
    evaluated(c, (request, evaluator) => evaluateOne(request, c.req.param('key'), evaluator)),
  );
  app.get('/v1/status', async (c) => {
    if (c.get('kind') === 'client') return FORBIDDEN();
    const { place } = await runtime.evaluator(c.req.raw, false, (work) => c.executionCtx.waitUntil(work));
    const { version = null, ...status } = source.status();
    return c.json(
      {
        environment: settings.environment,
        ...place,
        source: version === null ? 'offline-defaults' : 'kv',
        version,
        ...status,
        ...(beacons && { exposures: beacons.ledger() }),
      },
      200,
      { 'cache-control': 'no-store' },
    );
  });
  app.notFound((c) => (EVALUATION.test(c.req.path) ? METHOD_NOT_ALLOWED() : NOT_FOUND()));
  app.onError((error) => {
    console.error(`${error.name}: ${error.message}`);
    return INTERNAL();
  });
  return app;
}

/** How long the ruleset was waited for, and how old it is (milliseconds): server-timing, W3C "Server Timing". */
const serverTiming = (waitedMs: number, ageMs: number | undefined): string =>
  ageMs === undefined ? `ruleset;dur=${waitedMs}` : `ruleset;dur=${waitedMs}, age;dur=${ageMs}`;

const EVALUATION = /^\/ofrep\/v1\/evaluate\/flags(?:\/[^/]+)?$/;

const UNAUTHORIZED = (): Response =>
  problemResponse(
    { status: 401, title: 'Unauthorized', detail: 'send a valid SDK key as "Authorization: Bearer <key>"' },
    { 'www-authenticate': 'Bearer' },
  );
const FORBIDDEN = (): Response =>
  problemResponse({ status: 403, title: 'Forbidden', detail: 'this takes a server key' });
const METHOD_NOT_ALLOWED = (): Response =>
  problemResponse(
    { status: 405, title: 'Method Not Allowed', detail: 'evaluation takes POST, with {"context": {…}}' },
    { allow: 'POST' },
  );
const NOT_FOUND = (): Response =>
  problemResponse({
    status: 404,
    title: 'Not Found',
    detail: 'there is no such route; see POST /ofrep/v1/evaluate/flags',
  });
const INTERNAL = (): Response =>
  problemResponse({ status: 500, title: 'Internal Server Error', detail: 'the request could not be answered' });
