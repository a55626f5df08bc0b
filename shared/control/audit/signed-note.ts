/** Signed notes (c2sp.org/signed-note): a text, an empty line, a line for each signature. */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { MAX_NOTE, MAX_NOTE_SIGNATURES } from '#schema/audit-limits';
import { ok, type Result, refused } from '#schema/result';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { hexOf, isKeyName, type NoteKey } from './note-key.ts';

export interface NoteSigner {
  readonly key: NoteKey;
  sign(text: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

export interface NoteVerifier {
  readonly key: NoteKey;
  verify(text: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>): Promise<boolean>;
}

export interface OpenedNote {
  readonly text: string;
  /** Of the known keys that signed it. */
  readonly signedBy: readonly NoteKey[];
}

export interface NoteRefusal {
  /** `untrusted`: no known key signed it; `forged`: what says that it is a known key's signature is none. */
  readonly kind: 'malformed' | 'untrusted' | 'forged';
  readonly message: string;
}

const KEY_ID_BYTES = 4;
/** Below a space, line feeds apart; and halves of characters, which UTF-8 cannot hold. */
const CONTROL = /(?!\n)[^ -\u{10FFFF}]|\p{Cs}/u;

export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<string> {
  if (!text.endsWith('\n') || CONTROL.test(text)) throw new TypeError('a note ends with a line feed, without controls');
  const bytes = utf8ToBytes(text);
  const lines = await Promise.all(
    signers.map(async ({ key, sign }) => {
      const signature = await sign(bytes);
      const id = Uint8Array.from(key.id.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
      return `— ${key.name} ${encodeBase64(Uint8Array.of(...id, ...signature))}\n`;
    }),
  );
  return `${text}\n${lines.join('')}`;
}

/** The text, once a known key's signature is verified. Signatures of other keys are ignored; a wrong one of a known key is not. */
export async function openNote(
  note: string,
  verifiers: readonly NoteVerifier[],
): Promise<Result<OpenedNote, NoteRefusal>> {
  const parsed = parseNote(note);
  if (parsed === undefined) return refused({ kind: 'malformed', message: 'is no signed note' });
  const bytes = utf8ToBytes(parsed.text);
  const signedBy: NoteKey[] = [];
  for (const { name, id, signature } of parsed.signatures) {
    for (const { key, verify } of verifiers.filter((one) => one.key.name === name && one.key.id === id)) {
      if (!(await verify(bytes, signature))) {
        return refused({ kind: 'forged', message: `has a signature that is not that of the key ${name}+${id}` });
      }
      signedBy.push(key);
    }
  }
  if (signedBy.length > 0) return ok({ text: parsed.text, signedBy });
  const names = parsed.signatures.map(({ name, id }) => `${name}+${id}`).join(', ');
  return refused({ kind: 'untrusted', message: `is signed by no known key, but by ${names}` });
}

interface Signature {
  readonly name: string;
  readonly id: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

function parseNote(note: string): { readonly text: string; readonly signatures: readonly Signature[] } | undefined {
  const end = note.lastIndexOf('\n\n');
  if (note.length > MAX_NOTE || end < 0 || !note.endsWith('\n') || CONTROL.test(note)) return undefined;
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > MAX_NOTE_SIGNATURES) return undefined;
  const signatures = lines.map(parseSignature);
  return signatures.every((one) => one !== undefined) ? { text: note.slice(0, end + 1), signatures } : undefined;
}

function parseSignature(line: string): Signature | undefined {
  const [, name = '', encoded = ''] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  const bytes = decodeBase64(encoded);
  if (!isKeyName(name) || bytes === undefined || bytes.length <= KEY_ID_BYTES) return undefined;
  return { name, id: hexOf(bytes.subarray(0, KEY_ID_BYTES)), signature: bytes.slice(KEY_ID_BYTES) };
}
