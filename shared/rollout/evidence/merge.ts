/**
 * Statistics of disjoint units, added. Associative, commutative and exact: counts are whole numbers, and a sum that would no longer be exact
 * is far above what a guardrail takes.
 */
import type { ArmCounts, CountsCell, Sketch, SketchStatistics } from './statistics.ts';

type Sum = { -readonly [K in keyof ArmCounts]: ArmCounts[K] };

/** A cell while it is added to. */
interface Summed extends CountsCell {
  readonly treatment: Sum;
  readonly control: Sum;
}

/** One cell for each (stage, revision, minute), ascending. */
export function mergeCells(reports: readonly (readonly CountsCell[])[]): CountsCell[] {
  const sums = new Map<number, Map<number, Summed[]>>();
  for (const cells of reports) for (const cell of cells) add(sumOf(sums, cell), cell);
  const merged: CountsCell[] = [];
  for (const minutes of sums.values()) for (const stages of minutes.values()) merged.push(...stages);
  return merged.sort((a, b) => a.stage - b.stage || a.revision - b.revision || a.minute - b.minute);
}

function sumOf(sums: Map<number, Map<number, Summed[]>>, { stage, revision, minute }: CountsCell): Summed {
  const minutes = sums.get(revision) ?? new Map<number, Summed[]>();
  const stages = minutes.get(minute) ?? [];
  // A minute of a revision has one stage, unless something is wrong, which is for `observeRates` to say.
  const found = stages.find((one) => one.stage === stage);
  if (found !== undefined) return found;
  const made = {
    stage,
    revision,
    minute,
    treatment: { exposures: 0, outcomes: 0 },
    control: { exposures: 0, outcomes: 0 },
  };
  stages.push(made);
  sums.set(revision, minutes.set(minute, stages));
  return made;
}

function add({ treatment, control }: Summed, cell: CountsCell): void {
  treatment.exposures += cell.treatment.exposures;
  treatment.outcomes += cell.treatment.outcomes;
  control.exposures += cell.control.exposures;
  control.outcomes += cell.control.outcomes;
}

/** Empty buckets at either end are left out, so that equal contents have one form. */
export function mergeSketches(sketches: readonly Sketch[]): Sketch {
  let first = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const sketch of sketches) {
    if (sketch.counts.length === 0) continue;
    first = Math.min(first, sketch.first);
    end = Math.max(end, sketch.first + sketch.counts.length);
  }
  if (first >= end) return { first: 0, counts: [] };
  const counts = new Array<number>(end - first).fill(0);
  for (const sketch of sketches) {
    const offset = sketch.first - first;
    for (let at = 0; at < sketch.counts.length; at++) {
      counts[offset + at] = (counts[offset + at] as number) + (sketch.counts[at] as number);
    }
  }
  return trimmed(first, counts);
}

function trimmed(first: number, counts: number[]): Sketch {
  let from = 0;
  let to = counts.length;
  while (from < to && counts[from] === 0) from++;
  while (to > from && counts[to - 1] === 0) to--;
  return from === to ? { first: 0, counts: [] } : { first: first + from, counts: counts.slice(from, to) };
}

/** Of one stage. */
export const mergeSketchStatistics = (stage: number, parts: readonly SketchStatistics[]): SketchStatistics => {
  const own = parts.filter((part) => part.stage === stage);
  return {
    source: 'sketch',
    stage,
    treatment: mergeSketches(own.map(({ treatment }) => treatment)),
    control: mergeSketches(own.map(({ control }) => control)),
  };
};
