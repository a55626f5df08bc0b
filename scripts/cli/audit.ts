/** `lockstep audit verify`: whether an exported log is the one that was signed. Asks nobody. */
import { hash, webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { AuditFault, AuditReport } from '#control/audit/audit-report';
import { ed25519Verifier } from '#control/audit/ed25519';
import { type NoteKey, parseNoteKey } from '#control/audit/note-key';
import { printable } from '#control/audit/printable';
import { verifyExport } from '#control/audit/verify-export';
import { CommandError } from './command-error.ts';
import { fileChunks } from './file-chunks.ts';
import { createProgress } from './progress.ts';
import { table } from './table.ts';

export interface AuditVerifyOptions {
  /** Files or texts. */
  readonly key: readonly string[];
  /** Files. */
  readonly checkpoint?: readonly string[];
  readonly json: boolean;
}

/** 0 proven, 1 not what was signed, 2 a mistake in the command. */
export async function auditVerify(path: string, { json, ...trusted }: AuditVerifyOptions): Promise<number> {
  try {
    const report = await verify(path, trusted);
    console.log(json ? JSON.stringify(report, null, 2) : reportText(report));
    return report.ok ? 0 : 1;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(error.message);
    return 2;
  }
}

async function verify(path: string, { key, checkpoint = [] }: Omit<AuditVerifyOptions, 'json'>): Promise<AuditReport> {
  const verifiers = key.flatMap(keysOf).map((one) => ed25519Verifier(webcrypto.subtle, one));
  const kept = checkpoint.map((one) => readText(one, 'the checkpoint'));
  const input = path === '-' ? process.stdin : fileChunks(path);
  const progress = createProgress();
  try {
    return await verifyExport(input, {
      verifiers,
      kept,
      // Node's own is several times as fast as one in JavaScript.
      sha256: (bytes) => hash('sha256', bytes, 'base64url'),
      progress: (entries) => progress.tell(`${entries.toLocaleString('en')} entries read`),
    });
  } catch (error) {
    throw isSystemError(error) ? new CommandError(`cannot read the export: ${error.message}`) : error;
  } finally {
    progress.end();
  }
}

/** The keys of a text, or of a file: one a line, `#` begins a comment. */
function keysOf(option: string): NoteKey[] {
  const isText = parseNoteKey(option).ok || (option.includes('+') && !existsSync(option));
  const text = isText ? option : readText(option, 'the key');
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const key = parseNoteKey(line);
      if (!key.ok) throw new CommandError(`--key: ${printable(line)} ${key.error}`);
      return key.value;
    });
  if (keys.length === 0) throw new CommandError(`--key: there is no key in ${printable(option)}`);
  return keys;
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw isSystemError(error) ? new CommandError(`cannot read ${what}: ${error.message}`) : error;
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'code' in error;

function reportText({ ok, entries, proven, checkpoints, newest, faults, backwards }: AuditReport): string {
  const rows = [
    ['entries', String(entries)],
    ['proven', proven === entries ? `all ${entries}` : `the first ${proven}`],
    ['checkpoints', String(checkpoints)],
    ['newest', newest === undefined ? '-' : `${printable(newest.origin)}, size ${newest.size}, root ${newest.root}`],
    ...(ok && proven < entries ? [['warning', `no checkpoint covers the last ${entries - proven} yet`]] : []),
    ...backwards.map((index) => ['warning', `the time of entry ${index} lies before that of the entry before it`]),
    ...faults.map((fault) => ['fault', faultText(fault)]),
  ];
  return `${table(rows)}\n\n${ok ? 'good: this is what was signed' : 'BAD: this is not what was signed'}`;
}

const faultText = ({ kind, message }: AuditFault): string => `${kind}: ${printable(message)}`;
