/**
 * The stream as the planet runs it: unchanged, but its store is at the far end of a link, and isolates of POPs, which are in other
 * processes, reach their regions by HTTP.
 */
import worker, { Channel as StreamChannel, Region as StreamRegion } from '../../../workers/stream/index.ts';
import { linkedKv } from './linked-kv.ts';

type PlanetEnv = Env & { readonly KV_LINK: Fetcher };

const envOf = (env: PlanetEnv): Env => ({ ...env, RULESETS: linkedKv(env.KV_LINK) });

let linked: Env | undefined;

export class Channel extends StreamChannel {
  constructor(state: DurableObjectState, env: PlanetEnv) {
    super(state, envOf(env));
  }
}

export class Region extends StreamRegion {
  constructor(state: DurableObjectState, env: PlanetEnv) {
    super(state, envOf(env));
  }
}

const REGIONS = '/planet/regions/';

async function revalidated(request: Request, name: string, env: Env): Promise<Response> {
  const region = env.REGION.getByName(name) as unknown as Pick<StreamRegion, 'revalidate'>;
  try {
    return Response.json(await region.revalidate(await request.json()));
  } catch (error) {
    return new Response(error instanceof Error ? error.message : String(error), { status: 503 });
  }
}

export default {
  fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith(REGIONS)) {
      return revalidated(request, decodeURIComponent(pathname.slice(REGIONS.length)), env);
    }
    linked ??= envOf(env);
    return worker.fetch(request, linked, context);
  },
} satisfies ExportedHandler<PlanetEnv>;
