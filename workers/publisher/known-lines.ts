/**
 * Lines with the entries in them. Of two sets that follow one another nearly all lines are the same: those are not parsed again, and
 * their entries are the same objects, by which everything behind sees that they did not change.
 */
import { changedKeys } from '#ruleset/changed-keys';
import { applyDelta, lineIn } from '#ruleset/delta';
import { indexLines, keyAt } from '#ruleset/lines';
import { entryLine } from '#ruleset/write/line';
import type { Entry } from '#schema/entry';

export interface KnownLine {
  /** Without its line feed. */
  readonly text: string;
  readonly entry: Entry;
}

export interface KnownLines {
  readonly lines: string;
  /** In order of key. */
  readonly byKey: ReadonlyMap<string, KnownLine>;
}

export const NO_LINES: KnownLines = { lines: '', byKey: new Map() };

/** More than that takes too much of a Worker's memory as objects: then nothing is remembered, and all is looked at. */
const MAX_REMEMBERED = 4 * 1024 * 1024;

/** What may be kept in memory of them. */
export const remembered = (known: KnownLines): KnownLines => (known.lines.length > MAX_REMEMBERED ? NO_LINES : known);

/** Throws `Refusal` where lines are out of form or order; what is in them must be JSON. */
export function knownLines(lines: string, before: KnownLines = NO_LINES): KnownLines {
  if (before.lines === lines) return before;
  return withChanged(lines, before) ?? withAll(lines, before);
}

/** Where no key came or went: all others are as they were, and so is their order. */
function withChanged(lines: string, before: KnownLines): KnownLines | undefined {
  if (before.byKey.size === 0) return undefined;
  const byKey = new Map(before.byKey);
  for (const key of changedKeys(before.lines, lines)) {
    const line = lineIn(lines, key);
    if (line === undefined || !byKey.has(key)) return undefined;
    byKey.set(key, parsedLine(line.slice(0, -1), true));
  }
  return { lines, byKey };
}

function withAll(lines: string, before: KnownLines): KnownLines {
  const starts = indexLines(lines);
  const byKey = new Map<string, KnownLine>();
  for (let at = 0; at < starts.length - 1; at++) {
    const start = starts[at] as number;
    const end = (starts[at + 1] as number) - 1;
    const key = keyAt(lines, start) as string;
    const known = before.byKey.get(key);
    const isSame = known?.text.length === end - start && lines.startsWith(known.text, start);
    byKey.set(key, isSame ? known : parsedLine(lines.slice(start, end), before !== NO_LINES));
  }
  return { lines, byKey };
}

function parsedLine(line: string, isAlone: boolean): KnownLine {
  return { text: isAlone ? copyOf(line) : line, entry: JSON.parse(line) as Entry };
}

/** A part of a text holds all of it in memory: one line of each version would hold them all. */
const copyOf = (line: string): string => new TextDecoder().decode(new TextEncoder().encode(line));

/** Entries as lines; those that are in `before` as they are, are not written again. */
export function writtenLines(entries: readonly Entry[], before: KnownLines): KnownLines {
  return rewritten(entries, before) ?? writtenAnew(entries, before);
}

/** Where no key came or went: what changed takes the place of what it was. */
function rewritten(entries: readonly Entry[], before: KnownLines): KnownLines | undefined {
  if (entries.length !== before.byKey.size) return undefined;
  const byKey = new Map(before.byKey);
  const changes: string[] = [];
  let at = 0;
  for (const [key, { entry: was }] of before.byKey) {
    const entry = entries[at++] as Entry;
    if (entry.k !== key) return undefined;
    if (entry === was) continue;
    const text = entryLine(entry);
    byKey.set(key, { text, entry });
    changes.push(`${text}\n`);
  }
  return { lines: applyDelta(before.lines, changes.join('')), byKey };
}

function writtenAnew(entries: readonly Entry[], before: KnownLines): KnownLines {
  const inOrder = [...entries].sort((one, other) => (one.k < other.k ? -1 : 1));
  const written = inOrder.map((entry): [string, KnownLine] => {
    const known = before.byKey.get(entry.k);
    return [entry.k, known?.entry === entry ? known : { text: entryLine(entry), entry }];
  });
  return { lines: written.map(([, { text }]) => `${text}\n`).join(''), byKey: new Map(written) };
}

export const entriesOf = ({ byKey }: KnownLines): Entry[] => [...byKey.values()].map(({ entry }) => entry);

/** Entries that are not in others as they are. */
export function entriesBeside(entries: readonly Entry[], { byKey }: KnownLines): Entry[] {
  return entries.filter((entry) => byKey.get(entry.k)?.entry !== entry);
}
