/** Reads a ruleset, or the keys document, from a Workers KV binding. */
import { keysKey, rulesetKey } from './ruleset-key.ts';

/** As much of a KV binding as is used. */
export interface KvBinding {
  get(key: string, options: { readonly type: 'text'; readonly cacheTtl: number }): Promise<string | null>;
}

/** The shortest that Workers KV lets a location keep a value (seconds). */
const MIN_CACHE_TTL = 30;

export const createKvReader = (binding: KvBinding, environment: string) => kvReaderOf(binding, rulesetKey(environment));

export const createKvKeysReader = (binding: KvBinding, environment: string) =>
  kvReaderOf(binding, keysKey(environment));

export const kvReaderOf = (binding: KvBinding, key: string) => ({
  /** The text as it lies there, unverified; undefined where there is none. Rejects where the store cannot be reached. */
  async read(): Promise<string | undefined> {
    return (await binding.get(key, { type: 'text', cacheTtl: MIN_CACHE_TTL })) ?? undefined;
  },
});
