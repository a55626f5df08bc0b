/**
 * The line of an entry, looked at by its places and bytes. Texts are made of what is in it only where something is wrong: made of every
 * line, they would take as long as all the hashing.
 */

export interface EntryLine {
  readonly kind: 'entry';
  /** Without its line feed. */
  readonly line: Uint8Array;
  readonly seq: number;
  readonly previousAt: number;
  readonly timeAt: number;
}

const HASH_LENGTH = 43;
const TIME_LENGTH = 24;
/** Of the largest safe integer. */
const MOST_DIGITS = 16;
const ZERO = 48;

const HEAD = bytesOf('{"hash":"');
const LEAF = bytesOf('","leaf":');
const PREVIOUS = bytesOf('},"previous":"');
const SEQ = bytesOf('","seq":');
const TIME = bytesOf(',"time":"');
const END = bytesOf('"}}');

const HASH_AT = HEAD.length;
/** Where a leaf begins; it ends before the last byte of its line. */
export const LEAF_AT = HASH_AT + HASH_LENGTH + LEAF.length;

export const beginsAsEntry = (line: Uint8Array): boolean =>
  standsAt(HEAD, line, 0) && standsAt(LEAF, line, HASH_AT + HASH_LENGTH);

/**
 * Undefined where it does not end as an entry does. By places from its end, not by a search: a bare quote ends every text, so nothing
 * inside the entry can look like its end.
 */
export function readEntryLine(line: Uint8Array): EntryLine | undefined {
  const timeAt = line.length - END.length - TIME_LENGTH;
  const seqEnd = timeAt - TIME.length;
  if (!standsAt(END, line, timeAt + TIME_LENGTH) || !standsAt(TIME, line, seqEnd)) return undefined;
  const seqAt = numberAt(line, seqEnd);
  const previousAt = seqAt - SEQ.length - HASH_LENGTH;
  const isTail = standsAt(SEQ, line, seqAt - SEQ.length) && standsAt(PREVIOUS, line, previousAt - PREVIOUS.length);
  if (!isTail || previousAt - PREVIOUS.length < LEAF_AT) return undefined;
  const seq = numberIn(line, seqAt, seqEnd);
  return seq === undefined ? undefined : { kind: 'entry', line, seq, previousAt, timeAt };
}

/** Whether the log has this hash for the leaf, beside it. */
export const hasHash = ({ line }: EntryLine, hash: string): boolean => isTextAt(hash, line, HASH_AT);

/** Whether the entry was made upon that one. */
export const isUpon = ({ line, previousAt }: EntryLine, hash: string): boolean => isTextAt(hash, line, previousAt);

export const hashOf = ({ line }: EntryLine): string => textAt(line, HASH_AT, HASH_LENGTH);

export const previousOf = ({ line, previousAt }: EntryLine): string => textAt(line, previousAt, HASH_LENGTH);

/** Follows the times of entries. */
export function createTimes(): { isEarlier(entry: EntryLine): boolean } {
  const last = new Uint8Array(TIME_LENGTH);
  return {
    /** Than the time of the entry before. */
    isEarlier({ line, timeAt }) {
      let at = 0;
      while (at < TIME_LENGTH - 1 && line[timeAt + at] === last[at]) at++;
      const isEarlier = (line[timeAt + at] as number) < (last[at] as number);
      for (; at < TIME_LENGTH; at++) last[at] = line[timeAt + at] as number;
      return isEarlier;
    },
  };
}

/** Where the digits begin that end before `end`; at most one more of them than a number has. */
function numberAt(line: Uint8Array, end: number): number {
  let at = end;
  while (at > end - MOST_DIGITS - 1 && isDigit(line[at - 1])) at--;
  return at;
}

/** Undefined for anything but a safe integer as JSON writes it. */
function numberIn(line: Uint8Array, from: number, to: number): number | undefined {
  if (to === from || (line[from] === ZERO && to > from + 1)) return undefined;
  let number = 0;
  for (let at = from; at < to; at++) number = number * 10 + ((line[at] as number) - ZERO);
  return Number.isSafeInteger(number) ? number : undefined;
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte < ZERO + 10;

function standsAt(bytes: Uint8Array, line: Uint8Array, at: number): boolean {
  for (let index = 0; index < bytes.length; index++) if (line[at + index] !== bytes[index]) return false;
  return true;
}

function isTextAt(text: string, line: Uint8Array, at: number): boolean {
  for (let index = 0; index < text.length; index++) if (line[at + index] !== text.charCodeAt(index)) return false;
  return true;
}

const ascii = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

const textAt = (line: Uint8Array, at: number, length: number): string => ascii.decode(line.subarray(at, at + length));

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
