/** Proofs of an RFC 6962 tree: that a leaf is in it (2.1.1), and that it has grown from a smaller one (2.1.2). */
import { largestPowerBelow, type NodeStore, rangeRoot } from './merkle-tree.ts';
import { type Sha256, sha256 } from './sha256.ts';

/** PATH(index, D[size]), from the leaf upwards. */
export function inclusionProof(store: NodeStore, index: number, size: number, digest: Sha256 = sha256): string[] {
  if (!isCount(index) || !isCount(size) || index >= size) throw new RangeError(`no leaf ${index} among ${size}`);
  const path: string[] = [];
  let begin = 0;
  let end = size;
  while (end - begin > 1) {
    const middle = begin + largestPowerBelow(end - begin);
    const left = index < middle;
    path.unshift(left ? rangeRoot(store, middle, end, digest) : rangeRoot(store, begin, middle, digest));
    if (left) end = middle;
    else begin = middle;
  }
  return path;
}

/** PROOF(from, D[size]); empty where `from` is 0 or `size`. */
export function consistencyProof(store: NodeStore, from: number, size: number, digest: Sha256 = sha256): string[] {
  if (!isCount(from) || !isCount(size) || from > size) throw new RangeError(`no tree of ${from} within ${size}`);
  if (from === 0 || from === size) return [];
  const path: string[] = [];
  let begin = 0;
  let end = size;
  while (end !== from) {
    const middle = begin + largestPowerBelow(end - begin);
    const left = from <= middle;
    path.unshift(left ? rangeRoot(store, middle, end, digest) : rangeRoot(store, begin, middle, digest));
    if (left) end = middle;
    else begin = middle;
  }
  // What both trees have at their left edge is known to whoever has the smaller root.
  return begin === 0 ? path : [rangeRoot(store, begin, end, digest), ...path];
}

const isCount = (number: number): boolean => Number.isSafeInteger(number) && number >= 0;
