/** Ingest as the planet runs it: unchanged, but the store of the keys document is at the far end of a link. */
import worker from '../../../workers/ingest/index.ts';
import { linkedKv } from './linked-kv.ts';

export { CohortShard, Inbox } from '../../../workers/ingest/index.ts';

let linked: Env | undefined;

/** The same object at every request, as the platform's is. */
function envOf(env: Env & { readonly KV_LINK: Fetcher }): Env {
  linked ??= { ...env, RULESETS: linkedKv(env.KV_LINK) };
  return linked;
}

export default {
  fetch: (request, env, context) => worker.fetch(request, envOf(env), context),
} satisfies ExportedHandler<Env & { readonly KV_LINK: Fetcher }>;
