/** Reads what a shard counted of a rollout: rows of counts, whose number does not grow with units. */
import type {
  CohortCounts,
  ExposureCount,
  OutcomeCount,
  SketchCount,
  UncountedCount,
} from '#rollout/cohort/cohort-statistics';
import type { Arm, Uncounted } from '#rollout/cohort/join-outcomes';
import type { TextId } from '#rollout/cohort/sight-exposure';
import type { PlannedCohort } from './shard-plan.ts';
import type { ShardTexts } from './shard-texts.ts';

interface Row extends Record<string, SqlStorageValue> {
  stage: number;
  revision: number;
  minute: number;
  metric: TextId;
  region: TextId;
  arm: Arm;
  bucket: number;
  reason: Uncounted;
  count: number;
}

export function readCohort(sql: SqlStorage, texts: ShardTexts, { cohort }: PlannedCohort): CohortCounts {
  const read = <T>(table: string, word: (row: Row) => T): T[] =>
    [...sql.exec<Row>(`SELECT * FROM ${table} WHERE cohort = ?`, cohort)].map(word);
  const { textOf } = texts;
  return {
    exposures: read('exposure_counts', ({ stage, revision, minute, region, arm, count }): ExposureCount => {
      return { stage, revision, minute, region: textOf(region), arm, count };
    }),
    outcomes: read('outcome_counts', ({ metric, stage, revision, minute, region, arm, count }): OutcomeCount => {
      return { metric: textOf(metric), stage, revision, minute, region: textOf(region), arm, count };
    }),
    sketches: read('sketch_counts', ({ metric, stage, region, arm, bucket, count }): SketchCount => {
      return { metric: textOf(metric), stage, region: textOf(region), arm, bucket, count };
    }),
    uncounted: read('uncounted', ({ metric, region, reason, count }): UncountedCount => {
      return { metric: textOf(metric), region: textOf(region), reason, count };
    }),
  };
}
