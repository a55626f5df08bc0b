/**
 * Reads the lines of a ruleset: an index of where each begins, made at once, and each entry decoded at its first use.
 * Verification comes before (`verify.ts`); this file trusts nothing but the bounds that it checks itself.
 */
import type { Flag, Ruleset } from '#core/flag';
import { SEGMENT_PREFIX } from '#schema/limits';
import { findLine, indexLines, keyAt } from './lines.ts';
import { createLinker } from './link.ts';
import type { Overlay } from './overlay.ts';

/** An entry that the reader cannot use, and why. */
export interface Fault {
  readonly key: string;
  readonly message: string;
}

export interface RulesetReader extends Ruleset {
  /** The lines as they were read. */
  readonly lines: string;
  /** The same in the parts that they lie in: who goes through them once need not have them put together. */
  readonly pieces: readonly string[];
  readonly entryCount: number;
  /** The line of an entry, without its line feed; undefined where there is none. */
  line(key: string): string | undefined;
  /** Decodes every entry and tells which ones it cannot use. The edge does not call it; relays and the canary do. */
  faults(): Fault[];
  /** Where it was read as few changes on top of lines that were read before (`overlay.ts`). */
  readonly overlay?: Overlay;
}

/** Throws `Refusal` where the lines are not one entry each, in ascending order of key. */
export function readLines(lines: string, version: number): RulesetReader {
  const starts = indexLines(lines);
  const entryCount = starts.length - 1;
  const flags = new Map<string, Flag>();
  let flagKeys: readonly string[] | undefined;

  /** Behind the line that was found last: whoever goes through all keys asks for that one next. */
  let guess = 0;

  const line = (key: string): string | undefined => {
    const at = findLine(lines, starts, key, guess);
    guess = at + 1;
    return at < 0 ? undefined : lines.slice(starts[at] as number, (starts[at + 1] as number) - 1);
  };
  const linker = createLinker(version, line, flags);
  const firstUse = (key: string): Flag | undefined => {
    const found = key.startsWith(SEGMENT_PREFIX) ? undefined : line(key);
    return found === undefined ? undefined : linker.flag(key, found);
  };
  const keys = (): string[] => {
    const found = new Array<string>(entryCount);
    for (let at = 0; at < entryCount; at++) found[at] = keyAt(lines, starts[at] as number) as string;
    return found;
  };

  return {
    version,
    lines,
    pieces: [lines],
    entryCount,
    line,
    flags,
    firstUse,
    // Copied: the list that a filter makes has room for up to half as much again.
    flagKeys: () =>
      (flagKeys ??= keys()
        .filter((key) => !key.startsWith(SEGMENT_PREFIX))
        .slice()),
    faults: () =>
      keys().flatMap((key) => {
        const message = linker.fault(key, line(key) as string);
        return message === undefined ? [] : [{ key, message }];
      }),
  };
}
