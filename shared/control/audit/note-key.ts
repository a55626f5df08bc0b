/** Keys of signed notes (C2SP signed-note), as text: `<name>+<id>+<base64 of type and public key>`. */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { decodeBase64url } from '#core/base64url';
import { ok, type Result, refused } from '#schema/result';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { sha256 } from './sha256.ts';

/** The signature type that the specification gives Ed25519. */
const ED25519 = 1;
const PUBLIC_KEY_BYTES = 32;

export interface NoteKey {
  /** Of the key; that of the log, too: its checkpoints have it as their origin. */
  readonly name: string;
  /** 4 bytes, as 8 hexadecimal digits. */
  readonly id: string;
  /** Ed25519 (RFC 8032), 32 bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

/** Neither spaces nor a plus, which end it; nothing that a terminal would obey. */
export const isKeyName = (name: string): boolean => /^[^\p{White_Space}\p{Cc}\p{Cs}+]{1,256}$/u.test(name);

export function noteKey(name: string, publicKey: Uint8Array): NoteKey {
  if (!isKeyName(name) || publicKey.length !== PUBLIC_KEY_BYTES) throw new TypeError('not a name and an Ed25519 key');
  const digest = decodeBase64url(sha256(Uint8Array.of(...utf8ToBytes(name), 0x0a, ED25519, ...publicKey)));
  return { name, id: hexOf((digest ?? new Uint8Array()).subarray(0, 4)), publicKey: Uint8Array.from(publicKey) };
}

export const formatNoteKey = ({ name, id, publicKey }: NoteKey): string =>
  `${name}+${id}+${encodeBase64(Uint8Array.of(ED25519, ...publicKey))}`;

export function parseNoteKey(text: string): Result<NoteKey, string> {
  const [, name = '', id, encoded = ''] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/.exec(text) ?? [];
  if (id === undefined || !isKeyName(name)) return refused('is no key of the form <name>+<8 hex digits>+<base64>');
  const bytes = decodeBase64(encoded);
  if (bytes?.[0] !== ED25519 || bytes.length !== 1 + PUBLIC_KEY_BYTES) {
    return refused('is not an Ed25519 key: type 1, then 32 bytes');
  }
  const key = noteKey(name, bytes.subarray(1));
  return key.id === id ? ok(key) : refused(`has the id ${id}, and its name and key give ${key.id}`);
}

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
