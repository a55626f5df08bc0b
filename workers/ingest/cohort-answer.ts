/** What `GET /v1/cohorts/{rollout}` answers. */
import { type RegionStatistics, regionStatistics } from '#rollout/cohort/cohort-statistics';
import type { Cohort } from '#schema/cohort';
import type { ShardCohort } from './cohort-shard.ts';
import { type InboxProgress, watermarks } from './inbox-progress.ts';
import type { ShardIncidents } from './keep-incidents.ts';
import type { Collapsed } from './read-collapsed.ts';

export interface CohortAnswer {
  readonly rollout: string;
  readonly cohort: Cohort;
  /** Parts that wait for their shard. */
  readonly waiting: number;
  /** Consistency incidents at the rollout's revisions. */
  readonly incidents: number;
  /**
   * Exposures at the rollout's revisions that are in none of its numbers, since nothing but their number arrived: empty where all that
   * there was is told apart.
   */
  readonly degraded: readonly Collapsed[];
  /** Up to `watermark` (milliseconds since 1970) the region's numbers are whole; null where nothing of it was heard yet. */
  readonly regions: readonly (RegionStatistics & { readonly watermark: number | null })[];
}

/** `progress` was read before the shards were: what was drained meanwhile is in the numbers, and not yet in the watermark. */
export function cohortAnswer(
  rollout: string,
  shards: readonly ShardCohort[],
  progress: readonly InboxProgress[],
  { counts }: ShardIncidents,
): Omit<CohortAnswer, 'degraded'> | undefined {
  const cohort = latest(shards.map(({ declaration }) => declaration));
  if (cohort === undefined) return undefined;
  const marks = watermarks(progress);
  const regions = new Set(
    shards.flatMap(({ exposures, uncounted }) => [...exposures, ...uncounted].map(({ region }) => region)),
  );
  for (const region of marks.keys()) regions.add(region);
  const revisions = revisionsOf(cohort);
  return {
    rollout,
    cohort,
    waiting: progress.reduce((sum, { waiting }) => sum + waiting, 0),
    incidents: counts
      .filter(({ flag, revision }) => flag === cohort.flag && revisions.has(revision))
      .reduce((sum, { count }) => sum + count, 0),
    regions: [...regions].sort().map((region) => ({
      ...regionStatistics(cohort, region, shards),
      watermark: marks.get(region) ?? null,
    })),
  };
}

export const revisionsOf = ({ stages }: Cohort): ReadonlySet<number> =>
  new Set(stages.flatMap(({ revisions }) => revisions));

/** Shards hear a declaration one after the other, and declarations only grow. */
const latest = (declarations: readonly Cohort[]): Cohort | undefined =>
  [...declarations].sort((a, b) => sizeOf(b) - sizeOf(a))[0];

const sizeOf = ({ stages, metrics }: Cohort): number =>
  stages.length + metrics.length + stages.flatMap(({ revisions }) => revisions).length;
