/** The ingest Worker: takes exposures, and says how many there are. What it knows is in its inboxes and cohort shards. */
import { createKvKeysReader } from '#edgekv/cloudflare/kv-reader';
import { createExposureTokens } from '#exposure/exposure-token';
import { problemResponse } from '#http/problem';
import { type Bindings, SettingsError } from '#http/settings';
import { createIssuedRing } from '#sdk/edge/issued-ring';
import { createEdgeKeys } from '#sdk/edge/runtime';
import { createApp } from './app.ts';
import { createR2Reader } from './archive-port.ts';
import { createInboxes } from './inboxes.ts';
import { readIngestSettings } from './settings.ts';
import { createShards } from './shards.ts';

export { CohortShard } from './cohort-shard.ts';
export { Inbox } from './inbox.ts';

let app: ReturnType<typeof createApp> | undefined;

function assemble(env: Env): ReturnType<typeof createApp> {
  const settings = readIngestSettings(env as unknown as Bindings);
  const { environment, sdkKeys, exposureTokenKey } = settings;
  const bucket: R2Bucket | undefined = env.ARCHIVE;
  const issued = createEdgeKeys(settings, createKvKeysReader(env.RULESETS, environment));
  const ring = createIssuedRing(issued, sdkKeys);
  return createApp({
    environment,
    ring,
    issued,
    inboxes: createInboxes(env.INBOX),
    shards: createShards(env.COHORTS),
    ...(bucket && { archive: createR2Reader(bucket) }),
    ...(exposureTokenKey && { tokens: createExposureTokens(exposureTokenKey) }),
    now: () => Date.now(),
  });
}

export default {
  fetch(request, env, context) {
    try {
      app ??= assemble(env);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      console.error(`settings: ${error.message}`);
      return problemResponse({
        status: 500,
        title: 'Misconfigured',
        detail: 'the Worker is not configured; see its log',
      });
    }
    return app.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;
