/** What ingest counted in the end. */
import type { IngestProcess } from '../../e2e/fixtures/ingest.ts';
import { until } from '../../e2e/fixtures/poll.ts';
import { ROLLOUT } from './chaos-world.ts';
import { outcomeText, stageText } from './judge.ts';

export interface Counted {
  readonly sums: ReadonlyMap<string, number>;
  /** By emitter, numbers of batches that never came. */
  readonly missing: ReadonlyMap<string, number>;
  readonly duplicates: number;
  readonly collapsed: number;
  readonly incidents: number;
}

interface Counts {
  readonly counts: readonly { readonly flag: string; readonly variation: string; readonly count: number }[];
  readonly duplicates: number;
  readonly collapsed: { readonly total: number };
  readonly emitters: readonly { readonly emitter: string; readonly missing: number }[];
}

interface Cell {
  readonly stage: number;
  readonly treatment: { readonly exposures: number };
  readonly control: { readonly exposures: number };
}

interface CohortAnswer {
  readonly waiting: number;
  readonly incidents: number;
  readonly regions: readonly {
    readonly metrics: readonly {
      readonly name: string;
      readonly statistics: readonly { readonly cells: readonly Cell[] }[];
      readonly outcomes: { readonly counted: number };
    }[];
  }[];
}

const DRAINED_MS = 300_000;

export async function readCounted(ingest: IngestProcess): Promise<Counted> {
  const read = async <T>(path: string): Promise<T> => (await (await ingest.get(path)).json()) as T;
  const cohort = await until(
    'everything is in its shard',
    async () => {
      const answer = await read<CohortAnswer>(`/v1/cohorts/${ROLLOUT}`);
      return answer.waiting === 0 ? answer : undefined;
    },
    DRAINED_MS,
  );
  const { counts, duplicates, collapsed, emitters } = await read<Counts>('/v1/counts?limit=5000');
  const sums = new Map<string, number>();
  const add = (what: string, count: number): void => void (count > 0 && sums.set(what, (sums.get(what) ?? 0) + count));
  for (const { flag, variation, count } of counts) add(`${flag} ${variation}`, count);
  for (const { metrics } of cohort.regions) {
    for (const { name, outcomes } of metrics) add(outcomeText(name), outcomes.counted);
    // Each metric's cells hold the same exposures.
    for (const { stage, treatment, control } of metrics[0]?.statistics.flatMap(({ cells }) => cells) ?? []) {
      add(stageText(stage, 'v2'), treatment.exposures);
      add(stageText(stage, 'control'), control.exposures);
    }
  }
  return {
    ...{ sums, duplicates, collapsed: collapsed.total, incidents: cohort.incidents },
    missing: new Map(emitters.map(({ emitter, missing }) => [emitter, missing])),
  };
}
