/** A ruleset's way into the cache as a delta on what is in force there: apart from the cache, for EdgeWorkers read views as wholes. */
import type { Result } from '#schema/result';
import type { RulesetCache, RulesetCacheOptions, Taken } from './cache.ts';
import type { RulesetRefusal } from './verify.ts';
import { verifyDelta } from './verify-delta.ts';

/** `wrong-base` and `wrong-digest` mean: fetch the whole, once. */
export async function offerDelta(
  cache: RulesetCache,
  text: string,
  { environment, crypto }: Pick<RulesetCacheOptions, 'environment' | 'crypto'>,
): Promise<Result<Taken, RulesetRefusal>> {
  return cache.take(await verifyDelta(text, cache.current(), environment, crypto));
}
