/** The two-level bucket: one string hash a unit, then one integer hash a split. */
import { type Context, unitHash } from './context.ts';
import { BUCKETS } from './limits.ts';
import { xxh32, xxh32Word } from './xxh32.ts';

/** The number of this algorithm, carried by every ruleset. */
export const BUCKET_ALGORITHM = 1;

/** What a unit without a key falls into. */
export const NO_BUCKET = -1;

/** The seed of a salt's splits; made once, at decode. */
export const saltSeed = (salt: string): number => xxh32(salt, 0);

/** The bucket, 0 to 99,999, of a unit hash under a salt's seed. The product stays below 2^53, so it is exact; `| 0` floors. */
export const bucketOfHash = (unitHash: number, seed: number): number =>
  ((xxh32Word(unitHash, seed) * BUCKETS) / 0x1_0000_0000) | 0;

/** The bucket of the context's unit of a kind (undefined: user), or `NO_BUCKET`. */
export function bucketOf(context: Context, kind: string | undefined, seed: number): number {
  const hash = unitHash(context, kind);
  return hash === null ? NO_BUCKET : bucketOfHash(hash, seed);
}
