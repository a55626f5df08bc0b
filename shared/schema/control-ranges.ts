/**
 * The buckets that a split or a layer has come to. Weights say how many there are; which ones they are depends on what the weights were
 * before, so whoever takes a flag elsewhere takes these along.
 */

import * as z from 'zod';
import { BUCKETS } from '#core/limits';
import { flagKey, name, layerRanges as ranges } from './entry.ts';
import { MAX_RANGES, MAX_RULES } from './limits.ts';

/** `[variation, end]` each, from the end before it. */
const allocation = z
  .array(z.tuple([name, z.int().min(1).max(BUCKETS)]))
  .min(1)
  .max(MAX_RANGES / 2)
  .refine(
    (pairs) => pairs.every(([, end], at) => end > (pairs[at - 1]?.[1] ?? 0)) && pairs.at(-1)?.[1] === BUCKETS,
    'must be [variation, end] in ascending order, up to 100,000',
  );

const few = (all: object): boolean => Object.keys(all).length <= MAX_RULES;

/** Of the splits of a flag. Those that it does not name keep what they have. */
export const flagRanges = z.strictObject({
  fallthrough: allocation.exactOptional(),
  rules: z.record(name, allocation).refine(few, `must be ${MAX_RULES} rules at most`).exactOptional(),
});

/** Of the slices of a layer: start, end, start, end, … by flag. Those that it does not name keep what they have. */
export const layerRanges = z.record(flagKey, ranges);

/** Of an environment. */
export const rangesOfSet = z.strictObject({
  flags: z.record(flagKey, flagRanges).exactOptional(),
  layers: z.record(name, layerRanges).exactOptional(),
});

export type FlagRanges = z.output<typeof flagRanges>;
export type LayerRanges = z.output<typeof layerRanges>;
export type RangesOfSet = z.output<typeof rangesOfSet>;
