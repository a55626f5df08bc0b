/** What kind of change each flag undergoes whose decisions may differ. */
import { type ChangeClass, classify } from '#ruleset/write/classify';
import type { Entry } from '#schema/entry';
import { closureOf } from './check-payload.ts';
import type { PayloadDraft } from './draft-payload.ts';
import { withUsers } from './neighbourhood.ts';
import { get, has } from './persistent-map.ts';
import type { EnvironmentState } from './state.ts';

export function flagClasses(
  { payload, served }: EnvironmentState,
  { changes }: PayloadDraft,
): Readonly<Record<string, ChangeClass>> {
  if (changes.length === 0) return {};
  const changed = new Map(changes.map(({ key, entry }) => [key, entry]));
  const keys = withUsers(changed.keys(), payload);
  const entryBefore = (key: string): Entry | undefined => get(payload.entries, key);
  const entryAfter = (key: string): Entry | undefined =>
    changed.has(key) ? (changed.get(key) ?? undefined) : entryBefore(key);
  const classes = classify(closureOf(keys, entryBefore), closureOf(keys, entryAfter), (flag, content) =>
    has(served, `${flag} ${content}`),
  );
  // What is merely used, before or after, is in one of the two sets alone.
  return Object.fromEntries([...classes].filter(([flag]) => keys.has(flag)).sort(([a], [b]) => (a < b ? -1 : 1)));
}
