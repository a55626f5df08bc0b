/**
 * The export: NDJSON. An entry is `{"hash":"…","leaf":{…}}`, a checkpoint `{"checkpoint":"…"}`. The bytes of a leaf stand in
 * its line as they were hashed, at a fixed place, so that a verifier parses and writes nothing anew.
 */
import { canonicalJson } from '#ruleset/canonical-json';

export interface EntryLine {
  readonly kind: 'entry';
  /** That the log has for this leaf. */
  readonly hash: string;
  /** What it is the hash of. */
  readonly leaf: Uint8Array;
  readonly previous: string;
  readonly seq: number;
  readonly time: string;
}

export type ExportLine =
  | EntryLine
  | { readonly kind: 'checkpoint'; readonly note: string }
  | { readonly kind: 'malformed'; readonly message: string };

/** `text` is the leaf's canonical JSON. */
export const entryLine = ({ hash, text }: { readonly hash: string; readonly text: string }): string =>
  `{"hash":"${hash}","leaf":${text}}\n`;

/** Comes behind the entries that it covers. */
export const checkpointLine = (note: string): string => `${canonicalJson({ checkpoint: note })}\n`;

const HASH_LENGTH = 43;
const TIME_LENGTH = 24;
const HEAD = '{"hash":"';
const LEAF = '","leaf":';
const LEAF_AT = HEAD.length + HASH_LENGTH + LEAF.length;
/** The last fields of a leaf in the order of RFC 8785, the longest that there are. */
const TAIL_LENGTH = '},"previous":"","seq":,"time":""}}'.length + HASH_LENGTH + 16 + TIME_LENGTH;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** For what must be ASCII, and is looked at from the side where it is; a decoder of single bytes is much slower in Node. */
const ascii = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

/** A line without its line feed. */
export function readExportLine(line: Uint8Array): ExportLine {
  const head = ascii.decode(line.subarray(0, LEAF_AT));
  if (!head.startsWith(HEAD) || !head.endsWith(LEAF)) return readCheckpointLine(line);
  const tail = readTail(ascii.decode(line.subarray(Math.max(LEAF_AT, line.length - TAIL_LENGTH))));
  if (tail === undefined) return malformed('does not end as an entry does: previous, seq, time');
  const [previous, seq, time] = tail;
  return {
    kind: 'entry',
    hash: head.slice(HEAD.length, -LEAF.length),
    leaf: line.subarray(LEAF_AT, -1),
    previous,
    seq,
    time,
  };
}

/** By places, not by a search: a bare quote ends every text, so nothing inside the entry can look like its end. */
function readTail(tail: string): readonly [previous: string, seq: number, time: string] | undefined {
  const timeAt = tail.length - TIME_LENGTH - '"}}'.length;
  const seqAt = tail.lastIndexOf('"seq":') + '"seq":'.length;
  const previousAt = seqAt - '","seq":'.length - HASH_LENGTH;
  const digits = tail.slice(seqAt, timeAt - ',"time":"'.length);
  const seq = Number(digits);
  const isTail =
    tail.endsWith('"}}') &&
    tail.startsWith(',"time":"', timeAt - ',"time":"'.length) &&
    tail.startsWith('","', seqAt - '","seq":'.length) &&
    tail.startsWith('},"previous":"', previousAt - '},"previous":"'.length);
  if (!isTail || !Number.isSafeInteger(seq) || String(seq) !== digits) return undefined;
  return [tail.slice(previousAt, previousAt + HASH_LENGTH), seq, tail.slice(timeAt, -'"}}'.length)];
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
