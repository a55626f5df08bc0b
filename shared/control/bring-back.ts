/** Which entries of the payload are to be as in force, where the publisher changed what was known to be in force. */
import { readerIssues } from '#ruleset/write/check-size';
import { entryLines } from '#ruleset/write/line';
import { referencesOf } from '#ruleset/write/revisions';
import type { Entry } from '#schema/entry';
import { sameEntry } from './draft-payload.ts';
import { entriesOf, get } from './persistent-map.ts';
import type { EnvironmentState } from './state.ts';

/**
 * Those that the publisher changed, and what they refer to that is not there any more. Where that does not fit together with what was
 * changed here, all of them: what serves now is worth more than what was about to.
 */
export function bringBack(
  { payload }: EnvironmentState,
  served: ReadonlyMap<string, Entry>,
  differing: readonly string[],
): string[] {
  const brought = new Set(differing);
  for (const key of brought) {
    const entry = served.get(key);
    for (const used of entry === undefined ? [] : referencesOf(entry)) {
      if (get(payload.entries, used) === undefined) brought.add(used);
    }
  }
  const present = new Set([...[...entriesOf(payload.entries)].map(([key]) => key), ...served.keys()]);
  const mixed = [...present].flatMap((key) => {
    const entry = brought.has(key) ? served.get(key) : get(payload.entries, key);
    return entry === undefined ? [] : [{ ...entry, r: 0 }];
  });
  const fits = readerIssues(entryLines(mixed), 1).length === 0;
  const wanted = fits ? [...brought] : [...present];
  return wanted.filter((key) => !sameEntry(get(payload.entries, key), unstamped(served.get(key)))).sort();
}

const unstamped = (entry: Entry | undefined): Entry | undefined =>
  entry === undefined ? undefined : { ...entry, r: 0 };
