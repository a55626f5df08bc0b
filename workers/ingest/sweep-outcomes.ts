/** Lets outcomes go that have waited their time: those that nothing was joined to are counted by the reason. */
import { uncountedAs } from '#rollout/cohort/join-outcomes';
import type { TextId } from '#rollout/cohort/sight-exposure';
import { joinedOf, keptOutcome } from './settle-units.ts';
import { exposuresOfUnits, type ShardState } from './take-exposures.ts';
import { joinUnits } from './unit-bytes.ts';

interface DueRow extends Record<string, SqlStorageValue> {
  unit: ArrayBuffer;
  rawId: ArrayBuffer;
  id: string;
  metric: TextId;
  region: TextId;
  time: number;
  value: number | null;
}

const DUE = `
SELECT unit, id AS rawId, hex(id) AS id, metric, region, time, value FROM outcomes WHERE due <= ? ORDER BY due LIMIT ?`;

const LET_GO = 'DELETE FROM outcomes WHERE unit = ? AND id = ?';

/** Returns how many went, at most `most`. To be called inside a transaction. */
export function sweepOutcomes(state: ShardState, now: number, most: number): number {
  const due = state.sql.exec<DueRow>(DUE, now, most).toArray();
  for (const cohort of state.plan.cohorts) {
    const own = due.flatMap((row) => keptOutcome(cohort, row).map((outcome) => ({ row, outcome })));
    const units = joinUnits(own.map(({ row }) => new Uint8Array(row.unit)));
    const exposures = exposuresOfUnits(state, cohort, units);
    const joined = joinedOf(state.sql, cohort, units);
    own.forEach(({ row, outcome }, at) => {
      if (joined.get(at)?.some(({ id }) => id === row.id)) return;
      const reason = uncountedAs(exposures.get(at) ?? [], outcome);
      state.counts.add('uncounted', cohort.cohort, row.metric, row.region, reason);
    });
  }
  for (const { unit, rawId } of due) state.sql.exec(LET_GO, unit, rawId);
  return due.length;
}

/** When the next is due; undefined where none waits. */
export function nextDue(sql: SqlStorage): number | undefined {
  return sql.exec<{ due: number | null }>('SELECT min(due) AS due FROM outcomes').one().due ?? undefined;
}
