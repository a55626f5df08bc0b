/** What a channel keeps: rulesets by their digest, what is said of them to whom, and who has which in force. */
import type { ChannelStorage } from './sql.ts';

/** Lines lie in pieces, or as changes on others: a row holds at most 2 MB (developers.cloudflare.com/durable-objects/platform/limits). */
const TABLES = `
CREATE TABLE IF NOT EXISTS digests (
  digest TEXT PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pieces (
  digest TEXT NOT NULL,
  place INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (digest, place)
) STRICT;
CREATE TABLE IF NOT EXISTS changes (
  digest TEXT PRIMARY KEY,
  base TEXT NOT NULL,
  depth INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS said (
  role TEXT PRIMARY KEY,
  audience TEXT NOT NULL,
  header TEXT NOT NULL,
  digest TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS keys (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  text TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS instances (
  instance TEXT PRIMARY KEY,
  heard_at INTEGER NOT NULL,
  ack TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

export const createTables = ({ sql }: ChannelStorage): void => void sql.exec(TABLES);
