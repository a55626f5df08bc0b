/** The export of a long log, signed as it grew: of entries of one size, or of those that an organisation at work has left. */
import { hash, webcrypto } from 'node:crypto';
import { signCheckpoint } from '#control/audit/checkpoint';
import { type Ed25519Jwk, ed25519Signer, ed25519Verifier } from '#control/audit/ed25519';
import { checkpointLine, entryLine } from '#control/audit/export-line';
import { EMPTY_ROOT, leafHash } from '#control/audit/merkle-hash';
import { createPeaks } from '#control/audit/merkle-peaks';
import type { NoteSigner, NoteVerifier } from '#control/audit/signed-note';

export interface AuditExport {
  /** As they are read from a file. */
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
  readonly verifier: NoteVerifier;
}

const ORIGIN = 'audit.example/bench';
const CHUNK = 1 << 20;
/** Of a log that has some 30 entries a second, signed every 30 s. */
const ENTRIES_PER_CHECKPOINT = 1_000;
const START = 1_795_420_800_000;

const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'base64url');

/** `entries`: the values of `entry` in a leaf, as canonical JSON, taken in turn. */
export async function createAuditExport(entries: readonly string[], count: number): Promise<AuditExport> {
  const { signer, verifier } = await newKey();
  const tree = createPeaks(sha256);
  const chunks: Uint8Array[] = [];
  let previous = EMPTY_ROOT;
  let text = '';
  for (let seq = 0; seq < count; seq++) {
    const time = new Date(START + seq * 1_000).toISOString();
    const entry = entries[seq % entries.length] as string;
    const leaf = `{"entry":${entry},"previous":"${previous}","seq":${seq},"time":"${time}"}`;
    previous = leafHash(Buffer.from(leaf), sha256);
    tree.push(previous);
    text += entryLine({ hash: previous, text: leaf });
    const size = seq + 1;
    if (size % ENTRIES_PER_CHECKPOINT === 0 || size === count)
      text += checkpointLine(await signCheckpoint({ origin: ORIGIN, size, root: tree.root() }, [signer]));
    if (text.length < CHUNK && size < count) continue;
    chunks.push(Buffer.from(text));
    text = '';
  }
  const whole = Buffer.concat(chunks);
  const portions = Array.from({ length: Math.ceil(whole.length / CHUNK) }, (_, at) =>
    whole.subarray(at * CHUNK, (at + 1) * CHUNK),
  );
  return { chunks: portions, bytes: whole.length, verifier };
}

async function newKey(): Promise<{ signer: NoteSigner; verifier: NoteVerifier }> {
  const pair = (await webcrypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const jwk = (await webcrypto.subtle.exportKey('jwk', pair.privateKey)) as unknown as Ed25519Jwk;
  const signer = ed25519Signer(webcrypto.subtle, ORIGIN, jwk);
  return { signer, verifier: ed25519Verifier(webcrypto.subtle, signer.key) };
}

/** The JSON of an entry of which the line of its leaf has that many bytes. */
export function entryOfSize(lineBytes: number): string {
  const around = '{"hash":"","leaf":{"entry":,"previous":"","seq":99999,"time":""}}\n'.length + 2 * 43 + 24;
  const text = 'x'.repeat(Math.max(0, lineBytes - around - '{"justification":""}'.length));
  return `{"justification":"${text}"}`;
}

/** The entries of a log, out of its leaves. */
export const entryTextsOf = (leaves: readonly string[]): readonly string[] =>
  leaves.map((leaf) => leaf.slice('{"entry":'.length, leaf.lastIndexOf(',"previous":"')));
