/** As much of a Durable Object's SQLite storage as is used. */

export type SqlValue = string | number | null;

export type SqlRow = Record<string, SqlValue>;

export interface SqlRows<Row extends SqlRow> extends Iterable<Row> {
  toArray(): Row[];
}

export interface ChannelStorage {
  readonly sql: { exec<Row extends SqlRow>(query: string, ...bindings: SqlValue[]): SqlRows<Row> };
  /** Keeps all that `work` changes, or, where it throws, nothing. */
  transactionSync<T>(work: () => T): T;
}
