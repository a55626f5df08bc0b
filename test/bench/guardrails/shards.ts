/** Shards of one rollout, tick by tick: 50 users a second at 5 %, outcomes a minute behind, all reported cumulatively. */
import { MAX_OPEN_CELLS } from '#rollout/evidence/observe-rates';
import { FIRST_BUCKET, sketchOf } from '#rollout/evidence/sketch';
import type { CountsCell, SketchStatistics } from '#rollout/evidence/statistics';
import type { Random } from '../workload/random.ts';

export const SHARDS = 16;
export const TICK_MS = 10_000;
/** Minutes whose outcomes are still waited for. */
const OPEN_MINUTES = 11;
const TICKS_A_MINUTE = 6;
const STAGE = 1;

type Arm = { exposures: number; outcomes: number };
type Cell = CountsCell & { readonly treatment: Arm; readonly control: Arm };

export interface Shards {
  /** By guardrail, by shard. */
  readonly cells: readonly (readonly Cell[][])[];
  readonly sketches: readonly SketchStatistics[];
  readonly advance: (tick: number) => void;
}

export function createShards(random: Random, guardrails: number): Shards {
  const cells = Array.from({ length: guardrails }, () => Array.from({ length: SHARDS }, (): Cell[] => []));
  const sketches = Array.from({ length: SHARDS }, () => fullSketch(random));
  return {
    cells,
    sketches,
    advance: (tick) => {
      for (const shards of cells) for (const list of shards) grow(list, tick, random);
    },
  };
}

function grow(cells: Cell[], tick: number, random: Random): void {
  const minute = Math.floor(tick / TICKS_A_MINUTE);
  if (cells.at(-1)?.minute !== minute) {
    cells.push({
      stage: STAGE,
      revision: 7,
      minute,
      treatment: { exposures: 0, outcomes: 0 },
      control: { exposures: 0, outcomes: 0 },
    });
    if (cells.length > Math.min(OPEN_MINUTES, MAX_OPEN_CELLS)) cells.shift();
  }
  const newest = cells.at(-1) as Cell;
  newest.treatment.exposures += random.below(4);
  newest.control.exposures += random.below(60);
  // Outcomes come for any open minute, mostly the last few.
  for (const { treatment, control } of cells.slice(-4)) {
    if (random.below(25) === 0 && treatment.outcomes < treatment.exposures) treatment.outcomes++;
    if (random.below(10) < 3 && control.outcomes < control.exposures) control.outcomes++;
  }
}

function fullSketch(random: Random): SketchStatistics {
  const samples = (count: number) =>
    sketchOf(Array.from({ length: count }, () => 60 * Math.exp((random.below(1_000) * random.below(1_000) * 3) / 1e6)));
  const treatment = samples(200).sketch;
  const control = samples(3_800).sketch;
  if (treatment.first < FIRST_BUCKET) throw new Error('a sketch begins before the first bucket');
  return { source: 'sketch', stage: STAGE, treatment, control };
}
