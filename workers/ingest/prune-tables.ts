/**
 * Lets go of what is old, a slice of a table at a time: a walk through each by its key, once a day. Without an index of ages, which would
 * take as much room as half of what it is about.
 */

/** Rows of one slice: some milliseconds. */
const SLICE = 5_000;
const SLICE_PAUSE_MS = 1_000;
export const DAY_MS = 24 * 3_600_000;

export interface Slice {
  /** Rows whose keys are above this one ... */
  readonly after: SqlStorageValue;
  /** ... and not above that one. */
  readonly upto: SqlStorageValue;
  /** What is older is old (milliseconds since 1970). */
  readonly horizon: number;
}

export interface Walk {
  readonly table: string;
  /** The column by which its rows lie in order. */
  readonly key: string;
  /** Below every key. */
  readonly start: SqlStorageValue;
  prune(slice: Slice): void;
}

/** Below every key of bytes. */
export const NO_BYTES = new Uint8Array().buffer;

/** Rows go that were received so long ago. */
export const pruningByAge = (sql: SqlStorage, table: string, key: string, start: SqlStorageValue): Walk => ({
  table,
  key,
  start,
  prune: ({ after, upto, horizon }) =>
    void sql.exec(`DELETE FROM ${table} WHERE ${key} > ? AND ${key} <= ? AND received_at < ?`, after, upto, horizon),
});

const STATE = `
CREATE TABLE IF NOT EXISTS pruning (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  walk INTEGER NOT NULL,
  after ANY,
  next_at INTEGER NOT NULL
) STRICT`;

interface State extends Record<string, SqlStorageValue> {
  walk: number;
  after: SqlStorageValue;
  next_at: number;
}

export interface PrunerOptions {
  readonly storage: DurableObjectStorage;
  readonly walks: readonly Walk[];
  readonly retentionMs: number;
  /** What is small enough to be done at once, when all walks are. */
  finish(horizon: number): void;
  now(): number;
}

export interface Pruner {
  /** In how many milliseconds there is something to do. */
  dueIn(): number;
  /** A slice, where one is due. */
  step(): void;
}

/** The first walk begins a day after the object. */
export function createPruner({ storage, walks, retentionMs, finish, now }: PrunerOptions): Pruner {
  const { sql } = storage;
  sql.exec(STATE);
  sql.exec('INSERT INTO pruning VALUES (1, 0, NULL, ?) ON CONFLICT DO NOTHING', now() + DAY_MS);
  const read = (): State => sql.exec<State>('SELECT walk, after, next_at FROM pruning').one();
  const goOn = (walk: number, after: SqlStorageValue, pauseMs: number): void =>
    void sql.exec('UPDATE pruning SET walk = ?, after = ?, next_at = ?', walk, after, now() + pauseMs);
  const dueIn = (): number => Math.max(0, read().next_at - now());

  function walkOn(): void {
    const { walk: at, after } = read();
    const walk = walks[at];
    if (walk === undefined) {
      finish(now() - retentionMs);
      goOn(0, null, DAY_MS);
    } else walkOnIn(walk, at, after ?? walk.start);
  }

  function walkOnIn(walk: Walk, at: number, after: SqlStorageValue): void {
    const upto = endOfSlice(sql, walk, after);
    if (upto === null) goOn(at + 1, null, 0);
    else {
      walk.prune({ after, upto, horizon: now() - retentionMs });
      goOn(at, upto, SLICE_PAUSE_MS);
    }
  }

  return {
    dueIn,
    step: () => void (dueIn() === 0 && storage.transactionSync(walkOn)),
  };
}

/** Null where there is nothing behind `after`. */
function endOfSlice(sql: SqlStorage, { table, key }: Walk, after: SqlStorageValue): SqlStorageValue {
  const slice = `SELECT ${key} AS key FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT ${SLICE}`;
  return sql.exec<{ upto: SqlStorageValue }>(`SELECT max(key) AS upto FROM (${slice})`, after).one().upto;
}
