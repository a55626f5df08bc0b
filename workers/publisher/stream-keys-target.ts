/** The keys document at the stream Worker, which gives it to relays: a target as a store is. */
import type { RulesetTarget } from '#edgekv/ruleset-target';
import { STREAM_URL, type StreamOffersOptions } from './stream-offers.ts';

export function createStreamKeysTarget({ service, key }: StreamOffersOptions): RulesetTarget {
  const authorization = `Bearer ${key}`;
  const url = `${STREAM_URL}/v1/keys`;
  return {
    name: 'stream',
    shownBy: 'answer',
    async read() {
      const response = await service.fetch(url, { method: 'GET', headers: { authorization } });
      const text = await response.text();
      if (response.status === 200) return text;
      if (response.status === 404) return undefined;
      throw new Error(`GET /v1/keys: ${response.status}`);
    },
    async write(ruleset, _metadata, patience) {
      const headers = { authorization, 'content-type': 'application/json' };
      const init = {
        method: 'PUT',
        headers,
        body: JSON.stringify({ text: ruleset }),
        ...(patience && { signal: patience }),
      };
      const response = await service.fetch(url, init);
      await response.body?.cancel();
      if (response.status !== 204) throw new Error(`PUT /v1/keys: ${response.status}`);
    },
  };
}
