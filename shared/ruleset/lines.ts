/** The lines of a ruleset as text: one entry each, its key first, in ascending order of key. */
import { MAX_ENTRIES, MAX_LINE, MAX_RULESET } from '#schema/limits';
import { refuse } from './expect.ts';

const LINE_START = '{"k":"';

/** Where each line starts, and behind the last one where it ends. Throws `Refusal` where the lines are out of form or order. */
export function indexLines(lines: string): Uint32Array {
  if (lines.length > MAX_RULESET) refuse('lines', lines.length);
  const starts: number[] = [0];
  let previous: string | undefined;
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf('\n', start);
    const key = keyAt(lines, start);
    if (
      end - start > MAX_LINE ||
      key === undefined ||
      start + key.length >= end - LINE_START.length ||
      (previous !== undefined && key <= previous)
    ) {
      return refuse('line', lines.slice(start, start + 60));
    }
    previous = key;
    start = end + 1;
    starts.push(start);
  }
  if (starts.length > MAX_ENTRIES + 1) refuse('entries', starts.length - 1);
  return Uint32Array.from(starts);
}

/** The key of the line at `start`; undefined where there is none. */
export function keyAt(lines: string, start: number): string | undefined {
  if (!lines.startsWith(LINE_START, start)) return undefined;
  const from = start + LINE_START.length;
  const quote = lines.indexOf('"', from);
  return quote < 0 ? undefined : lines.slice(from, quote);
}

function isLineOf(lines: string, start: number, key: string): boolean {
  const from = start + LINE_START.length;
  return lines.startsWith(key, from) && lines[from + key.length] === '"';
}

/** The number of the line with that key, by halving; -1 where there is none. `first` is looked at before: it may be a good guess. */
export function findLine(lines: string, starts: Uint32Array, key: string, first: number): number {
  let low = 0;
  let high = starts.length - 2;
  let middle = Math.min(first, high);
  while (low <= high) {
    const start = starts[middle] as number;
    if (isLineOf(lines, start, key)) return middle;
    if ((keyAt(lines, start) as string) < key) low = middle + 1;
    else high = middle - 1;
    middle = (low + high) >> 1;
  }
  return -1;
}
