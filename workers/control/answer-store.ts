/** Which entry a command came to that carried an idempotency key: asked again with the same key, it comes to the same one. */
import type { Sql } from './sql.ts';

export interface KeyedCommand {
  /** Whose key it is: others may have chosen the same. */
  readonly principal: string;
  readonly key: string;
  /** SHA-256 of the command in canonical JSON. */
  readonly command: string;
}

export interface AnswerStore {
  /** Undefined where the key is new, or was forgotten. */
  find(keyed: Pick<KeyedCommand, 'principal' | 'key'>, now: number): Answered | undefined;
  /** Within a transaction. `seq` is null where the command left no entry. */
  keep(keyed: KeyedCommand, seq: number | null, now: number): void;
}

export interface Answered {
  readonly command: string;
  readonly seq: number | null;
}

/** How long a key is remembered (milliseconds), and how many of them. */
export const KEY_TIME_MS = 24 * 60 * 60 * 1_000;
export const MAX_KEYS = 10_000;

type Row = { command: string; seq: number | null };

export const createAnswerStore = (sql: Sql): AnswerStore => ({
  find({ principal, key }, now) {
    const select = 'SELECT command, seq FROM answered WHERE principal = ? AND key = ? AND time > ?';
    const [row] = sql.exec<Row>(select, principal, key, now - KEY_TIME_MS);
    return row;
  },
  keep({ principal, key, command }, seq, now) {
    const insert =
      'INSERT OR REPLACE INTO answered (principal, key, command, seq, time) VALUES (?, ?, ?, ?, ?) RETURNING id';
    const [row] = sql.exec<{ id: number }>(insert, principal, key, command, seq, now);
    sql.exec('DELETE FROM answered WHERE id <= ?', (row?.id ?? 0) - MAX_KEYS);
    // Of the oldest, a few at a time, so that a look costs the same however many there are.
    const oldest = 'DELETE FROM answered WHERE id IN (SELECT id FROM answered ORDER BY id LIMIT 8) AND time <= ?';
    sql.exec(oldest, now - KEY_TIME_MS);
  },
});
