/** A ruleset's way into the cache as a delta on what is in force there: apart from the cache, for EdgeWorkers read views as wholes. */
import type { Result } from '#schema/result';
import type { RulesetCache, RulesetCacheOptions, Taken } from './cache.ts';
import { applyDelta, readDelta } from './delta.ts';
import { checked, type RulesetRefusal, refusal, type VerifiedRuleset, verifyParts } from './verify.ts';

/** `wrong-base` and `wrong-digest` mean: fetch the whole, once. */
export async function offerDelta(
  cache: RulesetCache,
  text: string,
  { environment, crypto }: Pick<RulesetCacheOptions, 'environment' | 'crypto'>,
): Promise<Result<Taken, RulesetRefusal>> {
  const merged = mergedLines(text, cache.current());
  if (!merged.ok) return cache.take(merged);
  return cache.take(await verifyParts(merged.value.header, merged.value.lines, environment, crypto));
}

function mergedLines(
  text: string,
  current: VerifiedRuleset | undefined,
): Result<{ readonly header: string; readonly lines: string }, RulesetRefusal> {
  const delta = checked('malformed', () => readDelta(text));
  if (!delta.ok) return delta;
  const { header, base, changes } = delta.value;
  if (current?.claims.sha256 !== base) return refusal('wrong-base', `the delta is on ${base}`);
  return checked('malformed', () => ({ header, lines: applyDelta(current.reader.lines, changes) }));
}
