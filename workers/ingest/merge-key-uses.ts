/** Makes one answer of what the inboxes know of SDK keys: emitters of several of them may have used the same. */
import type { KeyLastUse } from './keep-key-uses.ts';

export function mergeKeyUses(inboxes: readonly (readonly KeyLastUse[])[]): KeyLastUse[] {
  const latest = new Map<string, number>();
  for (const { sha256, lastUsedAt } of inboxes.flat())
    latest.set(sha256, Math.max(lastUsedAt, latest.get(sha256) ?? 0));
  return [...latest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([sha256, lastUsedAt]) => ({ sha256, lastUsedAt }));
}
