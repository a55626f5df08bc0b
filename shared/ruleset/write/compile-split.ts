/** Authored splits and compiled ones. */
import { BUCKETS } from '#core/limits';
import type { AuthoredOutcome, AuthoredSplit } from '#schema/authored';
import { BOOLEANS, type FlagEntry, type Outcome, type SplitEntry } from '#schema/entry';
import { type Allocation, allocate } from './allocate.ts';

/** A compiled split with its variations by name. */
export interface NamedSplit {
  /** The rule's id; undefined for the fallthrough. */
  readonly rule: string | undefined;
  readonly kind: string | undefined;
  readonly allocation: Allocation;
}

/** Percent to buckets; exact, because percentages come in steps of 0.001. */
export const bucketsOf = (percent: number): number => Math.round((percent * BUCKETS) / 100);

/** Every outcome of a flag as a split: what serves everybody the same is one of a single range. */
export function splitsOf(flag: FlagEntry): NamedSplit[] {
  const names = (flag.v ?? BOOLEANS).map(([name]) => name);
  const exits: (readonly [string | undefined, Outcome])[] = [
    ...(flag.u ?? []).map(([id, , outcome]) => [id, outcome] as const),
    [undefined, flag.f],
  ];
  return exits.map(([rule, outcome]) =>
    typeof outcome === 'number'
      ? { rule, kind: undefined, allocation: [[names[outcome] as string, BUCKETS]] }
      : { rule, kind: outcome[2], allocation: namedRanges(outcome[1], names) },
  );
}

/** `[variation, end, variation, end, …]` with the variations' names. */
const namedRanges = (ranges: readonly number[], names: readonly string[]): Allocation =>
  ranges.flatMap((variation, at) =>
    at % 2 === 0 ? [[names[variation] as string, ranges[at + 1] as number] as const] : [],
  );

/** `previous` is the split of the same rule before: its units stay where the new weights let them. */
export function compileOutcome(
  outcome: AuthoredOutcome,
  names: readonly string[],
  previous: NamedSplit | undefined,
): Outcome {
  const { serve, split } = outcome;
  return split === undefined ? names.indexOf(serve as string) : compileSplit(split, names, previous);
}

function compileSplit(split: AuthoredSplit, names: readonly string[], previous: NamedSplit | undefined): SplitEntry {
  const ranges = allocationOf(split, previous).flatMap(([name, end]) => [names.indexOf(name), end]);
  const kind = kindOf(split);
  return kind === undefined ? [names.indexOf(split.rest), ranges] : [names.indexOf(split.rest), ranges, kind];
}

export function allocationOf(split: AuthoredSplit, previous: NamedSplit | undefined): Allocation {
  const { rest, weights } = split;
  const buckets = new Map(Object.entries(weights).map(([name, percent]) => [name, bucketsOf(percent)]));
  // Units of another kind have other buckets: nothing of such a split can be kept.
  const kept = previous !== undefined && previous.kind === kindOf(split) ? previous.allocation : undefined;
  return allocate(kept, { rest, buckets });
}

export const kindOf = ({ by }: AuthoredSplit): NamedSplit['kind'] => (by === 'user' ? undefined : by);
