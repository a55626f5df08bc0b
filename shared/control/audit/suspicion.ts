/**
 * What is gathered from the first sign that something is wrong until the next checkpoint. By then each entry's true hash is
 * mostly known from two places that no edit of it reaches: the hash beside it, and `previous` of the entry behind it. Where a
 * tree of these has the root that was signed, they are the true ones, and the first entry that differs is proven to be bad.
 */
import type { AuditFault, FaultKind } from './audit-report.ts';
import { type EntryLine, hashOf, previousOf } from './entry-line.ts';
import { isHash } from './merkle-hash.ts';
import type { Peaks } from './merkle-peaks.ts';

export type SignKind = Extract<FaultKind, 'edited' | 'missing' | 'repeated' | 'broken-chain'>;

/** Where and how it showed. */
export interface Sign {
  readonly kind: SignKind;
  readonly at: number;
}

export interface Suspicion {
  /** The entry at the next place, `hash` being that of its bytes. */
  add(line: EntryLine, hash: string): void;
  /** The fault, where the true hashes of the first `size` entries have that root; undefined where they are not known. */
  proof(size: number, root: string): AuditFault | undefined;
  /** The fault where the entries are those that were signed. */
  cleared(): AuditFault;
  /** The fault without a proof: the first bad entry is between `first` and `last`. */
  guess(first: number, last: number): AuditFault;
}

interface Found {
  readonly seq: number;
  readonly hash: string;
  /** Whether the hash beside it is its own. */
  readonly matches: boolean;
}

/** `before`: the tree over the entries before `pending`, which is the last one that looked sound. */
export function createSuspicion(sign: Sign, before: Peaks, pending: string | undefined): Suspicion {
  const begin = before.size();
  const found: Found[] = pending === undefined ? [] : [{ seq: begin, hash: pending, matches: true }];
  const truth = new Map<number, string>(pending === undefined ? [] : [[begin, pending]]);

  const rootOf = (size: number): string | undefined => {
    const tree = before.copy();
    for (let index = begin; index < size; index++) {
      const hash = truth.get(index);
      if (hash === undefined) return undefined;
      tree.push(hash);
    }
    return tree.root();
  };

  const kindAt = (place: number): FaultKind => {
    const there = found[place - begin];
    if (there === undefined) return 'missing';
    if (!there.matches || there.seq === place) return 'edited';
    if (there.seq < place) return 'repeated';
    return found.some(({ seq, hash }) => seq === place && hash === truth.get(place)) ? 'moved' : 'missing';
  };

  return {
    add(line, hash) {
      const { seq } = line;
      const [beside, previous] = [hashOf(line), previousOf(line)];
      const matches = hash === beside;
      // What was changed may say anything about its place, too.
      for (const place of matches ? [seq] : [seq, begin + found.length]) {
        if (!truth.has(place) && isHash(beside)) truth.set(place, beside);
      }
      found.push({ seq, hash, matches });
      // An entry that was changed may say anything about the one before.
      if (matches && isHash(previous)) truth.set(seq - 1, previous);
    },
    proof(size, root) {
      if (size < begin || rootOf(size) !== root) return undefined;
      for (let place = begin; place < size; place++) {
        if (found[place - begin]?.hash !== truth.get(place)) return faultOf(kindAt(place), place, place, place);
      }
      // All that was signed is there as it was.
      if (found.length > size - begin) return faultOf(kindAt(size), size, size, size);
      return wrongHash(sign.at);
    },
    cleared: () => wrongHash(sign.at),
    guess: (first, last) => faultOf(sign.kind, sign.at, first, last),
  };
}

const wrongHash = (at: number): AuditFault => ({
  kind: 'wrong-hash',
  at,
  message: `the hash beside entry ${at} is not its own; the entry is what was signed`,
});

const WORDS: Readonly<Partial<Record<FaultKind, string>>> = {
  edited: 'is not what was logged',
  missing: 'is missing',
  moved: 'stands in another place',
  repeated: 'is not there: one from before stands in its place again',
  'broken-chain': 'is not what the entry behind it was made upon',
};

function faultOf(kind: FaultKind, at: number, first: number, last: number): AuditFault {
  const message = `entry ${at} ${WORDS[kind] ?? 'is bad'}`;
  return { kind, at, first, last, message: first === last ? message : `${message}; ${betweenText(first, last)}` };
}

export const betweenText = (first: number, last: number): string =>
  first === last ? `the first bad entry is ${first}` : `the first bad entry is between ${first} and ${last}`;
