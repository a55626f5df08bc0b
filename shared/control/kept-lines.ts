/**
 * The lines of an environment, asked for again and again: only those are made anew that differ from the last time. They are bytes, which
 * are put together several times as fast as texts.
 */
import type { Entry } from '#schema/entry';
import { lineOf } from './payload-lines.ts';
import { changesBetween, emptyMap, get, type PersistentMap, sortedEntries } from './persistent-map.ts';

/** Gives the bytes of what `stampedLines` gives. */
export type KeptLines = (entries: PersistentMap<Entry>, revisions: PersistentMap<number>) => Uint8Array<ArrayBuffer>;

/** Where more than these differ, all are made anew: each one that comes or goes moves those behind it. */
const MANY = 500;

const utf8 = new TextEncoder();

export function createKeptLines(): KeptLines {
  let last = { entries: emptyMap<Entry>(), revisions: emptyMap<number>() };
  let keys: string[] = [];
  let lines: Uint8Array[] = [];

  function put(key: string, line: Uint8Array | undefined): void {
    const at = placeOf(keys, key);
    const there = keys[at] === key ? 1 : 0;
    if (line !== undefined && there === 1) lines[at] = line;
    else {
      keys.splice(at, there, ...(line === undefined ? [] : [key]));
      lines.splice(at, there, ...(line === undefined ? [] : [line]));
    }
  }

  return (entries, revisions) => {
    const lineIn = (key: string, entry: Entry): Uint8Array => utf8.encode(lineOf(key, get(revisions, key) ?? 0, entry));
    const changed = [...changesBetween(last.entries, entries), ...changesBetween(last.revisions, revisions)];
    if (changed.length > MANY) {
      const all = sortedEntries(entries);
      keys = all.map(([key]) => key);
      lines = all.map(([key, entry]) => lineIn(key, entry));
    } else {
      for (const [key] of changed) {
        const entry = get(entries, key);
        put(key, entry && lineIn(key, entry));
      }
    }
    last = { entries, revisions };
    return joined(lines);
  };
}

/** Of the first key that is not less. */
function placeOf(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function joined(lines: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(lines.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const line of lines) {
    all.set(line, at);
    at += line.length;
  }
  return all;
}
