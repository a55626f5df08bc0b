/**
 * From authored flags to compiled entries. Pure: what was compiled before comes in as `previous`, so that variations keep the ranges
 * that they have and revisions rise only where something changed.
 */
import type { Authored } from '#schema/authored';
import type { Entry, FlagEntry } from '#schema/entry';
import { ok, type Result, refused } from '#schema/result';
import { projectIssues } from './check-authored.ts';
import { changeIssues } from './check-change.ts';
import { readerIssues, sizeIssues } from './check-size.ts';
import { compileFlag, compileLayers, compileSegment } from './compile-entry.ts';
import { type NamedSplit, splitsOf } from './compile-split.ts';
import type { Issue } from './issue.ts';
import { entryLines } from './line.ts';
import { type Moved, movedIn } from './moved.ts';
import { stampRevisions, unlessSame } from './revisions.ts';

export interface Compiled {
  readonly entries: readonly Entry[];
  /** The same as text, in order of key. Equal to the previous lines where, and only where, nothing changed. */
  readonly lines: string;
  /** Where units change variation, or are kept off. */
  readonly moved: readonly Moved[];
}

/** `version` is the one that the result will be published under: it becomes the revision of what changed. */
export function compile(
  authored: Authored,
  previous: readonly Entry[],
  version: number,
): Result<Compiled, readonly Issue[]> {
  const before = new Map(previous.map((entry) => [entry.k, entry]));
  const issues = [...projectIssues(authored), ...changeIssues(authored, before)];
  if (issues.length > 0) return refused(issues);
  const layers = compileLayers(authored, before);
  const earlier = (key: string): FlagEntry | undefined => before.get(key) as FlagEntry | undefined;
  const splitsBefore = (key: string): NamedSplit[] => {
    const flag = earlier(key);
    return flag === undefined ? [] : splitsOf(flag);
  };
  const flags = Object.entries(authored.flags).map(([key, flag]) =>
    compileFlag(key, flag, { authored, layers, earlier: splitsBefore(key) }),
  );
  const segments = Object.entries(authored.segments).map(([name, segment]) => compileSegment(name, segment));
  const entries = stampRevisions(
    [...flags, ...segments].map((entry) => unlessSame(entry, before.get(entry.k))),
    before,
    version,
  );
  const oversized = sizeIssues(entries);
  if (oversized.length > 0) return refused(oversized);
  const lines = entryLines(entries);
  const unreadable = readerIssues(lines, version);
  if (unreadable.length > 0) return refused(unreadable);
  return ok({ entries, lines, moved: flags.flatMap((flag) => movedIn(flag, earlier(flag.k))) });
}
