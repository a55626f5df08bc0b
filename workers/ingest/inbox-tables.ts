/** What an inbox keeps. */

/**
 * Cells hold what many exposures share, and how many unique ones there are of it, so that an exposure's own row is about 60
 * bytes, and counting never reads the exposures. An exposure belongs to the cell that it was first received with.
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
CREATE TABLE IF NOT EXISTS exposures (
  id BLOB PRIMARY KEY,
  cell INTEGER NOT NULL,
  unit BLOB NOT NULL,
  time INTEGER NOT NULL,
  received_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
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
CREATE TABLE IF NOT EXISTS key_uses (
  sha256 TEXT PRIMARY KEY,
  used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tallies (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

export const createTables = (sql: SqlStorage): void => void sql.exec(TABLES);

/** Numbers of an inbox as a whole. Of emitters that were let go, their sums remain. */
export type Tally =
  | 'duplicates'
  | 'quarantined'
  | 'lastReceivedAt'
  | 'retired'
  | 'retiredEvaluated'
  | 'retiredExposed'
  | 'retiredSent'
  | 'retiredDropped';

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
