/** Finds entries of the log by what people ask for. Made from the log alone, in the transaction that appends to it; what it lacks it makes up for. */
import type { SealedLeaf } from '#control/audit/entry';
import type { AuditLeaf } from '#schema/audit';
import type { Sql } from './sql.ts';

export interface AuditQuery {
  /** A principal's id, or a person. */
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly request?: string | undefined;
  /** The three are of one target. */
  readonly kind?: string | undefined;
  readonly environment?: string | undefined;
  readonly key?: string | undefined;
  /** RFC 3339, UTC, with milliseconds; both inclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Entries before this one. */
  readonly before: number;
  readonly limit: number;
}

export interface AuditIndex {
  /** Within the transaction that appends the leaf. */
  add(leaf: Pick<SealedLeaf, 'text'>): void;
  /** How many entries it has. */
  size(): number;
  /** Places in the log, the newest first. */
  find(query: AuditQuery): number[];
}

const ENTRY_FIELDS = {
  action: 'e.action = ?',
  request: 'e.request = ?',
  from: 'e.time >= ?',
  to: 'e.time <= ?',
} as const;
const TARGET_FIELDS = { kind: 't.kind = ?', environment: 't.environment = ?', key: 't.key = ?' } as const;

export const createAuditIndex = (sql: Sql): AuditIndex => ({
  add({ text }) {
    const { seq, time, entry } = JSON.parse(text) as AuditLeaf;
    const { actor, action, request = null } = entry;
    sql.exec(
      'INSERT INTO audit_entries (seq, time, actor, person, action, request) VALUES (?, ?, ?, ?, ?, ?)',
      ...[seq, time, actor.id, actor.person, action, request],
    );
    entry.target.forEach(({ kind, environment = null, key = null }, place) => {
      const insert = 'INSERT INTO audit_targets (seq, place, kind, environment, key) VALUES (?, ?, ?, ?, ?)';
      sql.exec(insert, seq, place, kind, environment, key);
    });
  },
  size() {
    const [row] = sql.exec<{ seq: number }>('SELECT seq FROM audit_entries ORDER BY seq DESC LIMIT 1');
    return row === undefined ? 0 : row.seq + 1;
  },
  find(query) {
    const { actor, before, limit } = query;
    const ofEntry = conditionsOf(query, ENTRY_FIELDS);
    const ofTarget = conditionsOf(query, TARGET_FIELDS);
    const where = [...ofTarget.texts, ...ofEntry.texts];
    const values = [...ofTarget.values, ...ofEntry.values];
    if (actor !== undefined) {
      where.push('(e.actor = ? OR e.person = ?)');
      values.push(actor, actor);
    }
    // From whatever few targets there are; where none is asked for, from the newest entry backwards.
    const [seq, from] =
      ofTarget.texts.length > 0
        ? ['t.seq', 'audit_targets t JOIN audit_entries e ON e.seq = t.seq']
        : ['e.seq', 'audit_entries e'];
    const select = `SELECT DISTINCT ${seq} AS seq FROM ${from} WHERE ${[`${seq} < ?`, ...where].join(' AND ')} ORDER BY ${seq} DESC LIMIT ?`;
    return [...sql.exec<{ seq: number }>(select, before, ...values, limit)].map((row) => row.seq);
  },
});

function conditionsOf<F extends keyof typeof ENTRY_FIELDS | keyof typeof TARGET_FIELDS>(
  query: AuditQuery,
  fields: Readonly<Record<F, string>>,
): { readonly texts: readonly string[]; readonly values: readonly string[] } {
  const names = (Object.keys(fields) as F[]).filter((name) => query[name] !== undefined);
  return { texts: names.map((name) => fields[name]), values: names.map((name) => query[name] as string) };
}
