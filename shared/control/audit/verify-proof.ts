/** Verifying proofs, by the algorithms of RFC 9162 (2.1.3.2 and 2.1.4.2), whose trees are those of RFC 6962. */
import { EMPTY_ROOT, isHash, nodeHash } from './merkle-hash.ts';
import { type Sha256, sha256 } from './sha256.ts';

export interface Inclusion {
  readonly index: number;
  readonly size: number;
  readonly leaf: string;
  readonly root: string;
  readonly proof: readonly string[];
}

export interface Consistency {
  readonly from: number;
  readonly size: number;
  readonly fromRoot: string;
  readonly root: string;
  readonly proof: readonly string[];
}

/** Whether `leaf` is the hash of the leaf `index` of the tree with that root. */
export function verifyInclusion({ index, size, leaf, root, proof }: Inclusion, digest: Sha256 = sha256): boolean {
  if (!areCounts(index, size) || index >= size || ![leaf, root, ...proof].every(isHash)) return false;
  let position = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sibling, hash, digest);
      // A node at the right edge without a sibling rises as it is.
      while (position % 2 === 0 && position !== 0) [position, last] = [position / 2, Math.floor(last / 2)];
    } else hash = nodeHash(hash, sibling, digest);
    [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
  }
  return last === 0 && hash === root;
}

/** Whether the tree of `size` has grown from that of `from` by appending alone. */
export function verifyConsistency(
  { from, size, fromRoot, root, proof }: Consistency,
  digest: Sha256 = sha256,
): boolean {
  if (!areCounts(from, size) || from > size || ![fromRoot, root, ...proof].every(isHash)) return false;
  if (from === size) return proof.length === 0 && fromRoot === root;
  if (from === 0) return proof.length === 0 && fromRoot === EMPTY_ROOT;
  const [start, ...path] = isPowerOfTwo(from) ? [fromRoot, ...proof] : proof;
  if (start === undefined) return false;
  let position = from - 1;
  let last = size - 1;
  while (position % 2 === 1) [position, last] = [(position - 1) / 2, Math.floor(last / 2)];
  let small = start;
  let large = start;
  for (const sibling of path) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      small = nodeHash(sibling, small, digest);
      large = nodeHash(sibling, large, digest);
      while (position % 2 === 0 && position !== 0) [position, last] = [position / 2, Math.floor(last / 2)];
    } else large = nodeHash(large, sibling, digest);
    [position, last] = [Math.floor(position / 2), Math.floor(last / 2)];
  }
  return last === 0 && small === fromRoot && large === root;
}

const areCounts = (...numbers: readonly number[]): boolean =>
  numbers.every((number) => Number.isSafeInteger(number) && number >= 0);

const isPowerOfTwo = (count: number): boolean => Number.isInteger(Math.log2(count)) && 2 ** Math.log2(count) === count;
