/**
 * What an instance keeps between events, by the platform's `lru-cache` (since 2026-10-29): the platform may take it away when memory is
 * short. Of its page only the beginning could be read: `get()` is as the npm package of that name has it. Source:
 * techdocs.akamai.com/edgeworkers/changelog, "New LRU cache built-in module".
 */
import { LRUCache } from 'lru-cache';

const kept = new LRUCache<string, object>({ max: 4 });

/** The thing of that name; made where there is none. */
export function keep<T extends object>(name: string, make: () => T): T {
  const found = kept.get(name) as T | undefined;
  if (found !== undefined) return found;
  const made = make();
  kept.set(name, made);
  return made;
}
