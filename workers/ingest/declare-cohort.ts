/** Declares a rollout to a shard. What arrived before its declaration is counted as if it had come after. */
import { extendCohort } from '#rollout/cohort/extend-cohort';
import type { Cohort } from '#schema/cohort';
import { ok, type Result, refused } from '#schema/result';
import { settleUnits } from './settle-units.ts';
import type { PlannedCohort } from './shard-plan.ts';
import { COUNT_TABLES } from './shard-tables.ts';
import { countExposure, firstExposures, type ShardState } from './take-exposures.ts';
import { ID_BYTES, joinUnits } from './unit-bytes.ts';

const KEEP = `
INSERT INTO cohorts (name, declaration) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET declaration = excluded.declaration`;

/** Writes the declaration. To be called inside a transaction; the plan is to be read anew, and the difference to be counted. */
export function keepDeclaration(sql: SqlStorage, name: string, next: Cohort): Result<Cohort | undefined, string> {
  const [row] = sql.exec<{ declaration: string }>('SELECT declaration FROM cohorts WHERE name = ?', name).toArray();
  const before = row && (JSON.parse(row.declaration) as Cohort);
  const extended = extendCohort(before, next);
  if (!extended.ok) return refused(extended.error);
  sql.exec(KEEP, name, JSON.stringify(extended.value));
  return ok(before);
}

/** How many units are looked at with one statement. */
const UNITS_AT_ONCE = 5_000;

/** Counts what is there of the revisions and the metrics that are new. `state` has the new plan. To be called inside a transaction. */
export function countDeclared(state: ShardState, cohort: PlannedCohort, before: Cohort | undefined): void {
  const known = new Set(before?.stages.flatMap(({ revisions }) => revisions));
  const added = [...cohort.stageOf.keys()].filter((revision) => !known.has(revision));
  for (const exposure of firstExposures(state, cohort, added)) countExposure(state.counts, cohort, exposure);
  const rows = state.sql.exec<{ unit: ArrayBuffer }>(
    'SELECT DISTINCT unit FROM outcomes WHERE metric IN (SELECT value FROM json_each(?))',
    JSON.stringify([...cohort.metrics.keys()]),
  );
  const units = joinUnits([...rows].map(({ unit }) => new Uint8Array(unit)));
  const bytes = UNITS_AT_ONCE * ID_BYTES;
  for (let at = 0; at < units.byteLength; at += bytes) settleUnits(state, units.subarray(at, at + bytes));
}

/** Whether there was one. To be called inside a transaction. */
export function dropCohort(sql: SqlStorage, name: string): boolean {
  const rows = sql.exec<{ cohort: number }>('DELETE FROM cohorts WHERE name = ? RETURNING cohort', name).toArray();
  for (const { cohort } of rows)
    for (const table of [...COUNT_TABLES, 'joined']) sql.exec(`DELETE FROM ${table} WHERE cohort = ?`, cohort);
  return rows.length > 0;
}
