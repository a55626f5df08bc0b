/** Writes a ruleset, or the keys document, through a Workers KV binding. */
import { type RulesetTarget, TargetBusy, type TargetMetadata } from '../ruleset-target.ts';
import { type KvBinding, kvReaderOf } from './kv-reader.ts';
import { keysKey, rulesetKey } from './ruleset-key.ts';

/** As much of a KV binding as is used. */
export interface KvWriterBinding extends KvBinding {
  put(key: string, value: string, options: { readonly metadata: TargetMetadata }): Promise<void>;
}

export const createKvWriter = (binding: KvWriterBinding, environment: string): RulesetTarget =>
  kvWriterOf(binding, rulesetKey(environment), 'kv');

export const createKvKeysWriter = (binding: KvWriterBinding, environment: string): RulesetTarget =>
  kvWriterOf(binding, keysKey(environment), 'kv/keys');

const kvWriterOf = (binding: KvWriterBinding, key: string, name: string): RulesetTarget => ({
  name,
  /** There is no reading back: a location sees its own cache, so that a look could find what is older than what was written. */
  shownBy: 'answer',
  read: kvReaderOf(binding, key).read,
  async write(ruleset, { version, sha256 }) {
    try {
      await binding.put(key, ruleset, { metadata: { version, sha256 } });
    } catch (error) {
      throw isTooMany(error) ? new TargetBusy('one write a second to a key', { cause: error }) : error;
    }
  },
});

/** `KV PUT failed: 429 Too Many Requests` is how the binding tells it (developers.cloudflare.com/kv/api/write-key-value-pairs). */
const isTooMany = (error: unknown): boolean => error instanceof Error && /\b429\b/.test(error.message);
