/** What may not change about a flag once it was compiled. */
import type { Authored, AuthoredFlag } from '#schema/authored';
import { BOOLEANS, type Entry, type FlagEntry } from '#schema/entry';
import { variationsOf } from './compile-entry.ts';
import { variationId } from './digest.ts';
import type { Issue } from './issue.ts';
import { isSameSalt, saltIn, saltInWords } from './seeds.ts';

/** A salt that was published is kept; where a flag has no split, its line has none, and only its history could tell. */
export function changeIssues(authored: Authored, before: ReadonlyMap<string, Entry>): Issue[] {
  return [
    ...gateSaltIssues(authored, before),
    ...Object.entries(authored.flags).flatMap(([key, flag]) => flagIssues(key, flag, before)),
  ];
}

function flagIssues(key: string, flag: AuthoredFlag, before: ReadonlyMap<string, Entry>): Issue[] {
  const previous = before.get(key) as FlagEntry | undefined;
  if (previous === undefined) return [];
  const issues: Issue[] = [];
  const salt = saltIn(previous);
  if (salt !== undefined && !isSameSalt(salt, flag.salt)) {
    const message = `is immutable: it was ${saltInWords(salt)}, and another salt gives every user another bucket`;
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
}

/** Layers and holdouts have no lines of their own: their salts stand in those of the flags. */
function gateSaltIssues({ layers, holdouts }: Authored, before: ReadonlyMap<string, Entry>): Issue[] {
  const issues = new Map<string, Issue>();
  for (const entry of before.values()) {
    const { h, l } = entry as FlagEntry;
    for (const [section, gate, authored] of [
      ['holdouts', h, holdouts],
      ['layers', l, layers],
    ] as const) {
      const salt = gate === undefined ? undefined : authored[gate[0]]?.salt;
      if (gate === undefined || salt === undefined || salt === gate[1]) continue;
      const message = `is immutable: it was ${JSON.stringify(gate[1])}, and another salt gives every unit another bucket`;
      issues.set(`${section} ${gate[0]}`, { path: [section, gate[0], 'salt'], message });
    }
  }
  return [...issues.values()];
}
