/**
 * XXH32 over the UTF-8 form of a string, and over one 32-bit word.
 *
 * Source: the xxHash specification, "XXH32 algorithm description". Written in plain integer arithmetic because
 * EdgeWorkers has no WebAssembly and because a short ASCII key hashes faster this way than through an encoder.
 * `test/unit/core/xxh32.test.ts` compares it with xxhash-wasm.
 */

const PRIME1 = 0x9e3779b1 | 0;
const PRIME2 = 0x85ebca77 | 0;
const PRIME3 = 0xc2b2ae3d | 0;
const PRIME4 = 0x27d4eb2f;
const PRIME5 = 0x165667b1;

/** The code units of the text at hand, OR-ed together: one comparison at the end tells whether all of them were ASCII. */
let seen = 0;

/** Four code units as the bytes of a little-endian word. */
function wordAt(text: string, at: number): number {
  const a = text.charCodeAt(at);
  const b = text.charCodeAt(at + 1);
  const c = text.charCodeAt(at + 2);
  const d = text.charCodeAt(at + 3);
  seen |= a | b | c | d;
  return a | (b << 8) | (c << 16) | (d << 24);
}

/** Hashes the UTF-8 bytes of `text`; an unpaired surrogate counts as U+FFFD. Returns a signed 32-bit integer. */
export function xxh32(text: string, seed: number): number {
  seen = 0;
  const hash = hashUnits(text, seed);
  return seen < 0x80 ? hash : hashUnits(utf8Units(text), seed);
}

/** Reads each code unit as a byte. */
function hashUnits(text: string, seed: number): number {
  const length = text.length;
  let at = 0;
  let hash = (seed + PRIME5) | 0;
  if (length >= 16) {
    let a = (seed + PRIME1 + PRIME2) | 0;
    let b = (seed + PRIME2) | 0;
    let c = seed | 0;
    let d = (seed - PRIME1) | 0;
    for (; at + 16 <= length; at += 16) {
      a = stripe(a, wordAt(text, at));
      b = stripe(b, wordAt(text, at + 4));
      c = stripe(c, wordAt(text, at + 8));
      d = stripe(d, wordAt(text, at + 12));
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  }
  hash = (hash + length) | 0;
  for (; at + 4 <= length; at += 4) hash = word(hash, wordAt(text, at));
  for (; at < length; at++) {
    const unit = text.charCodeAt(at);
    seen |= unit;
    hash = Math.imul(rotate((hash + Math.imul(unit, PRIME5)) | 0, 11), PRIME1);
  }
  return avalanche(hash);
}

/** Hashes one 32-bit word as its four little-endian bytes. Returns an unsigned 32-bit integer. */
export function xxh32Word(value: number, seed: number): number {
  return avalanche(word((seed + PRIME5 + 4) | 0, value)) >>> 0;
}

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

const stripe = (lane: number, value: number): number =>
  Math.imul(rotate((lane + Math.imul(value, PRIME2)) | 0, 13), PRIME1);

const word = (hash: number, value: number): number =>
  Math.imul(rotate((hash + Math.imul(value, PRIME3)) | 0, 17), PRIME4);

function avalanche(value: number): number {
  let hash = Math.imul(value ^ (value >>> 15), PRIME2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME3);
  return hash ^ (hash >>> 16);
}

/** The UTF-8 bytes of `text`, one code unit each. Only keys outside ASCII come here. */
const utf8Units = (text: string): string => unescape(encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')));
