/** The log for others: its export page by page (docs/audit.md), and proofs (RFC 6962, 2.1.1 and 2.1.2). */

import type { SealedLeaf } from '#control/audit/entry';
import { checkpointLine, entryLine } from '#control/audit/export-line';
import { consistencyProof, inclusionProof } from '#control/audit/merkle-proof';
import { ok, type Result, refused } from '#schema/result';
import type { AuditQuery } from './audit-index.ts';
import type { LogEnd, LogStore, StoredCheckpoint } from './log-store.ts';

export interface LogPage {
  /** NDJSON; all pages in a row are the export. */
  readonly lines: string;
  /** For `after` of the page behind it: how many entries there are up to its end. */
  readonly next: number;
  /** Whether there are entries behind it. */
  readonly hasMore: boolean;
}

export interface LogExport {
  /**
   * Behind the first `after` entries, at most `limit`, and fewer where they are large. A checkpoint stands behind what it covers; the
   * one with which a page ends stands at the beginning of the next as well, for it may have been signed in between.
   */
  page(after: number, limit: number): Result<LogPage, LogRefusal>;
  /** That entry `seq` is in the tree of `size` entries: hashes from the leaf upwards. */
  inclusion(seq: number, size: number): Result<readonly string[], LogRefusal>;
  /** That the tree of `size` entries has grown from that of `from`. */
  consistency(from: number, size: number): Result<readonly string[], LogRefusal>;
  /** The newest signed; undefined where nothing was signed yet. */
  checkpoint(): StoredCheckpoint | undefined;
  leaf(seq: number): Result<SealedLeaf, LogRefusal>;
  /** Places of entries, the newest first. */
  find(query: AuditQuery): number[];
}

/** `entries`: how many there are. */
export interface LogRefusal {
  readonly code: 'out-of-range';
  readonly entries: number;
}

export const MAX_PAGE = 1_000;
/** Characters from which on a page is full: what is one entry, of up to 24 MiB, is never divided. */
const FULL_PAGE = 4 * 1024 * 1024;

export function createLogExport(log: LogStore, end: () => LogEnd): LogExport {
  const outOfRange = (): Result<never, LogRefusal> => refused({ code: 'out-of-range', entries: end().size });

  function linesFrom(after: number, limit: number): { readonly lines: readonly string[]; readonly next: number } {
    const lines: string[] = [];
    let length = 0;
    for (const leaf of log.leaves(after, limit)) {
      if (length > FULL_PAGE) break;
      const line = entryLine(leaf);
      lines.push(line);
      length += line.length;
    }
    return { lines, next: after + lines.length };
  }

  return {
    page(after, limit) {
      const { size } = end();
      if (!isCount(after) || after > size || !isCount(limit) || limit < 1 || limit > MAX_PAGE) return outOfRange();
      const { lines, next } = linesFrom(after, limit);
      const notes = new Map(log.checkpoints(after, next).map((one) => [one.size, checkpointLine(one.note)]));
      const all = [notes.get(after) ?? '', ...lines.flatMap((line, at) => [line, notes.get(after + at + 1) ?? ''])];
      return ok({ lines: all.join(''), next, hasMore: next < size });
    },
    inclusion: (seq, size) =>
      isCount(seq) && isCount(size) && seq < size && size <= end().size
        ? ok(inclusionProof(log.nodes, seq, size))
        : outOfRange(),
    consistency: (from, size) =>
      isCount(from) && isCount(size) && from <= size && size <= end().size
        ? ok(consistencyProof(log.nodes, from, size))
        : outOfRange(),
    checkpoint: () => log.newestCheckpoint(),
    leaf(seq) {
      const [leaf] = isCount(seq) ? log.leaves(seq, 1) : [];
      return leaf === undefined ? outOfRange() : ok(leaf);
    },
    find: (query) => log.index.find(query),
  };
}

const isCount = (number: number): boolean => Number.isSafeInteger(number) && number >= 0;
