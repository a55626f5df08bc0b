/**
 * Finds an entry that cannot be used, for whoever takes a ruleset as a whole or not at all. Of two rulesets that follow one another nearly
 * all lines are the same: what was good once is good again, unless something that it refers to has changed.
 */
import { SEGMENT_PREFIX } from '#schema/limits';
import { changedBetween } from './changed-between.ts';
import { keyAt } from './lines.ts';
import { createLinker } from './link.ts';
import type { Fault, RulesetReader } from './reader.ts';

export interface FaultCheck {
  /** The first entry that cannot be used, by key; undefined where all can. */
  faultIn(reader: RulesetReader): Fault | undefined;
  /** Has these lines count as good: they were checked before, by another process. */
  trust(reader: RulesetReader): void;
}

/** With more to look at than this, everything is. */
const MAX_AFFECTED = 64;

export function createFaultCheck(): FaultCheck {
  let good: RulesetReader | undefined;
  /** The text that was looked through last, and those of its lines that refer to others. */
  let known: { readonly lines: string; readonly referring: string } | undefined;

  /** Undefined where a name has an escape in it: that could be one that is looked for in plain letters. */
  function referringIn({ lines, overlay }: Searched): string | undefined {
    if (known?.lines !== lines) {
      if (ESCAPED_NAME.test(lines)) return undefined;
      known = { lines, referring: referringLines(lines) };
    }
    return ESCAPED_NAME.test(overlay) ? undefined : known.referring + referringLines(overlay);
  }

  /** Keys of entries that changed, and of those that refer to one; undefined where they are many. */
  function affected(before: RulesetReader, after: RulesetReader): string[] | undefined {
    const changed = changedBetween(before, after);
    if (changed.length === 0) return [];
    const referring = referringIn(searchedOf(after));
    if (referring === undefined) return undefined;
    const found = new Set(changed);
    for (const key of found) {
      if (found.size > MAX_AFFECTED) return undefined;
      for (const user of usersOf(key, referring)) found.add(user);
    }
    return [...found].sort();
  }

  return {
    faultIn(reader) {
      const before = good;
      // Revisions are bounded by the version: under a lower one, a good line may be none.
      const keys = before === undefined || reader.version < before.version ? undefined : affected(before, reader);
      const fault = keys === undefined ? reader.faults()[0] : faultAmong(keys, reader);
      if (fault === undefined) good = reader;
      return fault;
    },
    trust(reader) {
      good = reader;
    },
  };
}

function faultAmong(keys: readonly string[], reader: RulesetReader): Fault | undefined {
  const linker = createLinker(reader.version, reader.line, new Map());
  for (const key of keys) {
    const line = reader.line(key);
    const message = line === undefined ? undefined : linker.fault(key, line);
    if (message !== undefined) return { key, message };
  }
  return undefined;
}

/** What names are looked for in: the lines, or those that there are changes on, and the changed lines. */
interface Searched {
  readonly lines: string;
  readonly overlay: string;
}

/** A reader's whole text is not asked for: it would be put together for this. */
const searchedOf = (reader: RulesetReader): Searched => ({
  lines: reader.overlay?.base.lines ?? reader.lines,
  overlay: reader.overlay?.patches.map(({ line }) => line).join('') ?? '',
});

/** JSON writes a printable character so, or as itself. */
const ESCAPED_NAME = /\\u00[2-7]|\\\//i;
/** What an entry refers to another with: its field for prerequisites, or a clause's operator. */
const REFERRING = ['"p"', '"segment"'] as const;

/** The lines that can refer to another: in most rulesets few do, so that a name need not be looked for in all of them. */
function referringLines(lines: string): string {
  const starts = new Set<number>();
  for (const sign of REFERRING) {
    for (let at = lines.indexOf(sign); at >= 0; ) {
      starts.add(lines.lastIndexOf('\n', at) + 1);
      const end = lines.indexOf('\n', at);
      at = end < 0 ? -1 : lines.indexOf(sign, end);
    }
  }
  return [...starts].map((start) => lines.slice(start, lines.indexOf('\n', start) + 1)).join('');
}

/** Keys of the lines that have that name as a text: those that refer to it are among them. */
function usersOf(key: string, lines: string): string[] {
  const name = `"${key.startsWith(SEGMENT_PREFIX) ? key.slice(SEGMENT_PREFIX.length) : key}"`;
  const users: string[] = [];
  for (let at = lines.indexOf(name); at >= 0 && users.length <= MAX_AFFECTED; at = lines.indexOf(name, at + 1)) {
    users.push(keyAt(lines, lines.lastIndexOf('\n', at) + 1) as string);
  }
  return users;
}
