/** The edge Worker: evaluates at the POP. Its state is the isolate's memory, made by the first request. */
import { createKvKeysReader, createKvReader } from '#edgekv/cloudflare/kv-reader';
import { MISCONFIGURED } from '#http/pop-refusals';
import { responseOf } from '#http/response-of';
import { type Bindings, SettingsError } from '#http/settings';
import { createEdgeKeys, createEdgeRuntime } from '#sdk/edge/runtime';
import { createApp } from './app.ts';
import { rehearse } from './rehearsal.ts';
import { readWorkerSettings } from './settings.ts';

// Whatever comes of it: requests are served without.
rehearse().catch(() => {});

let app: ReturnType<typeof createApp> | undefined;

function assemble(env: Env): ReturnType<typeof createApp> {
  const { edge, access } = readWorkerSettings(env as unknown as Bindings);
  const rulesets = createKvReader(env.RULESETS, edge.environment);
  const keys = createKvKeysReader(env.RULESETS, edge.environment);
  return createApp(createEdgeRuntime(edge, rulesets, env.INGEST), createEdgeKeys(edge, keys), access);
}

export default {
  fetch(request, env, context) {
    try {
      app ??= assemble(env);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      console.error(`settings: ${error.message}`);
      return responseOf(MISCONFIGURED);
    }
    return app.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;
