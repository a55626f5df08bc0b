/** Whether what was compiled keeps to the sizes that readers take. */
import type { Entry } from '#schema/entry';
import { MAX_ENTRIES, MAX_LINE, MAX_RULESET, SEGMENT_PREFIX } from '#schema/limits';
import type { Issue } from './issue.ts';
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
    const { k } = entry;
    const path = k.startsWith(SEGMENT_PREFIX) ? ['segments', k.slice(SEGMENT_PREFIX.length)] : ['flags', k];
    issues.push({ path, message: `compiles to ${length} characters, at most ${MAX_LINE}` });
  }
  if (total > MAX_RULESET)
    issues.push({ path: [], message: `all compile to ${total} characters, at most ${MAX_RULESET}` });
  return issues;
}
