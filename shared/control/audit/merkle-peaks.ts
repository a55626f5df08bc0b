/** A tree of which only the right edge is kept: for whoever reads a log from its beginning and needs no proofs. */
import { EMPTY_ROOT, nodeHash } from './merkle-hash.ts';
import { type Sha256, sha256 } from './sha256.ts';

export interface Peaks {
  size(): number;
  push(leaf: string): void;
  /** The root of the leaves so far. */
  root(): string;
  copy(): Peaks;
}

/** `peaks`: by level, the complete subtrees that no larger one has taken in. */
export function createPeaks(
  digest: Sha256 = sha256,
  from: { readonly size: number; readonly peaks: readonly (string | undefined)[] } = { size: 0, peaks: [] },
): Peaks {
  const peaks = [...from.peaks];
  let size = from.size;
  return {
    size: () => size,
    push(leaf) {
      let hash = leaf;
      let level = 0;
      for (let peak = peaks[0]; peak !== undefined; peak = peaks[++level]) {
        hash = nodeHash(peak, hash, digest);
        peaks[level] = undefined;
      }
      peaks[level] = hash;
      size++;
    },
    root() {
      const [lowest, ...higher] = peaks.filter((peak) => peak !== undefined);
      return higher.reduce((right, left) => nodeHash(left, right, digest), lowest ?? EMPTY_ROOT);
    },
    copy: () => createPeaks(digest, { size, peaks }),
  };
}
