/** Whom a change reaches: whoever refers to what changed, however far. Pure. */
import type { Entry } from '#schema/entry';
import { referencesOf } from './revisions.ts';

/** The keys that changed, and of all entries in those sets whose evaluation goes through one of them. */
export function affectedBy(changed: Iterable<string>, ...sets: (readonly Entry[])[]): Set<string> {
  const found = new Set(changed);
  if (found.size === 0) return found;
  const users = new Map<string, string[]>();
  for (const entry of sets.flat()) {
    for (const key of referencesOf(entry)) {
      const known = users.get(key);
      if (known === undefined) users.set(key, [entry.k]);
      else known.push(entry.k);
    }
  }
  for (const key of found) for (const user of users.get(key) ?? []) found.add(user);
  return found;
}
