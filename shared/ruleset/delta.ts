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

/** The lines of the new version: those of the base with the changes merged in. Throws `Refusal`. */
export function applyDelta(baseLines: string, changes: string): string {
  const from = indexLines(baseLines);
  const changed = indexLines(changes);
  const merged: string[] = [];
  let at = 0;
  for (let change = 0; change < changed.length - 1; change++) {
    const start = changed[change] as number;
    const key = keyAt(changes, start) as string;
    const unchangedFrom = from[at] as number;
    at = lineNotBelow(baseLines, from, key, at);
    merged.push(baseLines.slice(unchangedFrom, from[at] as number));
    if (at < from.length - 1 && keyAt(baseLines, from[at] as number) === key) at++;
    const line = changes.slice(start, changed[change + 1] as number);
    if (line !== `{"k":"${key}"}\n`) merged.push(line);
  }
  merged.push(baseLines.slice(from[at] as number));
  return merged.join('');
}

/** The number of the first line, from `first` on, whose key is not below that one; found by halving, for changes are few. */
function lineNotBelow(lines: string, starts: Uint32Array, key: string, first: number): number {
  let low = first;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keyAt(lines, starts[middle] as number) as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
