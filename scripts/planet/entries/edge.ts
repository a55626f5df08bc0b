/** The edge Worker as the planet runs it: unchanged, but its region, its store and ingest are at the far ends of links. */
import worker from '../../../workers/edge/index.ts';
import { linkedKv } from './linked-kv.ts';
import { linkedRegions } from './linked-regions.ts';
import { linkedService } from './linked-service.ts';

interface Links {
  readonly STREAM_LINK: Fetcher;
  readonly KV_LINK: Fetcher;
  readonly INGEST_LINK: Fetcher;
}

let linked: Env | undefined;

/** The same object at every request, as the platform's is. */
function envOf(env: Env & Links): Env {
  linked ??= {
    ...env,
    REGIONS: linkedRegions(env.STREAM_LINK),
    RULESETS: linkedKv(env.KV_LINK),
    INGEST: linkedService(env.INGEST_LINK),
  };
  return linked;
}

export default {
  fetch: (request, env, context) => worker.fetch(request, envOf(env), context),
} satisfies ExportedHandler<Env & Links>;
