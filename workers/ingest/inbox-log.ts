/** What an inbox took, and has not counted or no cohort shard has yet: parts in the order in which they came. */
import type { AddedColumn } from './add-column.ts';
import type { LoggedPart } from './cohort-shard.ts';
import { type Part, type PartOutcomes, unpackRows } from './inbox-part.ts';

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

/**
 * Columns that came later. What was there before `uncounted` had been counted when it was received; what was there before `rows` has its
 * rows as JSON in `exposures`.
 */
export const LOG_COLUMNS: readonly AddedColumn[] = ['log', 'refused_parts'].flatMap((table): AddedColumn[] => [
  [table, 'uncounted', 'INTEGER NOT NULL DEFAULT 0'],
  [table, 'rows', "BLOB NOT NULL DEFAULT x''"],
]);

const COLUMNS = 'shard, received_at, cells, exposures, rows, units, outcomes, outcome_ids, outcome_units';

const NO_OUTCOMES: PartOutcomes = { rows: '[]', ids: new Uint8Array(), units: new Uint8Array() };

const APPEND = `INSERT INTO log (uncounted, ${COLUMNS}) VALUES (1, ?, ?, ?, '', ?, ?, ?, ?, ?)`;

/** One row, whatever the part holds: what is to be done with each event waits. Returns how many bytes it takes. */
export function appendToLog(sql: SqlStorage, part: Part): number {
  const { shard, receivedAt, cells, exposures, units, outcomes = NO_OUTCOMES } = part;
  sql.exec(APPEND, shard, receivedAt, cells, exposures, units, outcomes.rows, outcomes.ids, outcomes.units);
  return bytesOf({ cells, units, outcomes: outcomes.rows, outcomeIds: outcomes.ids });
}

interface Row extends Record<string, SqlStorageValue> {
  sequence: number;
  shard: number;
  received_at: number;
  cells: string;
  exposures: string;
  rows: ArrayBuffer;
  units: ArrayBuffer;
  outcomes: string;
  outcome_ids: ArrayBuffer;
  outcome_units: ArrayBuffer;
}

const partOf = (row: Row): LoggedPart => ({
  sequence: row.sequence,
  receivedAt: row.received_at,
  cells: row.cells,
  exposures: row.exposures || JSON.stringify(unpackRows(new Uint8Array(row.rows))),
  units: new Uint8Array(row.units),
  outcomes: row.outcomes,
  outcomeIds: new Uint8Array(row.outcome_ids),
  outcomeUnits: new Uint8Array(row.outcome_units),
});

/**
 * Shards are given what the inbox itself has counted, in the order of the log: one that was given a later part would take an earlier one
 * for a repeat.
 */
const COUNTED = 'sequence < (SELECT ifnull(min(sequence), 1e18) FROM log WHERE uncounted AND sequence > ?1)';
const OF_SHARD = `SELECT sequence, ${COLUMNS} FROM log WHERE shard = ?2 AND ${COUNTED} ORDER BY sequence LIMIT ?3`;

/** Of those behind which nothing is left to count. */
export const readLog = (sql: SqlStorage, shard: number, limit: number): LoggedPart[] =>
  [...sql.exec<Row>(OF_SHARD, countedThrough(sql), shard, limit)].map(partOf);

const UNCOUNTED = `SELECT sequence, ${COLUMNS} FROM log WHERE uncounted AND sequence > ? ORDER BY sequence`;

/** The oldest ones that are not counted yet, until they are as large as `bytes`. */
export function readUncounted(sql: SqlStorage, bytes: number): LoggedPart[] {
  const parts: LoggedPart[] = [];
  let left = bytes;
  for (const row of sql.exec<Row>(UNCOUNTED, countedThrough(sql))) {
    const part = partOf(row);
    parts.push(part);
    left -= bytesOf(part);
    if (left <= 0) break;
  }
  return parts;
}

type Lists = Pick<LoggedPart, 'cells' | 'units' | 'outcomes' | 'outcomeIds'>;

/** About as many as a part takes in the log, where the rows of its exposures are no longer than their units. */
export const bytesOf = ({ cells, units, outcomes, outcomeIds }: Lists): number =>
  cells.length + 2 * units.byteLength + outcomes.length + 2 * outcomeIds.byteLength;

const UNCOUNTED_BYTES = `
SELECT ifnull(sum(length(cells) + 2 * length(units) + length(outcomes) + 2 * length(outcome_ids)), 0) AS bytes
FROM log WHERE uncounted AND sequence > ?`;

/** As `bytesOf` says of all that waits. */
export const uncountedBytes = (sql: SqlStorage): number =>
  sql.exec<{ bytes: number }>(UNCOUNTED_BYTES, countedThrough(sql)).one().bytes;

export const uncountedParts = (sql: SqlStorage): number =>
  sql.exec<{ n: number }>('SELECT count(*) AS n FROM log WHERE uncounted AND sequence > ?', countedThrough(sql)).one()
    .n;

/** The last part that was counted, or was put aside before it was. */
export const countedThrough = (sql: SqlStorage): number =>
  [...sql.exec<{ value: number }>("SELECT value FROM tallies WHERE name = 'countedThrough'")][0]?.value ?? 0;

export const forgetApplied = (sql: SqlStorage, shard: number, applied: number): void =>
  void sql.exec('DELETE FROM log WHERE shard = ? AND sequence <= ?', shard, applied);

const WAITING = `SELECT DISTINCT shard FROM log WHERE ${COUNTED} ORDER BY shard`;

/** Shards that something waits for. */
export const waitingShards = (sql: SqlStorage): number[] =>
  [...sql.exec<{ shard: number }>(WAITING, countedThrough(sql))].map(({ shard }) => shard);

const PUT_ASIDE = `
INSERT INTO refused_parts (sequence, reason, uncounted, ${COLUMNS})
SELECT sequence, ?2, uncounted AND sequence > ?3, ${COLUMNS} FROM log WHERE sequence = ?1`;

/** After so many refusals of its shard a part is put aside, so that the shard gets what comes behind it. */
const MAX_ATTEMPTS = 4;

/** Whether the part was put aside. To be called inside a transaction. */
export function noteRefusal(sql: SqlStorage, sequence: number, reason: string): boolean {
  const [row] = sql.exec<{ attempts: number }>(
    'UPDATE log SET attempts = attempts + 1 WHERE sequence = ? RETURNING attempts',
    sequence,
  );
  if (row === undefined || row.attempts < MAX_ATTEMPTS) return false;
  putAside(sql, sequence, reason);
  return true;
}

/** To be called inside a transaction. */
export function putAside(sql: SqlStorage, sequence: number, reason: string): void {
  sql.exec(PUT_ASIDE, sequence, reason, countedThrough(sql));
  sql.exec('DELETE FROM log WHERE sequence = ?', sequence);
}

export const partsAside = (sql: SqlStorage): number =>
  sql.exec<{ n: number }>('SELECT count(*) AS n FROM refused_parts').one().n;

const REPLAY = `
INSERT INTO log (uncounted, ${COLUMNS}) SELECT uncounted, ${COLUMNS} FROM refused_parts ORDER BY sequence`;

/** Parts that were put aside go to the end of the log. How many there were. To be called inside a transaction. */
export function replayRefused(sql: SqlStorage): number {
  sql.exec(REPLAY);
  return sql.exec('DELETE FROM refused_parts RETURNING sequence').toArray().length;
}
