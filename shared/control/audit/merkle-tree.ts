/**
 * An RFC 6962 tree (section 2.1) that only grows. Kept are the hashes of its complete subtrees, which never change: an
 * append writes one or a few of them, and the root of every size that it ever had is still there.
 */
import { EMPTY_ROOT, nodeHash } from './merkle-hash.ts';
import { type Sha256, sha256 } from './sha256.ts';

/** Where the hashes are kept: a table of (level, index). Written in the transaction that writes the entry. */
export interface NodeStore {
  /** The hash of the complete subtree over the leaves from `index` x 2^`level` on. */
  get(level: number, index: number): string | undefined;
  put(level: number, index: number, hash: string): void;
}

/** Appends the hash of leaf `size`. */
export function appendLeaf(store: NodeStore, size: number, leaf: string, digest: Sha256 = sha256): void {
  let hash = leaf;
  let index = size;
  store.put(0, index, hash);
  for (let level = 0; index % 2 === 1; level++) {
    hash = nodeHash(nodeOf(store, level, index - 1), hash, digest);
    index = (index - 1) / 2;
    store.put(level + 1, index, hash);
  }
}

/** The root that the tree had when it had `size` leaves. */
export const rootAt = (store: NodeStore, size: number, digest: Sha256 = sha256): string =>
  size === 0 ? EMPTY_ROOT : rangeRoot(store, 0, size, digest);

/** MTH(D[begin:end]), for a `begin` that is a multiple of the power of two that `end - begin` does not exceed. */
export function rangeRoot(store: NodeStore, begin: number, end: number, digest: Sha256): string {
  const half = largestPowerBelow(end - begin);
  if (end - begin === 1 || end - begin === 2 * half) {
    const level = Math.round(Math.log2(end - begin));
    return nodeOf(store, level, begin / (end - begin));
  }
  return nodeHash(rangeRoot(store, begin, begin + half, digest), rangeRoot(store, begin + half, end, digest), digest);
}

/** The largest power of two smaller than `count` (the RFC's k); 1 for 1. */
export function largestPowerBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

function nodeOf(store: NodeStore, level: number, index: number): string {
  const hash = store.get(level, index);
  if (hash === undefined) throw new Error(`the tree's store has no node ${index} of level ${level}`);
  return hash;
}
