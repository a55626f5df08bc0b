/** The journal of a press: what was put in force, when, by whom and why. Only ever added to. */
import type { ChangeClass } from '#ruleset/write/classify';
import type { Sql } from './sql.ts';

/**
 * `adopt`: a ruleset that was found at a target when the press was empty; `expand`: what goes before the publish behind it; `override`:
 * flags of what is in force wait for nobody any more.
 */
export type EntryKind = 'publish' | 'return' | 'resign' | 'adopt' | 'expand' | 'override';

/** Who does what nobody ordered. */
export const ITSELF = 'publisher';

export interface NewEntry {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly kind: EntryKind;
  readonly actor: string;
  readonly reason?: string;
  readonly version: number;
  /** The version in force before; 0 where nothing was. */
  readonly base: number;
  /** Of the lines, SHA-256, base64url. */
  readonly digest: string;
  readonly changes: Readonly<Record<string, ChangeClass>>;
}

export interface JournalEntry extends NewEntry {
  readonly id: number;
  /** Of a return: when somebody said that it is in their own log. */
  readonly acknowledgedAt?: number;
  /** Flags that wait for nobody, by this order. */
  readonly override?: readonly string[];
}

export interface JournalPage {
  readonly entries: readonly JournalEntry[];
  readonly hasMore: boolean;
}

export interface JournalStore {
  /** Returns the entry's id. */
  append(entry: NewEntry): number;
  /** Returns up to this entry are known to `actor`'s own log. */
  acknowledge(through: number, time: number, actor: string): void;
  /** Which flags wait for nobody by an entry's order. */
  override(entry: number, flags: readonly string[]): void;
  /** Flags that wait for nobody by orders behind a version, each with the version ordered. */
  overriddenSince(version: number): (readonly [flag: string, version: number])[];
  /** At most `limit` entries behind `after`, and fewer where they are very large. */
  list(after: number, limit: number): JournalPage;
  /** Ids of returns that nobody has acknowledged. */
  unacknowledged(): number[];
  /** 0 where there is none. */
  lastId(): number;
  /** The first version that was put in force here. */
  firstVersion(): number;
  /** Flags that changed in what came behind a version. */
  changedSince(version: number): Set<string>;
  /** The return that a version came by, if it did. */
  returnOf(version: number): number | undefined;
  /** A version is everybody's. */
  release(version: number): void;
  /** The last version that was everybody's, or may have been, of those before one came; undefined where it is not known. */
  baseOf(version: number): number | undefined;
}

/** Characters of changes in a page, from which on it is full. */
const FULL_PAGE = 4 * 1024 * 1024;

type Row = {
  id: number;
  time: number;
  kind: EntryKind;
  actor: string;
  reason: string | null;
  version: number;
  base: number;
  digest: string;
  changes: string;
  acknowledged_at: number | null;
  override: string | null;
};

export function createJournalStore(sql: Sql): JournalStore {
  const number = (query: string, ...bindings: (string | number)[]): number | null =>
    sql.exec<{ value: number | null }>(query, ...bindings).one().value;

  return {
    append({ time, kind, actor, reason = null, version, base, digest, changes }) {
      const insert = `INSERT INTO journal (time, kind, actor, reason, version, base, digest, changes)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`;
      const values = [time, kind, actor, reason, version, base, digest, JSON.stringify(changes)];
      return sql.exec<{ id: number }>(insert, ...values).one().id;
    },
    acknowledge: (through, time, actor) =>
      void sql.exec('INSERT INTO acknowledgements (through, time, actor) VALUES (?, ?, ?)', through, time, actor),
    override: (entry, flags) =>
      void sql.exec('INSERT INTO overrides (entry, flags) VALUES (?, ?)', entry, JSON.stringify(flags)),
    overriddenSince(version) {
      const select = 'SELECT version, flags FROM overrides JOIN journal ON id = entry WHERE version > ?';
      const rows = sql.exec<{ version: number; flags: string }>(select, version).toArray();
      return rows.flatMap((row) => (JSON.parse(row.flags) as string[]).map((flag) => [flag, row.version] as const));
    },
    list(after, limit) {
      const select = `SELECT journal.*, overrides.flags AS override, CASE kind WHEN 'return' THEN
          (SELECT MIN(a.time) FROM acknowledgements a WHERE a.through >= journal.id) END AS acknowledged_at
        FROM journal LEFT JOIN overrides ON entry = id WHERE id > ? ORDER BY id LIMIT ?`;
      const entries: JournalEntry[] = [];
      let size = 0;
      for (const row of sql.exec<Row>(select, after, limit + 1)) {
        if (entries.length === limit || size > FULL_PAGE) return { entries, hasMore: true };
        entries.push(entryOf(row));
        size += row.changes.length;
      }
      return { entries, hasMore: false };
    },
    unacknowledged() {
      const select = `SELECT id FROM journal WHERE kind = 'return'
        AND id > (SELECT COALESCE(MAX(through), 0) FROM acknowledgements) ORDER BY id`;
      return sql
        .exec<{ id: number }>(select)
        .toArray()
        .map(({ id }) => id);
    },
    lastId: () => number('SELECT MAX(id) AS value FROM journal') ?? 0,
    firstVersion: () => number('SELECT MIN(version) AS value FROM journal') ?? 1,
    changedSince(version) {
      const rows = sql.exec<{ changes: string }>('SELECT changes FROM journal WHERE version > ?', version);
      return new Set([...rows].flatMap(({ changes }) => Object.keys(JSON.parse(changes) as object)));
    },
    returnOf: (version) =>
      number("SELECT MIN(id) AS value FROM journal WHERE version = ? AND kind = 'return'", version) ?? undefined,
    release: (version) => void sql.exec('INSERT OR IGNORE INTO releases (version) VALUES (?)', version),
    baseOf(version) {
      // Signed again, a version stands in the journal once more, on top of itself.
      const base = number('SELECT MIN(base) AS value FROM journal WHERE version = ?', version) ?? undefined;
      if (base === undefined) return undefined;
      // Of what came before releases were written down, each is taken for one.
      return number('SELECT MAX(version) AS value FROM releases WHERE version <= ?', base) ?? base;
    },
  };
}

const entryOf = ({ reason, changes, acknowledged_at: acknowledgedAt, override, ...row }: Row): JournalEntry => ({
  ...row,
  ...(reason !== null && { reason }),
  changes: JSON.parse(changes) as JournalEntry['changes'],
  ...(acknowledgedAt !== null && { acknowledgedAt }),
  ...(override !== null && { override: JSON.parse(override) as readonly string[] }),
});
