/** The edge Worker: evaluates at the POP. Its state is the isolate's memory, made by the first request. */
import { createKvKeysReader, createKvReader } from '#edgekv/cloudflare/kv-reader';
import { MISCONFIGURED } from '#http/pop-refusals';
import { responseOf } from '#http/response-of';
import { type Bindings, SettingsError } from '#http/settings';
import { createDecisionCounts } from '#sdk/edge/decision-counts';
import { createRegionStore, type RegionPort } from '#sdk/edge/region-store';
import { createEdgeKeys, createEdgeRuntime } from '#sdk/edge/runtime';
import { createApp } from './app.ts';
import { rehearse } from './rehearsal.ts';
import { readWorkerSettings } from './settings.ts';

// Whatever comes of it: requests are served without.
rehearse().catch(() => {});

let app: ReturnType<typeof createApp> | undefined;

function assemble(env: Env, request: Request): ReturnType<typeof createApp> {
  const { edge, access } = readWorkerSettings(env as unknown as Bindings);
  const kv = createKvReader(env.RULESETS, edge.environment);
  const keys = createKvKeysReader(env.RULESETS, edge.environment);
  const decisions = createDecisionCounts();
  const regionName = `${edge.environment}/${edge.place.region ?? continentOf(request)}`;
  const region = (): RegionPort => env.REGIONS.getByName(regionName) as unknown as RegionPort;
  // A deployment without regions goes by what KV has.
  const store = env.REGIONS === undefined ? kv : createRegionStore({ region, kv, decisions, now: () => Date.now() });
  return createApp(createEdgeRuntime(edge, store, env.INGEST, decisions), createEdgeKeys(edge, keys), access);
}

/** An isolate's visitors come from around it: the first one's continent is its region, where no setting says otherwise. */
function continentOf({ cf }: Request): string {
  const continent: unknown = cf?.['continent'];
  return typeof continent === 'string' ? continent.toLowerCase() : 'global';
}

export default {
  fetch(request, env, context) {
    try {
      app ??= assemble(env, request);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      console.error(`settings: ${error.message}`);
      return responseOf(MISCONFIGURED);
    }
    return app.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;
