/** Checkpoints (c2sp.org/tlog-checkpoint): size and root of a log, as a signed note. */
import { ok, type Result, refused } from '#schema/result';
import { fromBase64, toBase64 } from './base64.ts';
import { isHash } from './merkle-hash.ts';
import type { NoteKey } from './note-key.ts';
import { type NoteRefusal, type NoteSigner, type NoteVerifier, openNote, signNote } from './signed-note.ts';

export interface Checkpoint {
  /** Which log it is: the name of its keys. */
  readonly origin: string;
  /** How many entries it had. */
  readonly size: number;
  /** The root of the tree over them, base64url. */
  readonly root: string;
  /** Lines of others, passed over. Lockstep writes none. */
  readonly extensions?: readonly string[];
}

export interface OpenedCheckpoint extends Checkpoint {
  readonly signedBy: readonly NoteKey[];
}

export const signCheckpoint = (checkpoint: Checkpoint, signers: readonly NoteSigner[]): Promise<string> =>
  signNote(checkpointText(checkpoint), signers);

/** The checkpoint, once a known key that has its origin as its name is seen to have signed it. */
export async function openCheckpoint(
  note: string,
  verifiers: readonly NoteVerifier[],
): Promise<Result<OpenedCheckpoint, NoteRefusal>> {
  const opened = await openNote(note, verifiers);
  if (!opened.ok) return opened;
  const checkpoint = parseCheckpoint(opened.value.text);
  if (checkpoint === undefined) return refused({ kind: 'malformed', message: 'is no checkpoint' });
  // A key of one log does not vouch for another.
  const signedBy = opened.value.signedBy.filter(({ name }) => name === checkpoint.origin);
  if (signedBy.length > 0) return ok({ ...checkpoint, signedBy });
  return refused({ kind: 'untrusted', message: `is of the log ${checkpoint.origin}, and no key is known for that` });
}

export const checkpointText = ({ origin, size, root, extensions = [] }: Checkpoint): string =>
  [origin, String(size), toBase64(root), ...extensions].map((line) => `${line}\n`).join('');

/** Undefined for anything but the exact form. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  if (!text.endsWith('\n')) return undefined;
  const [origin = '', size = '', root = '', ...extensions] = text.slice(0, -1).split('\n');
  const hash = fromBase64(root) ?? '';
  if (origin === '' || extensions.includes('') || !/^(?:0|[1-9]\d{0,15})$/.test(size) || !isHash(hash))
    return undefined;
  if (!Number.isSafeInteger(Number(size))) return undefined;
  return { origin, size: Number(size), root: hash, ...(extensions.length > 0 && { extensions }) };
}
