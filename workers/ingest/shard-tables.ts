/** What a cohort shard keeps. */
import { addColumn } from './add-column.ts';

/**
 * `seen` and `outcomes` grow with units: rows of about 45 and 60 bytes, texts by number. The counts do not: they are what a rollout's
 * statistics are read from.
 */
const TABLES = `
CREATE TABLE IF NOT EXISTS texts (
  text_id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE IF NOT EXISTS sources (
  source TEXT PRIMARY KEY,
  applied INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cohorts (
  cohort INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  declaration TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS seen (
  unit BLOB NOT NULL,
  flag INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  rule INTEGER NOT NULL,
  variation INTEGER NOT NULL,
  place INTEGER NOT NULL,
  time INTEGER NOT NULL,
  traits INTEGER NOT NULL,
  PRIMARY KEY (unit, flag, revision, rule)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outcomes (
  unit BLOB NOT NULL,
  id BLOB NOT NULL,
  metric INTEGER NOT NULL,
  region INTEGER NOT NULL,
  time INTEGER NOT NULL,
  value REAL,
  due INTEGER NOT NULL,
  PRIMARY KEY (unit, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS outcomes_due ON outcomes (due);
CREATE TABLE IF NOT EXISTS joined (
  unit BLOB NOT NULL,
  cohort INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  metric INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  id BLOB NOT NULL,
  PRIMARY KEY (unit, cohort, stage, metric, minute)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS exposure_counts (
  cohort INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  region INTEGER NOT NULL,
  arm TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (cohort, stage, revision, minute, region, arm)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outcome_counts (
  cohort INTEGER NOT NULL,
  metric INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  region INTEGER NOT NULL,
  arm TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (cohort, metric, stage, revision, minute, region, arm)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sketch_counts (
  cohort INTEGER NOT NULL,
  metric INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  region INTEGER NOT NULL,
  arm TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (cohort, metric, stage, region, arm, bucket)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uncounted (
  cohort INTEGER NOT NULL,
  metric INTEGER NOT NULL,
  region INTEGER NOT NULL,
  reason TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (cohort, metric, region, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS incidents (
  kind TEXT NOT NULL,
  flag INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  rule INTEGER NOT NULL,
  unit BLOB NOT NULL,
  variation INTEGER NOT NULL,
  place INTEGER NOT NULL,
  time INTEGER NOT NULL,
  before_revision INTEGER NOT NULL,
  before_variation INTEGER NOT NULL,
  before_place INTEGER NOT NULL,
  before_time INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (kind, flag, revision, rule, unit)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS incident_counts (
  kind TEXT NOT NULL,
  flag INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (kind, flag, revision)
) STRICT, WITHOUT ROWID;
`;

export function createShardTables(sql: SqlStorage): void {
  sql.exec(TABLES);
  // Null where nothing earlier than `time` was heard.
  addColumn(sql, ['seen', 'since', 'INTEGER']);
}

/** Tables of counts, each with `cohort` first and `count` last. */
export type CountTable = 'exposure_counts' | 'outcome_counts' | 'sketch_counts' | 'uncounted';

const COLUMNS: Readonly<Record<CountTable, readonly string[]>> = {
  exposure_counts: ['cohort', 'stage', 'revision', 'minute', 'region', 'arm'],
  outcome_counts: ['cohort', 'metric', 'stage', 'revision', 'minute', 'region', 'arm'],
  sketch_counts: ['cohort', 'metric', 'stage', 'region', 'arm', 'bucket'],
  uncounted: ['cohort', 'metric', 'region', 'reason'],
};

export const COUNT_TABLES = Object.keys(COLUMNS) as CountTable[];

/** Counts that are on their way to a table: a statement for all of them, however many there are. */
export interface CountsToAdd {
  add(table: CountTable, ...key: readonly (number | string)[]): void;
  write(sql: SqlStorage): void;
}

export function createCountsToAdd(): CountsToAdd {
  const counts = new Map<CountTable, Map<string, number>>();
  return {
    add(table, ...key) {
      const own = counts.get(table) ?? new Map<string, number>();
      counts.set(table, own);
      const text = JSON.stringify(key);
      own.set(text, (own.get(text) ?? 0) + 1);
    },
    write(sql) {
      for (const [table, own] of counts) {
        const rows = [...own].map(([key, count]) => `[${key.slice(1, -1)},${count}]`);
        sql.exec(statementOf(table), `[${rows.join(',')}]`);
      }
    },
  };
}

function statementOf(table: CountTable): string {
  const columns = COLUMNS[table];
  const values = [...columns, 'count'].map((_, at) => `value->>${at}`);
  return `INSERT INTO ${table} (${columns.join(', ')}, count) SELECT ${values.join(', ')} FROM json_each(?) WHERE true
ON CONFLICT DO UPDATE SET count = count + excluded.count`;
}
