/** Follows an exported log from its first entry, and compares it with what was signed. Holds hashes only: as many as a tree is high. */
import type { AuditFault } from './audit-report.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type EntryLine, hasHash, isUpon, LEAF_AT } from './entry-line.ts';
import { EMPTY_ROOT, leafHashIn } from './merkle-hash.ts';
import { createPeaks } from './merkle-peaks.ts';
import type { Sha256 } from './sha256.ts';
import { betweenText, createSuspicion, type Sign, type Suspicion } from './suspicion.ts';

/** One that a trusted key has signed. */
export interface TrustedCheckpoint extends Checkpoint {
  /** Kept by whoever verifies, apart from the log: what is signed later cannot change what this one says. */
  readonly kept: boolean;
}

export interface LogCheck {
  /** The next entry; the fault with which reading ends. */
  entry(line: EntryLine): AuditFault | undefined;
  checkpoint(checkpoint: TrustedCheckpoint): AuditFault | undefined;
  /** Nothing more comes. */
  end(): AuditFault | undefined;
  /** Entries read. */
  entries(): number;
  /** The largest checkpoint that the log agrees with. */
  agreed(): TrustedCheckpoint | undefined;
}

export function createLogCheck(digest: Sha256): LogCheck {
  /** All entries but the last, which may yet turn out not to be what the next was made upon. */
  const tree = createPeaks(digest);
  let pending: string | undefined;
  let last = EMPTY_ROOT;
  let count = 0;
  let agreed: TrustedCheckpoint | undefined;
  let agreedKept = 0;
  let suspicion: Suspicion | undefined;
  /** How far something is certainly wrong, whatever the signatures say. */
  let certain: number | undefined;
  const ahead = new Map<number, TrustedCheckpoint>();

  const proven = (): number => agreed?.size ?? 0;

  const takeIn = (): void => {
    if (pending !== undefined) tree.push(pending);
    pending = undefined;
  };

  const signOf = (line: EntryLine, hash: string): Sign | undefined => {
    if (!hasHash(line, hash)) return { kind: 'edited', at: count };
    if (line.seq !== count) return { kind: line.seq > count ? 'missing' : 'repeated', at: count };
    // The entry before is proven where a checkpoint has just confirmed it: then it is this one.
    if (!isUpon(line, last)) return { kind: 'broken-chain', at: pending === undefined ? count : count - 1 };
    return undefined;
  };

  const judge = (doubt: Suspicion, checkpoint: TrustedCheckpoint): AuditFault => {
    const { size, root } = checkpoint;
    if (size === count) {
      takeIn();
      if (tree.root() === root) {
        agreed = checkpoint;
        return doubt.cleared();
      }
    }
    return doubt.proof(size, root) ?? doubt.guess(proven(), Math.max(certain ?? size - 1, proven()));
  };

  const settle = (checkpoint: TrustedCheckpoint): AuditFault | undefined => {
    takeIn();
    if (tree.root() !== checkpoint.root) return rewritten(checkpoint, checkpoint.kept ? agreedKept : proven());
    agreed = checkpoint;
    if (checkpoint.kept) agreedKept = checkpoint.size;
    return undefined;
  };

  const agreesWith = ({ size, root }: Checkpoint): boolean => {
    takeIn();
    return size === count && tree.root() === root;
  };

  return {
    entry(line) {
      const hash = leafHashIn(line.line, LEAF_AT, digest);
      if (suspicion === undefined) {
        const sign = signOf(line, hash);
        if (sign !== undefined) {
          suspicion = createSuspicion(sign, tree.copy(), pending);
          certain = sign.kind === 'edited' ? undefined : count;
        }
      }
      suspicion?.add(line, hash);
      takeIn();
      pending = hash;
      last = hash;
      count++;
      const due = suspicion === undefined ? ahead.get(count) : earliest(ahead, line.seq);
      if (due === undefined) return undefined;
      ahead.delete(due.size);
      return suspicion === undefined ? settle(due) : judge(suspicion, due);
    },
    checkpoint(checkpoint) {
      const { size, root } = checkpoint;
      const other = ahead.get(size) ?? (agreed?.size === size ? agreed : undefined);
      if (other !== undefined && other.root !== root) return forked(size, agreesWith(other) ? undefined : agreedKept);
      if (suspicion !== undefined) return judge(suspicion, checkpoint);
      if (size === count) return settle(checkpoint);
      if (size > count) ahead.set(size, checkpoint);
      else if (size !== proven()) return misplaced(size, count, proven());
      return undefined;
    },
    end() {
      const left = [...ahead.values()].sort((a, b) => a.size - b.size);
      if (suspicion !== undefined) {
        const doubt = suspicion;
        const proof = left.map(({ size, root }) => doubt.proof(size, root)).find((fault) => fault !== undefined);
        return proof ?? doubt.guess(proven(), certain ?? count - 1);
      }
      const newest = left.at(-1);
      return newest === undefined ? undefined : cut(newest.size, count, proven());
    },
    entries: () => count,
    agreed: () => agreed,
  };
}

/** The smallest checkpoint of at most `size` entries. */
function earliest(ahead: ReadonlyMap<number, TrustedCheckpoint>, size: number): TrustedCheckpoint | undefined {
  const due = [...ahead.keys()].filter((one) => one <= size);
  return due.length === 0 ? undefined : ahead.get(Math.min(...due));
}

function rewritten({ size, root, kept }: TrustedCheckpoint, first: number): AuditFault {
  const last = Math.max(size - 1, first);
  const which = kept ? 'the checkpoint that was kept' : 'the checkpoint';
  const message = `${which} of ${size} entries has the root ${root}, and the entries here another: ${betweenText(first, last)}`;
  return { kind: 'rewritten', at: first, first, last, message };
}

/** `first` is absent where the entries are those of the checkpoint that came first. */
function forked(size: number, first: number | undefined): AuditFault {
  const message = `two signed checkpoints of ${size} entries have different roots: somebody was shown another log`;
  if (first === undefined) return { kind: 'fork', at: size, message };
  const last = Math.max(size - 1, first);
  return { kind: 'fork', at: first, first, last, message: `${message}; ${betweenText(first, last)}` };
}

const misplaced = (size: number, count: number, first: number): AuditFault => ({
  kind: 'misplaced-checkpoint',
  at: size,
  first,
  last: Math.max(count - 1, first),
  message: `the checkpoint of ${size} entries stands behind ${count}: entries were added before it, or it was moved`,
});

function cut(size: number, count: number, first: number): AuditFault {
  const missing = size - count === 1 ? `entry ${count} is` : `entries ${count} to ${size - 1} are`;
  const message = `the log ends after ${count} entries, and a checkpoint covers ${size}: ${missing} missing`;
  return { kind: 'cut', at: count, first, last: count, message };
}
