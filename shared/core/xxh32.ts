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

/** Hashes the UTF-8 bytes of `text`; an unpaired surrogate counts as U+FFFD. Returns a signed 32-bit integer. */
export const xxh32 = (text: string, seed: number): number => hashUnits(text, seed, 0x7f);

/** Reads each code unit as a byte; should one be above `highest`, starts again on the text's UTF-8 form. */
function hashUnits(text: string, seed: number, highest: number): number {
  const length = text.length;
  let position = 0;
  let hash: number;
  // Every code unit is OR-ed in, so that one comparison at the end tells whether all of them were small enough.
  let units = 0;
  if (length >= 16) {
    let a = (seed + PRIME1 + PRIME2) | 0;
    let b = (seed + PRIME2) | 0;
    let c = seed | 0;
    let d = (seed - PRIME1) | 0;
    for (const end = length - 16; position <= end; position += 16) {
      const w0 = text.charCodeAt(position);
      const w1 = text.charCodeAt(position + 1);
      const w2 = text.charCodeAt(position + 2);
      const w3 = text.charCodeAt(position + 3);
      a = stripe(a, w0 | (w1 << 8) | (w2 << 16) | (w3 << 24));
      const x0 = text.charCodeAt(position + 4);
      const x1 = text.charCodeAt(position + 5);
      const x2 = text.charCodeAt(position + 6);
      const x3 = text.charCodeAt(position + 7);
      b = stripe(b, x0 | (x1 << 8) | (x2 << 16) | (x3 << 24));
      const y0 = text.charCodeAt(position + 8);
      const y1 = text.charCodeAt(position + 9);
      const y2 = text.charCodeAt(position + 10);
      const y3 = text.charCodeAt(position + 11);
      c = stripe(c, y0 | (y1 << 8) | (y2 << 16) | (y3 << 24));
      const z0 = text.charCodeAt(position + 12);
      const z1 = text.charCodeAt(position + 13);
      const z2 = text.charCodeAt(position + 14);
      const z3 = text.charCodeAt(position + 15);
      d = stripe(d, z0 | (z1 << 8) | (z2 << 16) | (z3 << 24));
      units |= w0 | w1 | w2 | w3 | x0 | x1 | x2 | x3 | y0 | y1 | y2 | y3 | z0 | z1 | z2 | z3;
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  } else {
    hash = (seed + PRIME5) | 0;
  }
  hash = (hash + length) | 0;
  for (; position + 4 <= length; position += 4) {
    const w0 = text.charCodeAt(position);
    const w1 = text.charCodeAt(position + 1);
    const w2 = text.charCodeAt(position + 2);
    const w3 = text.charCodeAt(position + 3);
    units |= w0 | w1 | w2 | w3;
    hash = word(hash, w0 | (w1 << 8) | (w2 << 16) | (w3 << 24));
  }
  for (; position < length; position++) {
    const unit = text.charCodeAt(position);
    units |= unit;
    hash = Math.imul(rotate((hash + Math.imul(unit, PRIME5)) | 0, 11), PRIME1);
  }
  return units <= highest ? avalanche(hash) : hashUnits(utf8Units(text), seed, 0xff);
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
const utf8Units = (text: string): string =>
  encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
