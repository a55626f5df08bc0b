/** The publisher as the planet runs it: unchanged, but the store that its press writes to is at the far end of a link. */
import worker, { Press as PublisherPress } from '../../../workers/publisher/index.ts';
import { linkedKv } from './linked-kv.ts';

export { Publisher } from '../../../workers/publisher/index.ts';

type PlanetEnv = Env & { readonly KV_LINK: Fetcher };

export class Press extends PublisherPress {
  constructor(state: DurableObjectState, env: PlanetEnv) {
    super(state, { ...env, RULESETS: linkedKv(env.KV_LINK) });
  }
}

// It reaches no store itself.
export default worker;
