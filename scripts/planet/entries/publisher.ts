/** The publisher as the planet runs it: unchanged, but the stores that its press writes to, and the stream, are at the far ends of links. */
import worker, { Press as PublisherPress } from '../../../workers/publisher/index.ts';
import { linkedKv } from './linked-kv.ts';
import { linkedService } from './linked-service.ts';

export { Publisher } from '../../../workers/publisher/index.ts';

type PlanetEnv = Env & Readonly<Record<'KV_LINK' | 'EDGEKV_LINK' | 'STREAM_LINK', Fetcher>>;

export class Press extends PublisherPress {
  constructor(state: DurableObjectState, env: PlanetEnv) {
    const linked = {
      RULESETS: linkedKv(env.KV_LINK),
      EDGEKV_API: linkedService(env.EDGEKV_LINK),
      STREAM: linkedService(env.STREAM_LINK),
    };
    super(state, { ...env, ...linked });
  }
}

// It reaches no store itself.
export default worker;
