/** The edge Worker: evaluates at the POP. Its state is the isolate's memory, made by the first request. */
import { problemResponse } from '#http/problem';
import { createKeyRing } from '#http/sdk-keys';
import { createApp } from './app.ts';
import { ConfigError, type EdgeVars, parseConfig } from './config.ts';
import { createKvSource } from './ruleset-source.ts';

type EdgeEnv = Env & EdgeVars;

let app: ReturnType<typeof createApp> | undefined;

function assemble(env: EdgeEnv): ReturnType<typeof createApp> {
  const config = parseConfig(env);
  const keys = createKeyRing(config.sdkKeys, crypto.subtle);
  return createApp({ config, keys, source: createKvSource(config, env.RULESETS) });
}

export default {
  fetch(request, env, context) {
    try {
      app ??= assemble(env);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      console.error(`configuration: ${error.message}`);
      return problemResponse({
        status: 500,
        title: 'Misconfigured',
        detail: 'the Worker is not configured; see its log',
      });
    }
    return app.fetch(request, env, context);
  },
} satisfies ExportedHandler<EdgeEnv>;
