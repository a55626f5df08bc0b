/** Joins what is kept of units' outcomes to what is kept of their exposures. What was joined before stays as it is. */
import { type Join, type Joined, joinOutcomes, type KeptOutcome, MINUTE_MS } from '#rollout/cohort/join-outcomes';
import type { TextId } from '#rollout/cohort/sight-exposure';
import { groupBy } from './group-by.ts';
import type { PlannedCohort } from './shard-plan.ts';
import { exposuresOfUnits, type ShardState } from './take-exposures.ts';
import { ID_BYTES, unitAt, unitsAt } from './unit-bytes.ts';

/** A unit may be among `units` several times. To be called inside a transaction. */
export function settleUnits(state: ShardState, units: Uint8Array): void {
  const waiting = outcomesOf(state, distinct(units));
  for (const cohort of state.plan.cohorts) settleIn(state, cohort, waiting);
}

interface Waiting {
  readonly units: Uint8Array;
  /** By the place of the unit. */
  readonly outcomes: ReadonlyMap<number, readonly OutcomeRow[]>;
}

interface OutcomeRow extends Record<string, SqlStorageValue> {
  at: number;
  id: string;
  metric: TextId;
  time: number;
  value: number | null;
}

function settleIn(state: ShardState, cohort: PlannedCohort, { units, outcomes }: Waiting): void {
  const concerned = [...outcomes].flatMap(([at, rows]) => {
    const own = rows.flatMap((row) => keptOutcome(cohort, row));
    return own.length > 0 ? [{ at, own }] : [];
  });
  if (concerned.length === 0) return;
  const places = unitsAt(
    units,
    concerned.map(({ at }) => at),
  );
  const exposures = exposuresOfUnits(state, cohort, places);
  const joined = joinedOf(state.sql, cohort, places);
  const joins = concerned.flatMap(({ own }, at) =>
    joinOutcomes({ exposures: exposures.get(at) ?? [], outcomes: own, joined: joined.get(at) ?? [] }).map((join) => ({
      at,
      join,
    })),
  );
  if (joins.length === 0) return;
  const rows = joins.map(({ at, join }) => [at, cohort.cohort, join.stage, join.metric, join.minute, join.id]);
  state.sql.exec(KEEP_JOINED, places, JSON.stringify(rows));
  for (const { join } of joins) countJoin(state, cohort, join);
}

export function keptOutcome(
  { metrics }: PlannedCohort,
  { id, metric, time, value }: Pick<OutcomeRow, 'id' | 'metric' | 'time' | 'value'>,
): KeptOutcome[] {
  const declared = metrics.get(metric);
  return declared === undefined ? [] : [{ id, metric, kind: declared.kind, time, value }];
}

function countJoin({ counts }: ShardState, { cohort }: PlannedCohort, join: Join): void {
  const { stage, metric, bucket, exposure } = join;
  const { region, arm, revision, time } = exposure;
  if (bucket !== undefined) counts.add('sketch_counts', cohort, metric, stage, region, arm, bucket);
  else counts.add('outcome_counts', cohort, metric, stage, revision, Math.floor(time / MINUTE_MS), region, arm);
}

const KEEP_JOINED = `
INSERT INTO joined (unit, cohort, stage, metric, minute, id)
SELECT substr(?1, 1 + (value->>0) * ${ID_BYTES}, ${ID_BYTES}), value->>1, value->>2, value->>3, value->>4, unhex(value->>5)
FROM json_each(?2)`;

const FIND_JOINED = `
SELECT part.key AS at, stage, metric, minute, hex(joined.id) AS id FROM json_each(?1) AS part
CROSS JOIN joined ON joined.unit = substr(?2, 1 + part.key * ${ID_BYTES}, ${ID_BYTES}) AND joined.cohort = part.value`;

/** By the place of the unit. */
export function joinedOf(
  sql: SqlStorage,
  { cohort }: PlannedCohort,
  units: Uint8Array,
): ReadonlyMap<number, readonly Joined[]> {
  const cohorts = new Array<number>(units.byteLength / ID_BYTES).fill(cohort);
  const rows = sql.exec<{ at: number; stage: number; metric: TextId; minute: number; id: string }>(
    FIND_JOINED,
    JSON.stringify(cohorts),
    units,
  );
  return groupBy(rows, ({ at }) => at);
}

const FIND_OUTCOMES = `
SELECT part.key AS at, hex(outcomes.id) AS id, metric, time, outcomes.value FROM json_each(?1) AS part
CROSS JOIN outcomes ON outcomes.unit = substr(?2, 1 + part.key * ${ID_BYTES}, ${ID_BYTES})`;

function outcomesOf({ sql }: ShardState, units: Uint8Array): Waiting {
  const places = new Array<number>(units.byteLength / ID_BYTES).fill(0);
  const rows = sql.exec<OutcomeRow>(FIND_OUTCOMES, JSON.stringify(places), units);
  return { units, outcomes: groupBy(rows, ({ at }) => at) };
}

function distinct(units: Uint8Array): Uint8Array {
  const places = new Map<string, number>();
  for (let at = 0; at < units.byteLength / ID_BYTES; at++) places.set(unitAt(units, at), at);
  return unitsAt(units, [...places.values()]);
}
