/**
 * SHA-256 of a text in pieces, gone on with from where the text before it was the same. Of a ruleset's versions each differs from the last in
 * a line or two: what lies before the first of them is compared, at a twentieth of what hashing it takes.
 */
import type { Hash } from 'node:crypto';

// Asked for: imported, it would load WebCrypto as well.
const { createHash } = process.getBuiltinModule('node:crypto');

/** `pieces`: of characters that are bytes. */
export type ResumedDigest = (pieces: readonly string[]) => string;

/** Characters between two places to go on from. So many are copied at once, too: a whole text would need its memory twice. */
const STEP = 64 * 1024;

/** Remembers the pieces that it was given last, and a state for each step of them. */
export function createResumedDigest(): ResumedDigest {
  let before: readonly string[] = [];
  /** What there is behind so many steps of them. */
  const states: Hash[] = [];

  return (pieces) => {
    const same = Math.min(stepsIn(sameLength(before, pieces)), states.length);
    states.length = same;
    before = pieces;
    const sum = states.at(-1)?.copy() ?? createHash('sha256');
    let [position, skip] = [same * STEP, same * STEP];
    for (const piece of pieces) {
      let at = Math.min(skip, piece.length);
      skip -= at;
      while (at < piece.length) {
        const end = Math.min(piece.length, at + STEP - (position % STEP));
        sum.update(piece.slice(at, end), 'latin1');
        position += end - at;
        at = end;
        if (position % STEP === 0) states.push(sum.copy());
      }
    }
    return sum.digest('base64url');
  };
}

const stepsIn = (length: number): number => Math.floor(length / STEP);

/** How much both begin with, or less, to a step: pieces that are cut otherwise are not looked into. */
function sameLength(one: readonly string[], other: readonly string[]): number {
  let length = 0;
  for (const [at, piece] of other.entries()) {
    const known = one[at];
    if (known === undefined) return length;
    if (known !== piece) return length + sameStart(known, piece);
    length += piece.length;
  }
  return length;
}

function sameStart(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let at = 0;
  while (at < most) {
    const end = Math.min(most, at + STEP);
    if (one.slice(at, end) !== other.slice(at, end)) return at;
    at = end;
  }
  return at;
}
