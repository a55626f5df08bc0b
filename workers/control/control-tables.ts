/** What an organisation keeps. */
import type { Sql } from './sql.ts';

const ONLY_ADDED_TO = ['log', 'nodes', 'checkpoints'] as const;

/**
 * The log, its tree and its checkpoints are only ever added to (but for those of another that were not taken over to the end). A text that may be large lies in pieces, for a row holds at most
 * 2 MB (developers.cloudflare.com/durable-objects/platform/limits). `log.hash` is kept beside the tree, in which it stands as well:
 * by both an entry that was changed can be told from a tree that was.
 */
const TABLES = `
CREATE TABLE IF NOT EXISTS log (
  seq INTEGER NOT NULL,
  place INTEGER NOT NULL,
  hash TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (seq, place)
) STRICT;
CREATE TABLE IF NOT EXISTS nodes (
  level INTEGER NOT NULL,
  place INTEGER NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoints (
  size INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS audit_entries (
  seq INTEGER PRIMARY KEY,
  time TEXT NOT NULL,
  actor TEXT NOT NULL,
  person TEXT NOT NULL,
  action TEXT NOT NULL,
  request TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS audit_entries_request ON audit_entries (request, seq) WHERE request IS NOT NULL;
CREATE TABLE IF NOT EXISTS audit_targets (
  seq INTEGER NOT NULL,
  place INTEGER NOT NULL,
  kind TEXT NOT NULL,
  environment TEXT,
  key TEXT,
  PRIMARY KEY (seq, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS audit_targets_key ON audit_targets (key, seq);
CREATE INDEX IF NOT EXISTS audit_targets_kind ON audit_targets (kind, seq);
CREATE INDEX IF NOT EXISTS audit_targets_environment ON audit_targets (environment, seq);
CREATE TABLE IF NOT EXISTS state (
  part TEXT NOT NULL,
  key TEXT NOT NULL,
  place INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (part, key, place)
) STRICT;
CREATE TABLE IF NOT EXISTS outbox (
  environment TEXT PRIMARY KEY,
  parcel TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS restoring (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  proven INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS answered (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  principal TEXT NOT NULL,
  key TEXT NOT NULL,
  command TEXT NOT NULL,
  seq INTEGER,
  time INTEGER NOT NULL,
  UNIQUE (principal, key)
) STRICT;
CREATE TABLE IF NOT EXISTS deliveries (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook TEXT NOT NULL,
  id TEXT NOT NULL,
  seq INTEGER,
  type TEXT NOT NULL,
  time INTEGER NOT NULL,
  body TEXT NOT NULL,
  status TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  nextAt INTEGER NOT NULL,
  triedAt INTEGER,
  code INTEGER,
  error TEXT,
  UNIQUE (webhook, id)
) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_place ON deliveries (webhook, place);
CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries (webhook, place) WHERE status = 'waiting';
CREATE TABLE IF NOT EXISTS failing (
  webhook TEXT PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
${ONLY_ADDED_TO.flatMap((table) => [
  `CREATE TRIGGER IF NOT EXISTS ${table}_update BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table}: only added to'); END;`,
  `CREATE TRIGGER IF NOT EXISTS ${table}_delete BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table}: only added to'); END;`,
]).join('\n')}
`;

export const createTables = (sql: Sql): void => void sql.exec(TABLES);

/** As if there had never been an entry. Within a transaction, and only while all that there is comes from another log. */
export function emptyTables(sql: Sql): void {
  for (const table of ONLY_ADDED_TO) sql.exec(`DROP TRIGGER IF EXISTS ${table}_delete`);
  for (const table of [...ONLY_ADDED_TO, 'audit_entries', 'audit_targets', 'state', 'restoring'])
    sql.exec(`DELETE FROM ${table}`);
  createTables(sql);
}
