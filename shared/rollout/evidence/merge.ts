/**
 * Statistics of disjoint units, added. Associative, commutative and exact: counts are whole numbers, and a sum that would no longer be exact
 * is far above what a guardrail takes.
 */
import type { ArmCounts, CountsCell, Sketch, SketchStatistics } from './statistics.ts';

/** One cell for each (stage, revision, minute), ascending. */
export function mergeCells(reports: readonly (readonly CountsCell[])[]): CountsCell[] {
  const found = new Map<number, Map<number, CountsCell[]>>();
  const merged: CountsCell[] = [];
  const place = (cell: CountsCell): void => {
    let minutes = found.get(cell.revision);
    if (minutes === undefined) {
      minutes = new Map();
      found.set(cell.revision, minutes);
    }
    const twins = minutes.get(cell.minute);
    const at = twins?.findIndex(({ stage }) => stage === cell.stage) ?? -1;
    if (twins === undefined) minutes.set(cell.minute, [cell]);
    else if (at === -1) twins.push(cell);
    else twins[at] = added(twins[at] as CountsCell, cell);
  };
  for (const cells of reports) cells.forEach(place);
  for (const minutes of found.values()) for (const twins of minutes.values()) merged.push(...twins);
  return merged.sort((a, b) => a.stage - b.stage || a.revision - b.revision || a.minute - b.minute);
}

const added = (a: CountsCell, b: CountsCell): CountsCell => ({
  stage: a.stage,
  revision: a.revision,
  minute: a.minute,
  treatment: addedArm(a.treatment, b.treatment),
  control: addedArm(a.control, b.control),
});

const addedArm = (a: ArmCounts, b: ArmCounts): ArmCounts => ({
  exposures: a.exposures + b.exposures,
  outcomes: a.outcomes + b.outcomes,
});

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
