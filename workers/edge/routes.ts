/** Every route of a POP, for every caller: pages, malformed paths and wrong methods included. */
import { type Context, Hono } from 'hono';
import { LIVE, LIVENESS, statusReply } from '#http/pop-status';
import { responseOf } from '#http/response-of';
import type { KeyKind, KeyRing } from '#http/sdk-keys';
import type { EdgeRuntime } from '#sdk/edge/runtime';
import { crossOrigin } from './cross-origin.ts';
import { evaluated } from './evaluated.ts';
import { failed, forbidden, methodNotAllowed, notFound, readOnly, unauthorized } from './refusals.ts';

interface EdgeEnv {
  Variables: { kind: KeyKind };
}

export function createRoutes(runtime: EdgeRuntime, keys: KeyRing, allowedOrigins: readonly string[]): Hono<EdgeEnv> {
  const { settings, source, beacons } = runtime;
  const app = new Hono<EdgeEnv>();
  const answer = (c: Context<EdgeEnv>, key: string | undefined): Promise<Response> =>
    evaluated(runtime, {
      request: c.req.raw,
      key,
      clientOnly: c.get('kind') === 'client',
      behind: (work) => c.executionCtx.waitUntil(work),
    });

  app.get(LIVENESS, () => responseOf(LIVE));
  app.use(crossOrigin<EdgeEnv>(allowedOrigins, (c) => (c.get('kind') ?? 'client') !== 'client'));
  app.use(async (c, next) => {
    const record = await keys.recordOf(c.req.raw);
    if (record === undefined) return unauthorized();
    c.set('kind', record.kind);
    return next();
  });
  app.post('/ofrep/v1/evaluate/flags', (c) => answer(c, undefined));
  // Not every client encodes a slash in a key: there is no such flag, and OFREP says how to tell.
  app.post('/ofrep/v1/evaluate/flags/:key{[\\s\\S]+}', (c) => answer(c, c.req.param('key')));
  app.get(STATUS, async (c) => {
    if (c.get('kind') === 'client') return forbidden();
    const { place } = await runtime.evaluator(c.req.raw, false, (work) => c.executionCtx.waitUntil(work));
    const { environment } = settings;
    const told = { environment, place, store: 'kv', status: source.status() } as const;
    return responseOf(statusReply(told, beacons && { exposures: beacons.ledger() }));
  });
  app.notFound((c) => {
    if (EVALUATION.test(c.req.path)) return methodNotAllowed();
    return c.req.path === STATUS ? readOnly() : notFound();
  });
  app.onError(failed);
  return app;
}

const STATUS = '/v1/status';
const EVALUATION = /^\/ofrep\/v1\/evaluate\/flags(?:\/[\s\S]+)?$/;
