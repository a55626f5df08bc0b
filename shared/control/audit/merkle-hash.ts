/** Hashes of an RFC 6962 tree (section 2.1), base64url. Leaves and nodes are hashed apart, so that none passes for the other. */
import { HASH_PATTERN } from '#schema/audit-limits';
import { type Sha256, sha256 } from './sha256.ts';

const LEAF = 0;
const NODE = 1;
const HASH_BYTES = 32;

/** What is hashed, from its first byte on. A digest keeps nothing of it; making it anew would cost more than hashing it. */
const leafRoom = new Uint8Array(16 * 1024);
const nodeRoom = new Uint8Array(1 + 2 * HASH_BYTES);

/** The root of a tree without leaves: the SHA-256 of nothing. */
export const EMPTY_ROOT = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';

export function leafHash(leaf: Uint8Array, digest: Sha256 = sha256): string {
  const length = leaf.length + 1;
  const bytes = length > leafRoom.length ? new Uint8Array(length) : leafRoom.subarray(0, length);
  bytes[0] = LEAF;
  bytes.set(leaf, 1);
  return digest(bytes);
}

/**
 * The same of a leaf that stands in a line, from `at` up to the line's last byte but one. It is hashed where it stands, which a long log
 * is verified faster by: the byte before it is made the one that is hashed before a leaf, and is put back.
 */
export function leafHashIn(line: Uint8Array, at: number, digest: Sha256): string {
  const before = line[at - 1] as number;
  line[at - 1] = LEAF;
  try {
    return digest(line.subarray(at - 1, -1));
  } finally {
    line[at - 1] = before;
  }
}

/** Both are hashes of this file: anything else is a bug of the caller. */
export function nodeHash(left: string, right: string, digest: Sha256 = sha256): string {
  nodeRoom[0] = NODE;
  writeHash(left, nodeRoom, 1);
  writeHash(right, nodeRoom, 1 + HASH_BYTES);
  return digest(nodeRoom);
}

export const isHash = (text: string): boolean => HASH_PATTERN.test(text);

const DIGITS = digitTable();

/** The bytes of a hash. `#core/base64url` is written for little code; a tree of 100,000 leaves decodes 200,000 hashes. */
function writeHash(hash: string, bytes: Uint8Array, at: number): void {
  const end = at + HASH_BYTES - 2;
  let from = 0;
  for (let to = at; to < end; to += 3, from += 4) {
    const word = wordAt(hash, from) | (DIGITS[hash.charCodeAt(from + 3)] as number);
    bytes[to] = word >> 16;
    bytes[to + 1] = word >> 8;
    bytes[to + 2] = word;
  }
  // Three digits are left, and two bytes. A digit that is not there is not looked for: that alone would double the time.
  const word = wordAt(hash, from);
  bytes[end] = word >> 16;
  bytes[end + 1] = word >> 8;
}

/** Of three digits. */
const wordAt = (hash: string, from: number): number =>
  ((DIGITS[hash.charCodeAt(from)] as number) << 18) |
  ((DIGITS[hash.charCodeAt(from + 1)] as number) << 12) |
  ((DIGITS[hash.charCodeAt(from + 2)] as number) << 6);

function digitTable(): Uint8Array {
  const table = new Uint8Array(128);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  for (let digit = 0; digit < alphabet.length; digit++) table[alphabet.charCodeAt(digit)] = digit;
  return table;
}
