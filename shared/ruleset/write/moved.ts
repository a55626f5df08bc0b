/** Which units a change moves: for the person who is about to publish it. */
import { BUCKETS } from '#core/limits';
import type { FlagEntry } from '#schema/entry';
import { type Allocation, bucketsMoved } from './allocate.ts';
import { splitsOf } from './compile-split.ts';

export interface Moved {
  readonly flag: string;
  /** `rule <id>`, `fallthrough`, `holdout` or `layer`. */
  readonly where: string;
  /** Of 100,000: how many belong to another variation, or are kept off where they were not, or the reverse. */
  readonly buckets: number;
}

interface Division {
  readonly where: string;
  /** Units of another kind, or under another salt, fall into other buckets altogether. */
  readonly bucketing: string;
  readonly allocation: Allocation;
}

export function movedIn(flag: FlagEntry, previous: FlagEntry | undefined): Moved[] {
  const earlier = new Map((previous === undefined ? [] : divisionsOf(previous)).map((one) => [one.where, one]));
  return divisionsOf(flag).flatMap(({ where, bucketing, allocation }) => {
    const was = earlier.get(where);
    if (was === undefined) return [];
    const whole = allocation.length === 1 && was.allocation.length === 1;
    const buckets = was.bucketing === bucketing || whole ? bucketsMoved(was.allocation, allocation) : BUCKETS;
    return buckets === 0 ? [] : [{ flag: flag.k, where, buckets }];
  });
}

function divisionsOf(flag: FlagEntry): Division[] {
  const { h: holdout, l: layer } = flag;
  return [
    ...splitsOf(flag).map(({ rule, kind, allocation }) => ({
      where: rule === undefined ? 'fallthrough' : `rule ${rule}`,
      bucketing: kind ?? 'user',
      allocation,
    })),
    {
      where: 'holdout',
      bucketing: holdout === undefined ? '' : `${holdout[1]} ${holdout[3] ?? 'user'}`,
      allocation: inAndOut(holdout === undefined ? [0, BUCKETS] : [holdout[2], BUCKETS]),
    },
    {
      where: 'layer',
      bucketing: layer === undefined ? '' : `${layer[1]} ${layer[3] ?? 'user'}`,
      allocation: inAndOut(layer === undefined ? [0, BUCKETS] : layer[2]),
    },
  ];
}

/** `[start, end, start, end, …]` as an allocation to those inside and those outside. */
function inAndOut(ranges: readonly number[]): Allocation {
  const bounds = [...ranges, BUCKETS];
  return bounds
    .map((end, at) => [at % 2 === 0 ? 'out' : 'in', end] as const)
    .filter(([, end], at) => end > (bounds[at - 1] ?? 0));
}
