/** As much of a Durable Object's SQLite storage as is used. */

type SqlValue = string | number | null;

export type SqlRow = Record<string, SqlValue>;

export interface Sql {
  exec<Row extends SqlRow>(query: string, ...bindings: SqlValue[]): Iterable<Row>;
}

export interface ControlStorage {
  readonly sql: Sql;
  /** Keeps all that `work` changes, or, where it throws, nothing. */
  transactionSync<T>(work: () => T): T;
}
