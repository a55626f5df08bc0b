/**
 * Divides the 100,000 buckets among variations so that growing one moves nobody who is in another.
 *
 * Each weighted variation has a territory of equal size. It grows from the start of its own, then from the far end of what is left
 * elsewhere, and shrinks in the opposite order; so ramping down and up again gives the same cohort.
 */
import { BUCKETS } from '#core/limits';

/** `[name, end]` each: half-open ranges, each from the end before it; the last ends at 100,000. */
export type Allocation = readonly (readonly [name: string, end: number])[];

export interface Weights {
  /** The name that everything not weighted belongs to. */
  readonly rest: string;
  /** Buckets by name, in the author's order, at most 100,000 in all. `rest` is not among them. */
  readonly buckets: ReadonlyMap<string, number>;
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/** A stretch of buckets, and whether it is used from its start or from its end. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly forward: boolean;
}

export function allocate(previous: Allocation | undefined, { rest, buckets }: Weights): Allocation {
  let ranges: readonly Range[] = rangesOf(previous ?? [[rest, BUCKETS]]).map((range) =>
    buckets.has(range.name) ? range : { ...range, name: rest },
  );
  const preferences = preferencesOf(buckets.size);
  const wanted = [...buckets].map(([name, size], at) => ({ name, size, preference: preferences[at] as Stretch[] }));
  // All shrink before any grows: what one gives back may be what another needs.
  for (const { name, size, preference } of wanted) {
    ranges = hand(ranges, name, rest, sizeOf(ranges, name) - size, reversed(preference));
  }
  for (const { name, size, preference } of wanted) {
    ranges = hand(ranges, rest, name, size - sizeOf(ranges, name), preference);
  }
  return merged(ranges);
}

/** How many buckets belong to somebody else than before. */
export function bucketsMoved(before: Allocation, after: Allocation): number {
  return rangesOf(before).reduce(
    (moved, range) =>
      moved +
      rangesOf(after)
        .filter(({ name }) => name !== range.name)
        .reduce(
          (sum, other) => sum + Math.max(0, Math.min(range.end, other.end) - Math.max(range.start, other.start)),
          0,
        ),
    0,
  );
}

/** In what order each of `count` variations takes buckets: its own territory first, then the others' far ends. */
function preferencesOf(count: number): Stretch[][] {
  const edge = (at: number): number => Math.floor((at * BUCKETS) / count);
  return Array.from({ length: count }, (_, at) => [
    { start: edge(at), end: edge(at + 1), forward: true },
    { start: edge(at + 1), end: BUCKETS, forward: false },
    { start: 0, end: edge(at), forward: false },
  ]);
}

const reversed = (preference: readonly Stretch[]): Stretch[] =>
  preference.map((stretch) => ({ ...stretch, forward: !stretch.forward })).reverse();

/** Hands `count` buckets (none where it is not positive) from one name to another, in the order of `preference`. */
function hand(
  ranges: readonly Range[],
  from: string,
  to: string,
  count: number,
  preference: readonly Stretch[],
): readonly Range[] {
  let result = ranges;
  let left = Math.max(0, count);
  for (const { start, end, forward } of preference) {
    const pieces = result.filter(({ name }) => name === from).map((range) => clip(range, start, end));
    for (const piece of (forward ? pieces : pieces.reverse()).filter(isSome)) {
      const size = Math.min(left, piece.end - piece.start);
      const at = forward ? piece.start : piece.end - size;
      result = size === 0 ? result : paint(result, at, at + size, to);
      left -= size;
    }
  }
  return result;
}

const paint = (ranges: readonly Range[], start: number, end: number, name: string): Range[] =>
  ranges.flatMap((range) =>
    [clip(range, 0, start), { ...clip(range, start, end), name }, clip(range, end, BUCKETS)].filter(isSome),
  );

const clip = (range: Range, start: number, end: number): Range => ({
  ...range,
  start: Math.max(range.start, start),
  end: Math.min(range.end, end),
});

const isSome = ({ start, end }: Range): boolean => start < end;

const rangesOf = (allocation: Allocation): Range[] =>
  allocation.map(([name, end], at) => ({ name, start: allocation[at - 1]?.[1] ?? 0, end }));

const sizeOf = (ranges: readonly Range[], name: string): number =>
  ranges.reduce((sum, range) => (range.name === name ? sum + range.end - range.start : sum), 0);

const merged = (ranges: readonly Range[]): Allocation =>
  ranges.filter(({ name }, at) => ranges[at + 1]?.name !== name).map(({ name, end }) => [name, end]);
