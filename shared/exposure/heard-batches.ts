/** Which of an emitter's batches were heard: numbers from 1 on, in any order, any of them several times. */

export interface HeardBatches {
  /** Runs of numbers that were heard, ascending, with a gap between one and the next. */
  readonly runs: readonly (readonly [from: number, to: number])[];
  /** Numbers in gaps that are no longer told apart: they are missing for good. */
  readonly lost: number;
}

/** Gaps that are told apart. An emitter whose batches fail one after another has one gap. */
const MAX_RUNS = 64;

export const NONE_HEARD: HeardBatches = { runs: [], lost: 0 };

export function hear({ runs, lost }: HeardBatches, batch: number): HeardBatches {
  const before = runs.filter(([, to]) => to < batch - 1);
  const after = runs.filter(([from]) => from > batch + 1);
  const joined = runs.slice(before.length, runs.length - after.length);
  const from = Math.min(batch, joined[0]?.[0] ?? batch);
  const to = Math.max(batch, joined.at(-1)?.[1] ?? batch);
  return bounded({ runs: [...before, [from, to], ...after], lost });
}

/** Numbers below the highest that was heard which were not: batches that are late, or that died with their emitter. */
export function missingBatches({ runs, lost }: HeardBatches): number {
  const heard = runs.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  return lost + (runs.at(-1)?.[1] ?? 0) - heard;
}

/** The first gap is given up: what was in it stays missing, and nothing before the end of it is ever new again. */
function bounded(heard: HeardBatches): HeardBatches {
  const [first, second, ...rest] = heard.runs;
  if (heard.runs.length <= MAX_RUNS || first === undefined || second === undefined) return heard;
  return { runs: [[first[0], second[1]], ...rest], lost: heard.lost + second[0] - first[1] - 1 };
}
