/** The HTTP surface of a POP. */
import type { Hono } from 'hono';
import type { AccessSettings } from '#http/access';
import { callerOf } from '#http/sdk-keys';
import type { KeysSource } from '#sdk/edge/keys-source';
import type { Behind, EdgeRuntime } from '#sdk/edge/runtime';
import { createAdmission } from './admission.ts';
import { evaluated } from './evaluated.ts';
import { failed } from './refusals.ts';
import { createRoutes } from './routes.ts';

/** What a Worker's `fetch` hands its requests to. */
export type App = Pick<Hono, 'fetch'>;

/**
 * Evaluations as services ask for them are answered in front of the routes, and all else by them: through the routes, an evaluation
 * takes a tenth more CPU, and an isolate's first one two milliseconds more (test/bench/edge).
 */
export function createApp(runtime: EdgeRuntime, issued: KeysSource, access: AccessSettings): App {
  const admission = createAdmission(runtime, issued, access.sdkKeys);
  let routes: ReturnType<typeof createRoutes> | undefined;

  async function direct(request: Request, key: string | undefined, behind: Behind): Promise<Response> {
    const record = admission.atOnce(request, behind) ?? (await admission.recordOf(request, behind));
    if (record === undefined) return admission.refusal();
    return evaluated(runtime, { request, key, caller: callerOf(record), behind });
  }

  return {
    fetch(request, env, execution) {
      const route = execution === undefined ? null : plainRoute(request);
      if (route !== null) return direct(request, route[1], (work) => execution?.waitUntil(work)).catch(failed);
      routes ??= createRoutes(runtime, { admission, issued, allowedOrigins: access.allowedOrigins });
      return routes.fetch(request, env, execution);
    },
  };
}

/** No query, nothing to decode in the flag's key, and no page that asks from another origin. */
const plainRoute = (request: Request): RegExpExecArray | null =>
  request.method === 'POST' && !request.headers.has('origin') ? EVALUATION.exec(request.url) : null;

const EVALUATION = /^[^/]+\/\/[^/]+\/ofrep\/v1\/evaluate\/flags(?:\/([\w.-]+))?$/;
