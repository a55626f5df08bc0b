/** The keys documents that were ever in force, the last one being it: journal, history and head in one. Only ever added to. */
import { parseHeader, splitHeader } from '#ruleset/header';
import { readLines } from '#ruleset/reader';
import type { RulesetCrypto } from '#ruleset/verify';
import type { NewEntry } from './journal-store.ts';
import type { InForce } from './press-store.ts';
import type { PressStorage } from './sql.ts';

const TABLE = `
CREATE TABLE IF NOT EXISTS keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  version INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS keys_update BEFORE UPDATE ON keys BEGIN SELECT RAISE(ABORT, 'keys: only added to'); END;
CREATE TRIGGER IF NOT EXISTS keys_delete BEFORE DELETE ON keys BEGIN SELECT RAISE(ABORT, 'keys: only added to'); END;
`;

export interface KeysEntry extends Pick<NewEntry, 'time' | 'kind' | 'actor' | 'version'> {
  readonly id: number;
}

export interface KeysStore {
  /** Undefined where nothing was ever put in force. */
  inForce(): InForce | undefined;
  put(text: string, entry: Pick<NewEntry, 'time' | 'kind' | 'actor'>): void;
  /** At most `limit` behind entry `after`, in order. */
  list(after: number, limit: number): KeysEntry[];
}

type Row = { id: number; time: number; kind: NewEntry['kind']; actor: string; version: number };

/** `crypto` decodes headers; what is kept here was verified before. */
export function createKeysStore({ sql }: PressStorage, crypto: RulesetCrypto): KeysStore {
  sql.exec(TABLE);
  const [last] = sql.exec<{ id: number; text: string }>('SELECT id, text FROM keys ORDER BY id DESC LIMIT 1');
  let inForce = last && documentOf(last.id, last.text);

  function documentOf(id: number, text: string): InForce {
    const { header, lines } = splitHeader(text);
    const { kid, claims } = parseHeader(header, crypto);
    const { version } = claims;
    return { id, claims, text, version, kid, lines, entries: readLines(lines, version).entryCount };
  }

  return {
    inForce: () => inForce,
    put(text, { time, kind, actor }) {
      const insert = 'INSERT INTO keys (time, kind, actor, version, text) VALUES (?, ?, ?, ?, ?) RETURNING id';
      const { version } = parseHeader(splitHeader(text).header, crypto).claims;
      inForce = documentOf(sql.exec<{ id: number }>(insert, time, kind, actor, version, text).one().id, text);
    },
    list: (after, limit) =>
      sql
        .exec<Row>('SELECT id, time, kind, actor, version FROM keys WHERE id > ? ORDER BY id LIMIT ?', after, limit)
        .toArray(),
  };
}
