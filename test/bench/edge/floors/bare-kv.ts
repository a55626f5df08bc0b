/** Reads the ruleset from KV as the edge Worker does, and answers how long it is. */
import { createKvReader, type KvBinding } from '#edgekv/cloudflare/kv-reader';

interface Env {
  readonly ENVIRONMENT: string;
  readonly RULESETS: KvBinding;
}

export default {
  async fetch(_request: Request, { ENVIRONMENT, RULESETS }: Env): Promise<Response> {
    const text = await createKvReader(RULESETS, ENVIRONMENT).read();
    return new Response(String(text?.length));
  },
};
