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

/** Below which code units are their own UTF-8, and below which all are that stand for a byte of it. */
const ASCII = 0x80;
const BYTES = 0x100;

/**
 * Hashes the UTF-8 bytes of `text`; an unpaired surrogate counts as U+FFFD. Returns a signed 32-bit integer. Callers leave out
 * `limit`: text with a code unit from there on is put in UTF-8 first.
 */
export function xxh32(text: string, seed: number, limit = ASCII): number {
  const length = text.length;
  let a = (seed + PRIME1 + PRIME2) | 0;
  let b = (seed + PRIME2) | 0;
  let c = seed | 0;
  let d = (seed - PRIME1) | 0;
  let hash = (seed + PRIME5 + length) | 0;
  /** All code units OR-ed together: one comparison at the end tells whether each was ASCII, and so a byte. */
  let seen = 0;
  let at = 0;
  const stripes = length & ~15;
  for (; at + 4 <= length; at += 4) {
    const p = text.charCodeAt(at);
    const q = text.charCodeAt(at + 1);
    const r = text.charCodeAt(at + 2);
    const s = text.charCodeAt(at + 3);
    seen |= p | q | r | s;
    const word = p | (q << 8) | (r << 16) | (s << 24);
    if (at < stripes) {
      // The lanes change places, so that it is always the first one's turn.
      const lane = stripe(a, word);
      a = b;
      b = c;
      c = d;
      d = lane;
      if (at + 4 === stripes) hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18) + length) | 0;
    } else hash = mixed(hash, word);
  }
  for (; at < length; at++) {
    const unit = text.charCodeAt(at);
    seen |= unit;
    hash = Math.imul(rotate((hash + Math.imul(unit, PRIME5)) | 0, 11), PRIME1);
  }
  return seen < limit ? avalanche(hash) : xxh32(utf8Units(text), seed, BYTES);
}

/** Hashes one 32-bit word as its four little-endian bytes. Returns an unsigned 32-bit integer. */
export function xxh32Word(value: number, seed: number): number {
  return avalanche(mixed((seed + PRIME5 + 4) | 0, value)) >>> 0;
}

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

const stripe = (lane: number, value: number): number =>
  Math.imul(rotate((lane + Math.imul(value, PRIME2)) | 0, 13), PRIME1);

const mixed = (hash: number, value: number): number =>
  Math.imul(rotate((hash + Math.imul(value, PRIME3)) | 0, 17), PRIME4);

function avalanche(value: number): number {
  let hash = Math.imul(value ^ (value >>> 15), PRIME2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME3);
  return hash ^ (hash >>> 16);
}

/** The UTF-8 bytes of `text`, one code unit each. Only keys outside ASCII come here. */
const utf8Units = (text: string): string => unescape(encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')));
