/**
 * What an instance keeps between events, by the platform's `lru-cache` (since 2026-10-29): the platform may take it away when memory is
 * short. Of its page only the beginning could be read: `get()` is as the npm package of that name has it. Source:
 * techdocs.akamai.com/edgeworkers/changelog, "New LRU cache built-in module".
 */
import { LRUCache } from 'lru-cache';
import { keepIn } from './keep-in.ts';

export const keep = keepIn(new LRUCache<string, object>({ max: 4 }));
