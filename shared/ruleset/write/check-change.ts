/** What may not change about a flag once it was compiled. */
import type { Authored } from '#schema/authored';
import { BOOLEANS, type Entry, type FlagEntry } from '#schema/entry';
import { variationId, variationsOf } from './compile-entry.ts';
import type { Issue } from './issue.ts';

export function changeIssues(authored: Authored, before: ReadonlyMap<string, Entry>): Issue[] {
  return Object.entries(authored.flags).flatMap(([key, flag]) => {
    const previous = before.get(key) as FlagEntry | undefined;
    if (previous === undefined) return [];
    const issues: Issue[] = [];
    if (previous.s !== undefined && previous.s !== flag.salt) {
      const message = `is immutable: it was ${JSON.stringify(previous.s)}, and another salt gives every user another bucket`;
      issues.push({ path: ['flags', key, 'salt'], message });
    }
    const ids = new Map((previous.v ?? BOOLEANS).map(([name, , id]) => [name, id]));
    for (const [name, value] of variationsOf(flag)) {
      const id = ids.get(name);
      if (id === undefined || id === variationId(value)) continue;
      const message = 'is immutable: add a variation of another name with the new value, and shift traffic to it';
      issues.push({ path: ['flags', key, 'variations', name], message });
    }
    return issues;
  });
}
