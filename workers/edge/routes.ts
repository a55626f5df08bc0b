/** Every route of a POP, for every caller: pages, malformed paths and wrong methods included. */
import type { Context } from 'hono';
import { Hono } from 'hono/tiny';
import { keysStatus, LIVE, LIVENESS, statusReply } from '#http/pop-status';
import { responseOf } from '#http/response-of';
import { callerOf, type KeyRecord } from '#http/sdk-keys';
import type { KeysSource } from '#sdk/edge/keys-source';
import type { EdgeRuntime } from '#sdk/edge/runtime';
import type { Admission } from './admission.ts';
import { crossOrigin } from './cross-origin.ts';
import { evaluated } from './evaluated.ts';
import { failed, forbidden, methodNotAllowed, notFound, readOnly } from './refusals.ts';

interface EdgeEnv {
  Variables: { record: KeyRecord };
}

export interface RouteParts {
  readonly admission: Admission;
  readonly issued: Pick<KeysSource, 'status'>;
  readonly allowedOrigins: readonly string[];
}

export function createRoutes(runtime: EdgeRuntime, { admission, issued, allowedOrigins }: RouteParts): Hono<EdgeEnv> {
  const { settings, source, beacons } = runtime;
  const app = new Hono<EdgeEnv>();
  const answer = (c: Context<EdgeEnv>, key: string | undefined): Promise<Response> =>
    evaluated(runtime, {
      request: c.req.raw,
      key,
      caller: callerOf(c.get('record')),
      behind: (work) => c.executionCtx.waitUntil(work),
    });

  app.get(LIVENESS, () => responseOf(LIVE));
  app.use(crossOrigin<EdgeEnv>(allowedOrigins, (c) => (c.get('record')?.kind ?? 'client') !== 'client'));
  app.use(async (c, next) => {
    const record = await admission.recordOf(c.req.raw, (work) => c.executionCtx.waitUntil(work));
    if (record === undefined) return admission.refusal();
    c.set('record', record);
    // The router takes a path with a slash behind it for the path.
    return isNoPath(c.req.path) ? notFound() : next();
  });
  app.post('/ofrep/v1/evaluate/flags', (c) => answer(c, undefined));
  // Not every client encodes a slash in a key: there is no such flag, and OFREP says how to tell.
  app.post('/ofrep/v1/evaluate/flags/:key{[\\s\\S]+}', (c) => answer(c, c.req.param('key')));
  app.get(STATUS, async (c) => {
    const caller = callerOf(c.get('record'));
    if (caller.clientOnly) return forbidden();
    const { place } = await runtime.evaluator(c.req.raw, caller, (work) => c.executionCtx.waitUntil(work));
    const { environment } = settings;
    const told = { environment, place, store: 'kv', status: source.status() } as const;
    return responseOf(
      statusReply(told, { keys: keysStatus(issued.status()), ...(beacons && { exposures: beacons.ledger() }) }),
    );
  });
  app.notFound((c) => {
    if (EVALUATION.test(c.req.path)) return methodNotAllowed();
    return c.req.path === STATUS ? readOnly() : notFound();
  });
  app.onError(failed);
  return app;
}

const isNoPath = (path: string): boolean => path.endsWith('/') && !EVALUATION.test(path);

const STATUS = '/v1/status';
const EVALUATION = /^\/ofrep\/v1\/evaluate\/flags(?:\/[\s\S]+)?$/;
