/**
 * A log-bucket sketch of latencies: bucket i holds the samples in (g^(i-1), g^i], g = (1 + a) / (1 - a), a = 1 %. Any quantile is known to 1 %,
 * and how many samples exceed a bucket's edge is known exactly, which is all that the bounds use. Merging is adding.
 *
 * Source: Masson, Rim & Lee, "DDSketch", PVLDB 12(12) 2019 (arXiv 1908.10693): its logarithmic mapping.
 */
import { checkCount } from './check-cells.ts';
import type { Sketch } from './statistics.ts';
import type { UnhealthyReason } from './verdict.ts';

const ACCURACY = 0.01;
export const LOG_GAMMA = Math.log((1 + ACCURACY) / (1 - ACCURACY));

/** From 0.1 ms to 10 minutes: what lies beyond goes to the bucket at that end. */
export const FIRST_BUCKET = Math.ceil(Math.log(0.1) / LOG_GAMMA);
export const LAST_BUCKET = Math.ceil(Math.log(600_000) / LOG_GAMMA);

export const EMPTY_SKETCH: Sketch = { first: 0, counts: [] };

export const edgeOf = (bucket: number): number => Math.exp(bucket * LOG_GAMMA);

/** The bucket of a latency in milliseconds; null for what is none. */
export function bucketOf(ms: number): number | null {
  if (!Number.isFinite(ms) || ms < 0) return null;
  if (ms === 0) return FIRST_BUCKET;
  return Math.min(LAST_BUCKET, Math.max(FIRST_BUCKET, Math.ceil(Math.log(ms) / LOG_GAMMA)));
}

/** A sketch of samples; those that are no latency are left out, and counted. */
export function sketchOf(samples: Iterable<number>): { readonly sketch: Sketch; readonly refused: number } {
  const counts = new Array<number>(LAST_BUCKET - FIRST_BUCKET + 1).fill(0);
  let refused = 0;
  let first = counts.length;
  let last = -1;
  for (const sample of samples) {
    const bucket = bucketOf(sample);
    if (bucket === null) {
      refused++;
      continue;
    }
    const at = bucket - FIRST_BUCKET;
    counts[at] = (counts[at] as number) + 1;
    first = Math.min(first, at);
    last = Math.max(last, at);
  }
  return {
    sketch: last < 0 ? EMPTY_SKETCH : { first: FIRST_BUCKET + first, counts: counts.slice(first, last + 1) },
    refused,
  };
}

export function checkSketch({ first, counts }: Sketch): UnhealthyReason | null {
  if (counts.length === 0) return null;
  if (!Number.isInteger(first) || first < FIRST_BUCKET || first + counts.length - 1 > LAST_BUCKET)
    return 'impossible-count';
  for (const count of counts) {
    const trouble = checkCount(count);
    if (trouble !== null) return trouble;
  }
  return null;
}

/** How many samples exceed each bucket's edge. */
export interface Exceedances {
  readonly samples: number;
  readonly first: number;
  /** `above[i]`: samples above the edge of bucket `first + i`. */
  readonly above: readonly number[];
}

export function exceedancesOf({ first, counts }: Sketch): Exceedances {
  const above = new Array<number>(counts.length);
  let sum = 0;
  for (let at = counts.length - 1; at >= 0; at--) {
    above[at] = sum;
    sum += counts[at] as number;
  }
  return { samples: sum, first, above };
}

export function countAbove({ samples, first, above }: Exceedances, bucket: number): number {
  const at = bucket - first;
  if (at < 0) return samples;
  return at < above.length ? (above[at] as number) : 0;
}

/** The lowest bucket above whose edge is at most this share of the samples. */
export function bucketOfQuantile(found: Exceedances, shareAbove: number): number {
  let [low, high] = [found.first, found.first + found.above.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (countAbove(found, middle) <= shareAbove * found.samples) high = middle;
    else low = middle + 1;
  }
  return low;
}
