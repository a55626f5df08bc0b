/**
 * Lines as few changes on top of lines that were read before. What a delta brings is a line or two of thousands: to put megabytes together
 * again and to index them for that would cost more than to verify them.
 */
import type { Flag } from '#core/flag';
import { MAX_ENTRIES, MAX_RULESET, SEGMENT_PREFIX } from '#schema/limits';
import { lineNotBelow } from './delta.ts';
import { refuse } from './expect.ts';
import { indexLines, keyAt } from './lines.ts';
import { createLinker } from './link.ts';
import { type RulesetReader, readLines } from './reader.ts';

export interface Overlay {
  /** What the changes are on: a reader of whole lines. */
  readonly base: RulesetReader;
  /** In order of key, each key once. */
  readonly patches: readonly Patch[];
}

/** What stands in the base from `from` up to `to` makes way for a line, with its line feed; an empty one removes the entry. */
export interface Patch {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly line: string;
}

/** Lines that are not known to be the signed ones yet. */
export interface Overlaid {
  /** One behind the other they are the text. */
  readonly pieces: readonly string[];
  /** Throws `Refusal` where they are too many. */
  read(version: number): RulesetReader;
}

/** With more of them the lines are put together, and read as a whole. */
const MAX_PATCHES = 512;
/** As they are where a delta is longer: its lines are slices of it, so that one small line would keep all of it in memory. */
const MAX_CHANGES = 64 * 1024;

/** What is in force with a delta's changes. Throws `Refusal` where those are out of form or order. */
export function overlay(current: RulesetReader, changes: string): Overlaid {
  const { base, patches: before } = current.overlay ?? { base: current, patches: [] };
  const patches = merged(base.lines, before, changes);
  const pieces = piecesOf(base.lines, patches);
  return {
    pieces,
    read(version) {
      if (patches.length > MAX_PATCHES || changes.length > MAX_CHANGES) return readLines(pieces.join(''), version);
      return overlaidReader({ base, patches }, pieces, version);
    },
  };
}

function merged(base: string, before: readonly Patch[], changes: string): Patch[] {
  const starts = indexLines(changes);
  const patches: Patch[] = [];
  let at = 0;
  for (let change = 0; change < starts.length - 1; change++) {
    const start = starts[change] as number;
    const key = keyAt(changes, start) as string;
    for (let one = before[at]; one !== undefined && one.key < key; one = before[++at]) patches.push(one);
    const known = before[at]?.key === key ? before[at++] : undefined;
    const line = changes.slice(start, starts[change + 1] as number);
    patches.push({ ...(known ?? placeOf(base, key)), line: line === `{"k":"${key}"}\n` ? '' : line });
  }
  return [...patches, ...before.slice(at)];
}

function placeOf(base: string, key: string): Omit<Patch, 'line'> {
  const from = lineNotBelow(base, key, 0);
  return { key, from, to: keyAt(base, from) === key ? base.indexOf('\n', from) + 1 : from };
}

function piecesOf(base: string, patches: readonly Patch[]): string[] {
  const pieces: string[] = [];
  let at = 0;
  for (const { from, to, line } of patches) {
    if (from > at) pieces.push(base.slice(at, from));
    if (line !== '') pieces.push(line);
    at = to;
  }
  if (at < base.length) pieces.push(base.slice(at));
  return pieces;
}

/** Only who goes through all entries has the lines put together. */
function overlaidReader(overlay: Overlay, pieces: readonly string[], version: number): RulesetReader {
  const { base, patches } = overlay;
  const flags = new Map<string, Flag>();
  let whole: RulesetReader | undefined;
  const put = (): RulesetReader => (whole ??= readLines(pieces.join(''), version));
  const line = (key: string): string | undefined => {
    const patch = patchOf(patches, key);
    return patch === undefined ? base.line(key) : patch.line.slice(0, -1) || undefined;
  };
  const linker = createLinker(version, line, flags);
  return {
    ...{ version, overlay, pieces, entryCount: countOf(overlay), line, flags },
    get lines() {
      return put().lines;
    },
    firstUse(key) {
      const found = key.startsWith(SEGMENT_PREFIX) ? undefined : line(key);
      return found === undefined ? undefined : linker.flag(key, found);
    },
    flagKeys: () => put().flagKeys(),
    faults: () => put().faults(),
  };
}

/** How many entries there are; no more of them, and no more text, than readers take. */
function countOf({ base, patches }: Overlay): number {
  let { entryCount } = base;
  let { length } = base.lines;
  for (const { from, to, line } of patches) {
    entryCount += (line === '' ? 0 : 1) - (to > from ? 1 : 0);
    length += line.length - (to - from);
  }
  if (length > MAX_RULESET) refuse('lines', length);
  if (entryCount > MAX_ENTRIES) refuse('entries', entryCount);
  return entryCount;
}

function patchOf(patches: readonly Patch[], key: string): Patch | undefined {
  let [low, high] = [0, patches.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((patches[middle] as Patch).key < key) low = middle + 1;
    else high = middle;
  }
  const found = patches[low];
  return found?.key === key ? found : undefined;
}
