/** Everything that was ever in force: each line by its digest, and by key and version which of them it was. */
import type { Served } from '#ruleset/write/classify';
import { digestOfText } from '#ruleset/write/digest';
import type { Identities, Identity } from './identity.ts';
import type { Sql } from './sql.ts';

export interface HistoryStore {
  /** Lines by key, each with its line feed, that came or changed at a version; undefined for those that went. */
  record(version: number, lines: ReadonlyMap<string, string | undefined>): void;
  /** All lines as they are in force. */
  linesInForce(): string;
  /** All lines as they were in force at a version. */
  linesAt(version: number): string;
  /** Undefined where there was none. */
  lineAt(key: string, version: number): string | undefined;
  /** A key's lines, the newest first, each by the version at which it came, a hundred at most; undefined where it went. */
  linesBack(key: string): Iterable<readonly [version: number, line: string | undefined]>;
  /** The version at which a key came, changed or went last; undefined where it never was. */
  lastChange(key: string): number | undefined;
  readonly served: Served;
  /** Content digests (`contentDigests`) that are in force from now on. */
  addServed(contents: ReadonlyMap<string, string>): void;
  readonly identities: Identities;
  putIdentities(identities: ReadonlyMap<string, Identity>): void;
}

/** Characters, which are bytes: lines are ASCII. A row holds at most 2 MB. */
const CHUNK = 1024 * 1024;
/** Lines of one key that are looked at. */
const MAX_BACK = 100;

export function createHistoryStore(sql: Sql): HistoryStore {
  function keep(line: string): string {
    const digest = digestOfText(line);
    for (let at = 0; at < line.length; at += CHUNK) {
      const insert = 'INSERT OR IGNORE INTO chunks (digest, place, text) VALUES (?, ?, ?)';
      sql.exec(insert, digest, at / CHUNK, line.slice(at, at + CHUNK));
    }
    return digest;
  }

  function joined(query: string, ...bindings: (string | number)[]): string {
    const texts: string[] = [];
    for (const { text } of sql.exec<{ text: string }>(query, ...bindings)) texts.push(text);
    return texts.join('');
  }

  const textOf = (digest: string): string => joined('SELECT text FROM chunks WHERE digest = ? ORDER BY place', digest);

  return {
    record(version, lines) {
      for (const [key, line] of lines) {
        const digest = line === undefined ? null : keep(line);
        sql.exec('INSERT INTO history (key, version, digest) VALUES (?, ?, ?)', key, version, digest);
        if (digest === null) sql.exec('DELETE FROM present WHERE key = ?', key);
        else sql.exec('INSERT OR REPLACE INTO present (key, digest) VALUES (?, ?)', key, digest);
      }
    },
    linesInForce: () => joined('SELECT text FROM present JOIN chunks USING (digest) ORDER BY key, place'),
    linesAt: (version) =>
      joined(
        `SELECT text FROM history JOIN chunks USING (digest) WHERE (key, version) IN
           (SELECT key, MAX(version) FROM history WHERE version <= ? GROUP BY key)
         ORDER BY key, place`,
        version,
      ),
    lineAt(key, version) {
      const select = `SELECT text FROM history JOIN chunks USING (digest) WHERE key = ? AND version =
          (SELECT MAX(version) FROM history WHERE key = ? AND version <= ?) ORDER BY place`;
      return joined(select, key, key, version) || undefined;
    },
    *linesBack(key) {
      const select = 'SELECT version, digest FROM history WHERE key = ? ORDER BY version DESC LIMIT ?';
      const rows = sql.exec<{ version: number; digest: string | null }>(select, key, MAX_BACK).toArray();
      for (const { version, digest } of rows) yield [version, digest === null ? undefined : textOf(digest)];
    },
    lastChange: (key) =>
      sql.exec<{ value: number | null }>('SELECT MAX(version) AS value FROM history WHERE key = ?', key).one().value ??
      undefined,
    served: (flag, content) =>
      sql.exec('SELECT 1 FROM served WHERE flag = ? AND content = ?', flag, content).toArray().length > 0,
    addServed(contents) {
      for (const [flag, content] of contents) {
        sql.exec('INSERT OR IGNORE INTO served (flag, content) VALUES (?, ?)', flag, content);
      }
    },
    identities(key) {
      const [row] = sql.exec<{ identity: string }>('SELECT identity FROM identities WHERE key = ?', key);
      return row && (JSON.parse(row.identity) as Identity);
    },
    putIdentities(identities) {
      for (const [key, identity] of identities) {
        sql.exec('INSERT OR REPLACE INTO identities (key, identity) VALUES (?, ?)', key, JSON.stringify(identity));
      }
    },
  };
}
