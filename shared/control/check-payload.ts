/** Whether what is authored fits together, and whether readers and the publisher take what it compiles to. */
import { projectIssues } from '#ruleset/write/check-authored';
import { readerIssues, sizeIssues } from '#ruleset/write/check-size';
import type { Issue } from '#ruleset/write/issue';
import { entryLines } from '#ruleset/write/line';
import { referencesOf } from '#ruleset/write/revisions';
import type { Authored } from '#schema/authored';
import type { Entry } from '#schema/entry';
import { MAX_ENTRIES, MAX_HEADER, MAX_RULESET } from '#schema/limits';
import type { PayloadDraft } from './draft-payload.ts';
import { authoredOf, liveItems, withUsers } from './neighbourhood.ts';
import { get } from './persistent-map.ts';
import type { EnvironmentState } from './state.ts';

/** The publisher stamps revisions of up to 16 digits where there is one here, and puts a header in front. */
const REVISION_BYTES = 15;
const MAX_LINES = MAX_RULESET - MAX_HEADER - 1;

export const payloadIssues = {
  /** `near` is closed under references, so that it is judged as the whole would be. */
  ofItems(environment: EnvironmentState, near: Authored): readonly Issue[] {
    if (projectIssues(near).length === 0) return [];
    // Messages name what there is: of all, which is only looked through once something is wrong.
    const own = new Set(
      Object.entries(near).flatMap(([section, items]) => Object.keys(items).map((key) => `${section} ${key}`)),
    );
    return projectIssues(authoredOf(liveItems(environment))).filter(({ path }) => own.has(`${path[0]} ${path[1]}`));
  },

  ofEntries({ payload }: EnvironmentState, { changes, bytes }: PayloadDraft): readonly Issue[] {
    if (changes.length === 0) return [];
    const changed = new Map(changes.map(({ key, entry }) => [key, entry]));
    const entryAt = (key: string): Entry | undefined =>
      changed.has(key) ? (changed.get(key) ?? undefined) : get(payload.entries, key);
    const added = changes.reduce((sum, { key, entry }) => sum + countOf(entry) - countOf(get(payload.entries, key)), 0);
    const count = payload.entries.size + added;
    const near = closureOf(withUsers(changed.keys(), payload), entryAt);
    return [
      ...totalIssues(count, bytes),
      ...sizeIssues(changes.flatMap(({ entry }) => entry ?? [])),
      ...readerIssues(entryLines(near), 1),
    ];
  },
};

const countOf = (entry: Entry | null | undefined): number => (entry == null ? 0 : 1);

/** The entries of those keys, and all that they refer to. */
export function closureOf(keys: Iterable<string>, entryAt: (key: string) => Entry | undefined): Entry[] {
  const known = new Set(keys);
  const found: Entry[] = [];
  for (const key of known) {
    const entry = entryAt(key);
    if (entry === undefined) continue;
    found.push(entry);
    for (const reference of referencesOf(entry)) known.add(reference);
  }
  return found;
}

function totalIssues(count: number, bytes: number): Issue[] {
  const issues: Issue[] = [];
  if (count > MAX_ENTRIES) {
    issues.push({ path: [], message: `there are ${count} flags and segments, at most ${MAX_ENTRIES}` });
  }
  const total = bytes + count * REVISION_BYTES;
  if (total > MAX_LINES) issues.push({ path: [], message: `all compile to ${total} characters, at most ${MAX_LINES}` });
  return issues;
}
