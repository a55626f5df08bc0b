/**
 * Finds an entry that cannot be used, for whoever takes a ruleset as a whole or not at all. Of two rulesets that follow one another nearly
 * all lines are the same: what was good once is good again, unless something that it refers to has changed.
 */
import { SEGMENT_PREFIX } from '#schema/limits';
import { changedKeys } from './changed-keys.ts';
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
  /** The text that was looked through last for names with an escape in them, and has none. */
  let plain: string | undefined;

  /** A name with an escape in it could be one that is looked for in plain letters. */
  function hasEscapedNames({ overlay, lines }: Searched): boolean {
    if (plain !== lines && ESCAPED_NAME.test(lines)) return true;
    plain = lines;
    return overlay !== undefined && ESCAPED_NAME.test(overlay);
  }

  /** Keys of entries that changed, and of those that refer to one; undefined where they are many. */
  function affected(before: RulesetReader, after: RulesetReader): string[] | undefined {
    const changed = changedBetween(before, after);
    if (changed.length === 0) return [];
    const searched = searchedOf(after);
    if (hasEscapedNames(searched)) return undefined;
    const found = new Set(changed);
    for (const key of found) {
      if (found.size > MAX_AFFECTED) return undefined;
      for (const user of usersOf(key, searched)) found.add(user);
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

/** Of two that are on the same lines, by their changes alone. */
function changedBetween(before: RulesetReader, after: RulesetReader): string[] {
  const { base, patches } = after.overlay ?? {};
  if (base === undefined || patches === undefined || base !== (before.overlay?.base ?? before)) {
    return before.lines === after.lines ? [] : changedKeys(before.lines, after.lines);
  }
  const known = new Map(before.overlay?.patches.map(({ key, line }) => [key, line]));
  const is = new Map(patches.map(({ key, line }) => [key, line]));
  return [...new Set([...known.keys(), ...is.keys()])].filter((key) => known.get(key) !== is.get(key));
}

/** What names are looked for in: the lines, or those that there are changes on, and the changed lines. */
interface Searched {
  readonly lines: string;
  readonly overlay: string | undefined;
}

/** A reader's whole text is not asked for: it would be put together for this. */
const searchedOf = (reader: RulesetReader): Searched =>
  reader.overlay === undefined
    ? { lines: reader.lines, overlay: undefined }
    : {
        lines: reader.overlay.base.lines,
        overlay: reader.overlay.patches.map(({ line }) => line).join(''),
      };

/** JSON writes a printable character so, or as itself. */
const ESCAPED_NAME = /\\u00[2-7]|\\\//i;

/** Keys of the lines that have that name as a text: those that refer to it are among them. */
function usersOf(key: string, { lines, overlay = '' }: Searched): string[] {
  const name = `"${key.startsWith(SEGMENT_PREFIX) ? key.slice(SEGMENT_PREFIX.length) : key}"`;
  return [...usersIn(lines, name), ...usersIn(overlay, name)];
}

function usersIn(lines: string, name: string): string[] {
  const users: string[] = [];
  for (let at = lines.indexOf(name); at >= 0 && users.length <= MAX_AFFECTED; at = lines.indexOf(name, at + 1)) {
    users.push(keyAt(lines, lines.lastIndexOf('\n', at) + 1) as string);
  }
  return users;
}
