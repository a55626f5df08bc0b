/** Stamps each entry with the version at which anything that it uses last changed. */

import { canonicalJson } from '#ruleset/canonical-json';
import type { ClauseEntry, Entry, FlagEntry, SegmentEntry } from '#schema/entry';
import { SEGMENT_PREFIX } from '#schema/limits';
import { withSeed } from './seeds.ts';

export const isSegment = (entry: Entry): entry is SegmentEntry => entry.k.startsWith(SEGMENT_PREFIX);

/** The keys of the entries that an entry names. */
export function referencesOf(entry: Entry): string[] {
  if (entry.u === undefined && (isSegment(entry) || entry.p === undefined)) return [];
  const clauses = isSegment(entry) ? (entry.u ?? []).flat() : (entry.u ?? []).flatMap(([, when]) => when);
  const required = isSegment(entry) ? [] : (entry.p ?? []).map(([key]) => key);
  return [...required, ...clauses.flatMap(segmentKeys)];
}

const segmentKeys = (clause: ClauseEntry): string[] =>
  clause[0] === 'segment' ? (clause[1] as string[]).map((name) => SEGMENT_PREFIX + name) : [];

/** What an entry says, its revision left out, however its salt is written. */
export const contentOf = (entry: Entry): string => canonicalJson({ ...withSeed(entry), r: 0 });

/** The entry as it was, where it says the same: a line that only another notation would alter stays as it is. */
export const unlessSame = <E extends Entry>(entry: E, previous: Entry | undefined): E | Entry =>
  previous !== undefined && contentOf(previous) === contentOf(entry) ? previous : entry;

const textOf = (entry: Entry): string => canonicalJson({ ...entry, r: 0 });

/** An entry that has its revision already stays the object that it is: who compares needs no look inside. */
export function stampRevisions(
  entries: readonly Entry[],
  before: ReadonlyMap<string, Entry>,
  version: number,
): (FlagEntry | SegmentEntry)[] {
  const byKey = new Map(entries.map((entry) => [entry.k, entry]));
  const stamped = new Map<string, number>();

  /** References form no cycle: that is checked before. */
  function revisionOf(entry: Entry): number {
    const known = stamped.get(entry.k);
    if (known !== undefined) return known;
    const previous = before.get(entry.k);
    const isSame = previous === entry || (previous !== undefined && textOf(previous) === textOf(entry));
    const own = isSame ? previous.r : version;
    const used = referencesOf(entry).map((key) => revisionOf(byKey.get(key) as Entry));
    const revision = Math.max(own, ...used);
    stamped.set(entry.k, revision);
    return revision;
  }

  return entries.map((entry) => {
    const r = revisionOf(entry);
    return r === entry.r ? entry : { ...entry, r };
  });
}
