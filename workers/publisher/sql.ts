/** As much of a Durable Object's SQLite storage as is used. */

export type SqlValue = string | number | null;

export type SqlRow = Record<string, SqlValue>;

/** What a statement gives, row by row. */
export interface SqlRows<Row extends SqlRow> extends Iterable<Row> {
  /** The only row; throws where there is none, or more than one. */
  one(): Row;
  toArray(): Row[];
}

export interface Sql {
  exec<Row extends SqlRow>(query: string, ...bindings: SqlValue[]): SqlRows<Row>;
}

export interface PressStorage {
  readonly sql: Sql;
  /** Keeps all that `work` changes, or, where it throws, nothing. */
  transactionSync<T>(work: () => T): T;
}
