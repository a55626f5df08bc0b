/** A Durable Object's storage on SQLite in a file, and the statements that it was given, so that they can be given to another. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { ControlStorage, SqlRow } from '../../../workers/control/sql.ts';

type Bindings = (string | number | null)[];
export type Statement = readonly [query: string, bindings: Bindings];

export interface FileStorage extends ControlStorage {
  /** Since it was last asked. */
  taken(): readonly Statement[];
  run(statements: readonly Statement[]): void;
  close(): void;
}

/**
 * The platform answers behind a write before it is on any disk, and so does this: what a disk takes would hide what grows. `onCommit` is
 * called behind each transaction.
 */
export function createFileStorage(path: string, onCommit: () => void = () => {}): FileStorage {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;');
  const prepared = new Map<string, StatementSync>();
  let taken: Statement[] = [];

  function run([query, bindings]: Statement): SqlRow[] {
    // Several statements at once come without bindings, and give nothing.
    if (query.includes(';') || bindings.length === 0) return runUnbound(query);
    const statement = prepared.get(query) ?? database.prepare(query);
    prepared.set(query, statement);
    return statement.all(...bindings) as SqlRow[];
  }

  function runUnbound(query: string): SqlRow[] {
    if (query.startsWith('SELECT')) return database.prepare(query).all() as SqlRow[];
    database.exec(query);
    return [];
  }

  const exec = (query: string, ...bindings: Bindings): SqlRow[] => {
    taken.push([query, bindings]);
    return run([query, bindings]);
  };

  return {
    sql: { exec: <Row extends SqlRow>(query: string, ...bindings: Bindings) => exec(query, ...bindings) as Row[] },
    transactionSync(work) {
      exec('BEGIN');
      try {
        const done = work();
        exec('COMMIT');
        onCommit();
        return done;
      } catch (error) {
        exec('ROLLBACK');
        throw error;
      }
    },
    taken() {
      const all = taken;
      taken = [];
      return all;
    },
    run(statements) {
      for (const statement of statements) run(statement);
    },
    close: () => database.close(),
  };
}
