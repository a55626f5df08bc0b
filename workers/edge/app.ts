/** The HTTP surface of a POP. */
import type { Hono } from 'hono';
import type { AccessSettings } from '#http/access';
import { createKeyRing } from '#http/sdk-keys';
import type { Behind, EdgeRuntime } from '#sdk/edge/runtime';
import { evaluated } from './evaluated.ts';
import { failed, unauthorized } from './refusals.ts';
import { createRoutes } from './routes.ts';

/** What a Worker's `fetch` hands its requests to. */
export type App = Pick<Hono, 'fetch'>;

/**
 * Evaluations as services ask for them are answered in front of the routes, and all else by them: through the routes, an evaluation
 * takes a tenth more CPU, and an isolate's first one two milliseconds more (test/bench/edge).
 */
export function createApp(runtime: EdgeRuntime, { sdkKeys, allowedOrigins }: AccessSettings): App {
  const keys = createKeyRing(sdkKeys, crypto.subtle);
  let routes: ReturnType<typeof createRoutes> | undefined;

  async function direct(request: Request, key: string | undefined, behind: Behind): Promise<Response> {
    const record = keys.remembered(request.headers) ?? (await keys.recordOf(request));
    if (record === undefined) return unauthorized();
    return evaluated(runtime, { request, key, clientOnly: record.kind === 'client', behind });
  }

  return {
    fetch(request, env, execution) {
      const route = execution === undefined ? null : plainRoute(request);
      if (route !== null) return direct(request, route[1], (work) => execution?.waitUntil(work)).catch(failed);
      routes ??= createRoutes(runtime, keys, allowedOrigins);
      return routes.fetch(request, env, execution);
    },
  };
}

/** No query, nothing to decode in the flag's key, and no page that asks from another origin. */
const plainRoute = (request: Request): RegExpExecArray | null =>
  request.method === 'POST' && !request.headers.has('origin') ? EVALUATION.exec(request.url) : null;

const EVALUATION = /^[^/]+\/\/[^/]+\/ofrep\/v1\/evaluate\/flags(?:\/([\w.-]+))?$/;
