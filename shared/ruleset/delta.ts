/**
 * The difference between two versions of a ruleset, as text: the new header line, a line that names the base, and the lines
 * that changed. A line `{"k":"…"}` with nothing but its key removes that entry. The result is rehashed against the new header.
 */
import { MAX_RULESET } from '#schema/limits';
import { refuse } from './expect.ts';
import { indexLines, keyAt } from './lines.ts';

export interface Delta {
  /** The header line of the new version. */
  readonly header: string;
  /** The digest (claim `sha256`) of the lines that it applies to. */
  readonly base: string;
  /** Changed, added and removing lines, in order of key, each with its line feed. */
  readonly changes: string;
}

const BASE_LINE = /^\{"base":"([A-Za-z0-9_-]{43})"\}$/;

/** Throws `Refusal`. */
export function readDelta(text: string): Delta {
  if (text.length > MAX_RULESET) return refuse('delta', text.length);
  const first = text.indexOf('\n');
  const second = text.indexOf('\n', first + 1);
  const base = first < 0 || second < 0 ? undefined : BASE_LINE.exec(text.slice(first + 1, second))?.[1];
  if (base === undefined) return refuse('delta', text.slice(0, 40));
  return { header: text.slice(0, first), base, changes: text.slice(second + 1) };
}

/** The lines of the new version: those of the base, which were read before, with the changes merged in. Throws `Refusal`. */
export function applyDelta(baseLines: string, changes: string): string {
  const changed = indexLines(changes);
  const merged: string[] = [];
  let at = 0;
  for (let change = 0; change < changed.length - 1; change++) {
    const start = changed[change] as number;
    const key = keyAt(changes, start) as string;
    const next = lineNotBelow(baseLines, key, at);
    merged.push(baseLines.slice(at, next));
    at = keyAt(baseLines, next) === key ? baseLines.indexOf('\n', next) + 1 : next;
    const line = changes.slice(start, changed[change + 1] as number);
    if (line !== `{"k":"${key}"}\n`) merged.push(line);
  }
  merged.push(baseLines.slice(at));
  return merged.join('');
}

/** The line of an entry, with its line feed; undefined where there is none. For few keys no index of all lines need be made. */
export function lineIn(lines: string, key: string): string | undefined {
  const start = lineNotBelow(lines, key, 0);
  return keyAt(lines, start) === key ? lines.slice(start, lines.indexOf('\n', start) + 1) : undefined;
}

/** Where the first line starts, from `first` on, whose key is not below that one; found by halving the text, for changes are few. */
export function lineNotBelow(lines: string, key: string, first: number): number {
  let low = first;
  let high = lines.length;
  while (low < high) {
    const start = Math.max(low, lines.lastIndexOf('\n', ((low + high) >> 1) - 1) + 1);
    if ((keyAt(lines, start) as string) < key) low = lines.indexOf('\n', start) + 1;
    else high = start;
  }
  return low;
}
