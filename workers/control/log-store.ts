/** The audit log: leaves, the tree over them, and the checkpoints that were signed. */
import type { SealedLeaf } from '#control/audit/entry';
import { EMPTY_ROOT } from '#control/audit/merkle-hash';
import { appendLeaf, type NodeStore } from '#control/audit/merkle-tree';
import { type AuditIndex, createAuditIndex } from './audit-index.ts';
import type { Sql, SqlRow } from './sql.ts';
import { joinedPieces, textPieces } from './text-pieces.ts';

export interface LogEnd {
  /** How many entries there are. */
  readonly size: number;
  /** The hash of the last leaf. */
  readonly hash: string;
}

export interface StoredCheckpoint {
  /** How many entries it covers. */
  readonly size: number;
  /** When it was signed, in milliseconds since 1970. */
  readonly time: number;
  readonly note: string;
}

export interface LogStore {
  readonly nodes: NodeStore;
  readonly index: Pick<AuditIndex, 'find'>;
  end(): LogEnd;
  /** Within a transaction. */
  append(leaf: SealedLeaf): void;
  /** From entry `first` on, in order. Nothing else may be asked of the store meanwhile. */
  leaves(first: number, limit: number): Iterable<SealedLeaf>;
  /** Undefined where nothing was signed yet. */
  newestCheckpoint(): StoredCheckpoint | undefined;
  /** Of at least `from` and at most `to` entries. */
  checkpoints(from: number, to: number): StoredCheckpoint[];
  addCheckpoint(checkpoint: StoredCheckpoint): void;
}

type LeafRow = { seq: number; place: number; hash: string; text: string };
type CheckpointRow = StoredCheckpoint & SqlRow;

export function createLogStore(sql: Sql): LogStore {
  const index = createAuditIndex(sql);
  const nodes: NodeStore = {
    get(level, index) {
      const [row] = sql.exec<{ hash: string }>('SELECT hash FROM nodes WHERE level = ? AND place = ?', level, index);
      return row?.hash;
    },
    put: (level, index, hash) =>
      void sql.exec('INSERT INTO nodes (level, place, hash) VALUES (?, ?, ?)', level, index, hash),
  };
  const store: LogStore = {
    nodes,
    index,
    end() {
      const [row] = sql.exec<{ seq: number; hash: string }>('SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1');
      return row === undefined ? { size: 0, hash: EMPTY_ROOT } : { size: row.seq + 1, hash: row.hash };
    },
    append({ seq, hash, text }) {
      const insert = 'INSERT INTO log (seq, place, hash, text) VALUES (?, ?, ?, ?)';
      textPieces(text).forEach((piece, place) => void sql.exec(insert, seq, place, hash, piece));
      appendLeaf(nodes, seq, hash);
      index.add({ text });
    },
    leaves: (first, limit) =>
      leavesOf(
        sql.exec<LeafRow>(
          'SELECT seq, place, hash, text FROM log WHERE seq >= ? AND seq < ? ORDER BY seq, place',
          first,
          first + limit,
        ),
      ),
    newestCheckpoint() {
      const [row] = sql.exec<CheckpointRow>('SELECT size, time, note FROM checkpoints ORDER BY size DESC LIMIT 1');
      return row;
    },
    checkpoints(from, to) {
      const select = 'SELECT size, time, note FROM checkpoints WHERE size >= ? AND size <= ? ORDER BY size';
      return [...sql.exec<CheckpointRow>(select, from, to)];
    },
    addCheckpoint({ size, time, note }) {
      // What is signed once stays: two roots of one size would be a fork, and one is enough.
      sql.exec('INSERT OR IGNORE INTO checkpoints (size, time, note) VALUES (?, ?, ?)', size, time, note);
    },
  };
  indexRest(store, index);
  return store;
}

/** A log that an older version has kept has none. One leaf at a time: each may have 24 MiB. */
function indexRest(log: LogStore, index: AuditIndex): void {
  for (let size = index.size(); size < log.end().size; size++) {
    for (const leaf of [...log.leaves(size, 1)]) index.add(leaf);
  }
}

function* leavesOf(rows: Iterable<LeafRow>): Generator<SealedLeaf> {
  for (const { seq, hash, text } of joinedPieces(rows)) yield { seq, hash, text };
}
