/**
 * The export: NDJSON. An entry is `{"hash":"…","leaf":{…}}`, a checkpoint `{"checkpoint":"…"}`. The bytes of a leaf stand in
 * its line as they were hashed, at a fixed place, so that a verifier parses and writes nothing anew.
 */
import { canonicalJson } from '#ruleset/canonical-json';
import { beginsAsEntry, type EntryLine, readEntryLine } from './entry-line.ts';

export type ExportLine =
  | EntryLine
  | { readonly kind: 'checkpoint'; readonly note: string }
  | { readonly kind: 'malformed'; readonly message: string };

/** `text` is the leaf's canonical JSON. */
export const entryLine = ({ hash, text }: { readonly hash: string; readonly text: string }): string =>
  `{"hash":"${hash}","leaf":${text}}\n`;

/** Comes behind the entries that it covers. */
export const checkpointLine = (note: string): string => `${canonicalJson({ checkpoint: note })}\n`;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** A line without its line feed. */
export function readExportLine(line: Uint8Array): ExportLine {
  if (!beginsAsEntry(line)) return readCheckpointLine(line);
  return readEntryLine(line) ?? malformed('does not end as an entry does: previous, seq, time');
}

function readCheckpointLine(line: Uint8Array): ExportLine {
  const found = parsedObject(line);
  const note = found?.['checkpoint'];
  if (typeof note !== 'string') return malformed('is neither an entry nor a checkpoint');
  // Written in any other way it is not what was exported.
  const canonical = checkpointLine(note) === `${utf8.decode(line)}\n`;
  return canonical ? { kind: 'checkpoint', note } : malformed('is not a checkpoint as it is exported');
}

function parsedObject(line: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(line));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // No UTF-8, or no JSON.
    return undefined;
  }
}

const malformed = (message: string): ExportLine => ({ kind: 'malformed', message });
