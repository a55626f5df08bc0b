/** What an inbox took and no cohort shard has yet: parts in the order in which they came. */
import type { LoggedPart } from './cohort-shard.ts';
import type { Part } from './inbox-part.ts';

/** Numbers are never given twice, whatever was deleted: shards know by them what they have. */
export const LOG_TABLES = `
CREATE TABLE IF NOT EXISTS log (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  shard INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  cells TEXT NOT NULL,
  exposures TEXT NOT NULL,
  units BLOB NOT NULL,
  outcomes TEXT NOT NULL,
  outcome_ids BLOB NOT NULL,
  outcome_units BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS log_shard ON log (shard, sequence);
CREATE TABLE IF NOT EXISTS refused_parts (
  sequence INTEGER PRIMARY KEY,
  shard INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  cells TEXT NOT NULL,
  exposures TEXT NOT NULL,
  units BLOB NOT NULL,
  outcomes TEXT NOT NULL,
  outcome_ids BLOB NOT NULL,
  outcome_units BLOB NOT NULL
) STRICT;
`;

const APPEND = `
INSERT INTO log (shard, received_at, cells, exposures, units, outcomes, outcome_ids, outcome_units)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

/** Duplicates too: that somebody is served an earlier exposure again may be what is wrong. Whether there was something. */
export function appendToLog(sql: SqlStorage, part: Part): boolean {
  if (part.exposures.length === 0 && part.outcomes.length === 0) return false;
  const { shard, receivedAt, cells, exposures, units, outcomes, outcomeIds, outcomeUnits } = part;
  const lists = [JSON.stringify(cells), JSON.stringify(exposures)];
  sql.exec(APPEND, shard, receivedAt, ...lists, units, JSON.stringify(outcomes), outcomeIds, outcomeUnits);
  return true;
}

interface Row extends Record<string, SqlStorageValue> {
  sequence: number;
  received_at: number;
  cells: string;
  exposures: string;
  units: ArrayBuffer;
  outcomes: string;
  outcome_ids: ArrayBuffer;
  outcome_units: ArrayBuffer;
}

export function readLog(sql: SqlStorage, shard: number, limit: number): LoggedPart[] {
  const rows = sql.exec<Row>('SELECT * FROM log WHERE shard = ? ORDER BY sequence LIMIT ?', shard, limit);
  return [...rows].map((row) => ({
    sequence: row.sequence,
    receivedAt: row.received_at,
    cells: row.cells,
    exposures: row.exposures,
    units: new Uint8Array(row.units),
    outcomes: row.outcomes,
    outcomeIds: new Uint8Array(row.outcome_ids),
    outcomeUnits: new Uint8Array(row.outcome_units),
  }));
}

export const forgetApplied = (sql: SqlStorage, shard: number, applied: number): void =>
  void sql.exec('DELETE FROM log WHERE shard = ? AND sequence <= ?', shard, applied);

/** Shards that something waits for. */
export const waitingShards = (sql: SqlStorage): number[] =>
  [...sql.exec<{ shard: number }>('SELECT DISTINCT shard FROM log ORDER BY shard')].map(({ shard }) => shard);

const PUT_ASIDE = `
INSERT INTO refused_parts
SELECT sequence, shard, received_at, ?2, cells, exposures, units, outcomes, outcome_ids, outcome_units
FROM log WHERE sequence = ?1`;

/** After so many refusals a part is put aside, so that what comes behind it is counted. */
const MAX_ATTEMPTS = 4;

/** Whether the part was put aside. To be called inside a transaction. */
export function noteRefusal(sql: SqlStorage, sequence: number, reason: string): boolean {
  const [row] = sql.exec<{ attempts: number }>(
    'UPDATE log SET attempts = attempts + 1 WHERE sequence = ? RETURNING attempts',
    sequence,
  );
  if (row === undefined || row.attempts < MAX_ATTEMPTS) return false;
  sql.exec(PUT_ASIDE, sequence, reason);
  sql.exec('DELETE FROM log WHERE sequence = ?', sequence);
  return true;
}

const REPLAY = `
INSERT INTO log (shard, received_at, cells, exposures, units, outcomes, outcome_ids, outcome_units)
SELECT shard, received_at, cells, exposures, units, outcomes, outcome_ids, outcome_units FROM refused_parts ORDER BY sequence`;

/** Parts that were put aside go to the end of the log. How many there were. To be called inside a transaction. */
export function replayRefused(sql: SqlStorage): number {
  sql.exec(REPLAY);
  return sql.exec('DELETE FROM refused_parts RETURNING sequence').toArray().length;
}
