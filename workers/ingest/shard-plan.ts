/** The rollouts that a shard counts for, in the form in which exposures and outcomes look for them. */
import type { Arm } from '#rollout/cohort/join-outcomes';
import type { TextId } from '#rollout/cohort/sight-exposure';
import type { Cohort, CohortMetric } from '#schema/cohort';
import { groupBy } from './group-by.ts';
import type { ShardTexts } from './shard-texts.ts';

export interface PlannedCohort {
  readonly cohort: number;
  readonly name: string;
  readonly declaration: Cohort;
  readonly flag: TextId;
  readonly arms: ReadonlyMap<TextId, Arm>;
  readonly stageOf: ReadonlyMap<number, number>;
  readonly metrics: ReadonlyMap<TextId, CohortMetric>;
}

export interface ShardPlan {
  readonly cohorts: readonly PlannedCohort[];
  byFlag(flag: TextId): readonly PlannedCohort[];
  byMetric(metric: TextId): readonly PlannedCohort[];
  isSession(flag: TextId): boolean;
}

/** To be called inside a transaction. */
export function readPlan(sql: SqlStorage, texts: ShardTexts): ShardPlan {
  const rows = sql.exec<{ cohort: number; name: string; declaration: string }>(
    'SELECT cohort, name, declaration FROM cohorts ORDER BY cohort',
  );
  const cohorts = [...rows].map(({ cohort, name, declaration }) =>
    planned(cohort, name, JSON.parse(declaration) as Cohort, texts),
  );
  const byFlag = groupBy(cohorts, ({ flag }) => flag);
  const byMetric = new Map<TextId, PlannedCohort[]>();
  for (const one of cohorts)
    for (const metric of one.metrics.keys()) byMetric.set(metric, [...(byMetric.get(metric) ?? []), one]);
  return {
    cohorts,
    byFlag: (flag) => byFlag.get(flag) ?? [],
    byMetric: (metric) => byMetric.get(metric) ?? [],
    isSession: (flag) => byFlag.get(flag)?.some(({ declaration }) => declaration.consistency === 'session') ?? false,
  };
}

function planned(cohort: number, name: string, declaration: Cohort, texts: ShardTexts): PlannedCohort {
  const { flag, arms, stages, metrics } = declaration;
  return {
    cohort,
    name,
    declaration,
    flag: texts.idOf(flag),
    arms: new Map<TextId, Arm>([
      [texts.idOf(arms.treatment), 'treatment'],
      [texts.idOf(arms.control), 'control'],
    ]),
    stageOf: new Map(stages.flatMap(({ revisions }, stage) => revisions.map((revision) => [revision, stage]))),
    metrics: new Map(metrics.map((metric) => [texts.idOf(metric.name), metric])),
  };
}
