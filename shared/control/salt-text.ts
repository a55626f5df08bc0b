/** A salt as people write it, where an entry gives but its seed. */
import { isSameSalt, type Salt } from '#ruleset/write/seeds';

/**
 * What it was known by, where that has the seed; else the entry's own text; else some text that has it, by which everybody stays in the
 * bucket that they are in.
 */
export function saltText(said: Salt, known: string | undefined): string {
  if (known !== undefined && isSameSalt(said, known)) return known;
  return typeof said === 'string' ? said : textOfSeed(said);
}

const [PRIME2, PRIME3, PRIME4, PRIME5] = [0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1] as const;
const LENGTH = 8;
const LETTERS = /^[0-9A-Za-z]*$/;

/**
 * XXH32 of eight letters takes in two words of four, one after the other, and every step of it can be undone: for any first word there
 * is one second word with which the whole has the seed. One in 300 of those is of letters and digits.
 */
function textOfSeed(seed: number): string {
  const behind = unmixed(unavalanched(seed));
  for (let at = 0; ; at++) {
    const first = at.toString(36).padStart(LENGTH / 2, '0');
    const before = mixed((PRIME5 + LENGTH) | 0, wordOf(first));
    const second = textOfWord(Math.imul(behind - before, inverse(PRIME3)));
    if (LETTERS.test(second)) return first + second;
  }
}

const mixed = (hash: number, word: number): number =>
  Math.imul(rotated((hash + Math.imul(word, PRIME3)) | 0, 17), PRIME4);

/** What the hash and a word's product came to, before they were mixed. */
const unmixed = (hash: number): number => rotated(Math.imul(hash, inverse(PRIME4)), 32 - 17);

function unavalanched(hash: number): number {
  const third = Math.imul(hash ^ (hash >>> 16), inverse(PRIME3));
  const second = Math.imul(third ^ (third >>> 13) ^ (third >>> 26), inverse(PRIME2));
  return second ^ (second >>> 15) ^ (second >>> 30);
}

const rotated = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** Of an odd number, modulo 2^32: each round doubles the number of low bits that are right, of which any odd number's own has three. */
function inverse(odd: number): number {
  let found = odd;
  for (let round = 0; round < 4; round++) found = Math.imul(found, 2 - Math.imul(odd, found));
  return found;
}

const wordOf = (text: string): number => [...text].reduceRight((word, letter) => (word << 8) | letter.charCodeAt(0), 0);

const textOfWord = (word: number): string =>
  String.fromCharCode(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24);
