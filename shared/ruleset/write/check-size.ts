/** Whether readers take what was compiled: its sizes, then everything, by the reader's own path. */

import { readLines } from '#ruleset/reader';
import type { Entry } from '#schema/entry';
import { MAX_ENTRIES, MAX_LINE, MAX_RULESET } from '#schema/limits';
import { type Issue, pathOf } from './issue.ts';
import { entryLine } from './line.ts';

export function sizeIssues(entries: readonly Entry[]): Issue[] {
  const issues: Issue[] = [];
  if (entries.length > MAX_ENTRIES) {
    issues.push({ path: [], message: `there are ${entries.length} flags and segments, at most ${MAX_ENTRIES}` });
  }
  let total = 0;
  for (const entry of entries) {
    const length = entryLine(entry).length;
    total += length + 1;
    if (length <= MAX_LINE) continue;
    issues.push({ path: pathOf(entry.k), message: `compiles to ${length} characters, at most ${MAX_LINE}` });
  }
  if (total > MAX_RULESET)
    issues.push({ path: [], message: `all compile to ${total} characters, at most ${MAX_RULESET}` });
  return issues;
}

/** For instance a split in more ranges than a line may hold, after many changes of many weights. */
export const readerIssues = (lines: string, version: number): Issue[] =>
  readLines(lines, version)
    .faults()
    .map(({ key, message }) => ({ path: pathOf(key), message: `compiles to what readers refuse: ${message}` }));
