/** Writes entries as the lines of a ruleset: canonical field order, ASCII, ascending keys. */
import { canonicalJson } from '#ruleset/canonical-json';
import type { Entry } from '#schema/entry';

/** The order of fields in a line: the key first, which readers rely on. */
const FIELDS = ['k', 'r', 'b', 'v', 's', 'z', 'e', 'o', 'd', 'c', 'n', 'p', 'i', 'x', 'h', 'l', 'u', 'f'] as const;

/**
 * One line, without its line feed. Values that are objects have their keys in order, too: an entry is written the same whoever wrote its
 * flag, and whatever it was read back from.
 */
export function entryLine(entry: Entry): string {
  const fields = entry as Readonly<Record<string, unknown>>;
  const ordered = FIELDS.filter((field) => fields[field] !== undefined);
  return escaped(`{${ordered.map((field) => `"${field}":${canonicalJson(fields[field])}`).join(',')}}`);
}

/** All lines, each with its line feed. */
export const entryLines = (entries: readonly Entry[]): string =>
  [...entries]
    .sort((a, b) => (a.k < b.k ? -1 : 1))
    .map((entry) => `${entryLine(entry)}\n`)
    .join('');

/** Entries back from lines that a reader has accepted. */
export const parseLines = (lines: string): Entry[] =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);

const escaped = (json: string): string =>
  json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
