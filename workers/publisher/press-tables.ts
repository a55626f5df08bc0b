/** What the press keeps. */
import type { Sql } from './sql.ts';

/**
 * `head` is what is in force, `released` what everybody may have of it, `expansion` what everybody gets in between, where something
 * does, and `stage` where the one is on its way to the other; `overrides` has the flags of journal entries that wait for nobody by order.
 * `releases` are the versions that were everybody's once: others never served.
 * The journal is only ever added to, and so are acknowledgements: who could rewrite one could hide a return. The history has a row
 * for each version at which a key came, changed or went (no digest), and `present` what of it is in force; a line lies in chunks,
 * by its digest, for a row holds at most 2 MB (developers.cloudflare.com/durable-objects/platform/limits).
 */
const TABLES = `
CREATE TABLE IF NOT EXISTS journal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT,
  version INTEGER NOT NULL,
  base INTEGER NOT NULL,
  digest TEXT NOT NULL,
  changes TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS journal_version ON journal (version, kind);
CREATE TABLE IF NOT EXISTS acknowledgements (
  through INTEGER NOT NULL,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS overrides (
  entry INTEGER PRIMARY KEY,
  flags TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS history (
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  digest TEXT,
  PRIMARY KEY (key, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS present (
  key TEXT PRIMARY KEY,
  digest TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chunks (
  digest TEXT NOT NULL,
  place INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (digest, place)
) STRICT;
CREATE TABLE IF NOT EXISTS served (
  flag TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (flag, content)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS identities (
  key TEXT PRIMARY KEY,
  identity TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS head (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  entry INTEGER NOT NULL,
  header TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS released (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  entry INTEGER NOT NULL,
  header TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS expansion (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  entry INTEGER NOT NULL,
  header TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS releases (
  version INTEGER PRIMARY KEY
) STRICT;
CREATE TABLE IF NOT EXISTS stage (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  state TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS targets (
  name TEXT PRIMARY KEY,
  state TEXT NOT NULL
) STRICT, WITHOUT ROWID;
${['journal', 'acknowledgements', 'overrides', 'history', 'chunks', 'served']
  .flatMap((table) => [
    `CREATE TRIGGER IF NOT EXISTS ${table}_update BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(ABORT, '${table}: only added to'); END;`,
    `CREATE TRIGGER IF NOT EXISTS ${table}_delete BEFORE DELETE ON ${table} BEGIN SELECT RAISE(ABORT, '${table}: only added to'); END;`,
  ])
  .join('\n')}
`;

export const createTables = (sql: Sql): void => void sql.exec(TABLES);
