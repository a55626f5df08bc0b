/** What an inbox keeps. */
import { type AddedColumn, addColumn } from './add-column.ts';
import { ARCHIVE_TABLES } from './archive-log.ts';
import { forgetDigests } from './digest-ids.ts';
import { LOG_COLUMNS, LOG_TABLES } from './inbox-log.ts';
import { PROGRESS_TABLES } from './inbox-progress.ts';
import { COMPLETENESS_TABLES } from './read-completeness.ts';
import { SERVED_TABLES } from './served-tables.ts';

/**
 * Cells hold what many exposures share, and how many unique ones there are of it, so that counts are read without reading whose they
 * were. An exposure belongs to the cell that it was first received with.
 */
const TABLES = `
CREATE TABLE IF NOT EXISTS cells (
  cell INTEGER PRIMARY KEY,
  flag TEXT NOT NULL,
  variation TEXT NOT NULL,
  version INTEGER NOT NULL,
  pop TEXT NOT NULL,
  revision INTEGER NOT NULL,
  reason TEXT NOT NULL,
  rule TEXT NOT NULL,
  region TEXT NOT NULL,
  cloud TEXT NOT NULL,
  count INTEGER NOT NULL DEFAULT 0,
  UNIQUE (flag, variation, version, pop, revision, reason, rule, region, cloud)
) STRICT;
CREATE TABLE IF NOT EXISTS quarantine (
  seq INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  reason TEXT NOT NULL,
  exposure TEXT NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS emitters (
  emitter TEXT PRIMARY KEY,
  sent_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  evaluated INTEGER NOT NULL,
  exposed INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  dropped INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outcomes (
  id BLOB PRIMARY KEY,
  received_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS collapsed (
  emitter TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  place INTEGER NOT NULL,
  flag TEXT NOT NULL,
  revision INTEGER NOT NULL,
  variation TEXT NOT NULL,
  version INTEGER NOT NULL,
  count INTEGER NOT NULL,
  from_time INTEGER NOT NULL,
  until_time INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (emitter, sequence, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS key_uses (
  sha256 TEXT PRIMARY KEY,
  used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tallies (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

const ADDED: readonly AddedColumn[] = [
  ['emitters', 'spilled', 'INTEGER NOT NULL DEFAULT 0'],
  ['emitters', 'collapsed', 'INTEGER NOT NULL DEFAULT 0'],
  ['emitters', 'region', "TEXT NOT NULL DEFAULT ''"],
  // `HeardBatches`, and how many are missing by it.
  ['emitters', 'heard', `TEXT NOT NULL DEFAULT '{"runs":[],"lost":0}'`],
  ['emitters', 'missing', 'INTEGER NOT NULL DEFAULT 0'],
  // When something was last added to it; to those from before this was kept, in a time that does not come.
  ['cells', 'last_at', `INTEGER NOT NULL DEFAULT ${Number.MAX_SAFE_INTEGER}`],
];

export function createTables(sql: SqlStorage): void {
  sql.exec(TABLES + SERVED_TABLES + LOG_TABLES + ARCHIVE_TABLES + PROGRESS_TABLES + COMPLETENESS_TABLES);
  for (const column of [...ADDED, ...LOG_COLUMNS]) addColumn(sql, column);
  forgetDigests(sql);
}

/** Numbers of an inbox as a whole. Of emitters that were let go, their sums remain. */
export type Tally =
  | 'duplicates'
  | 'quarantined'
  | 'rejected'
  | 'outcomes'
  | 'outcomeDuplicates'
  | 'outcomesQuarantined'
  | 'lastReceivedAt'
  | 'drainedThrough'
  | 'countedThrough'
  | 'retired'
  | 'retiredEvaluated'
  | 'retiredExposed'
  | 'retiredSent'
  | 'retiredDropped'
  | 'retiredSpilled'
  | 'retiredCollapsed'
  | 'retiredMissing';

export function addToTally(sql: SqlStorage, name: Tally, amount: number): void {
  if (amount === 0) return;
  sql.exec(
    'INSERT INTO tallies (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value',
    name,
    amount,
  );
}

/** It never goes back. */
export function raiseTally(sql: SqlStorage, name: Tally, to: number): void {
  sql.exec(
    `INSERT INTO tallies (name, value) VALUES (?, ?)
     ON CONFLICT DO UPDATE SET value = excluded.value WHERE excluded.value > value`,
    name,
    to,
  );
}

export function readTallies(sql: SqlStorage): ReadonlyMap<Tally, number> {
  const rows = sql.exec<{ name: Tally; value: number }>('SELECT name, value FROM tallies');
  return new Map([...rows].map(({ name, value }) => [name, value]));
}
