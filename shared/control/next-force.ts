/** What a generation makes of what is in force, once it has a version: entries and their revisions, and not yet their lines. */
import type { Entry } from '#schema/entry';
import { generationChanges, generationEntries } from './payload-lines.ts';
import { get, type PersistentMap, set } from './persistent-map.ts';
import { usesOfEntry } from './references.ts';
import type { EnvironmentState, Force } from './state.ts';

export interface NextForce extends Pick<Force, 'entries' | 'revisions'> {
  /** Those whose revision rises. */
  readonly stamped: ReadonlySet<string>;
}

export interface Acknowledged {
  readonly generation: number;
  readonly version: number;
  /** What the publisher says to have stamped, beside what changed. */
  readonly stamped?: readonly string[];
}

export function nextForce(
  environment: EnvironmentState,
  { generation, version, stamped: more = [] }: Acknowledged,
): NextForce {
  const entries = generationEntries(environment, generation);
  const changed = generationChanges(environment, generation);
  const stamped = withDependents(environment, { entries, generation }, [...changed.keys(), ...more]);
  let { revisions } = environment.force;
  for (const key of stamped) revisions = set(revisions, key, version);
  return { entries, revisions, stamped };
}

/** The entries whose revision rises: what changed and is there, and all that leads to it. */
function withDependents(
  { payload, pending }: EnvironmentState,
  { entries, generation }: { readonly entries: PersistentMap<Entry>; readonly generation: number },
  changed: Iterable<string>,
): Set<string> {
  // The index is of the newest generation: of what was changed since this one, it knows other references.
  const newer = pending.filter((one) => one.generation > generation);
  const earlier = usersAmong(new Set(newer.flatMap(({ changes }) => changes.map(({ key }) => key))), entries);
  const all = new Set(changed);
  for (const id of all) {
    for (const user of [...(get(payload.usedBy, id) ?? []), ...(earlier.get(id) ?? [])]) {
      const entry = all.has(user) ? undefined : get(entries, user);
      if (entry !== undefined && usesOfEntry(entry).has(id)) all.add(user);
    }
  }
  return new Set([...all].filter((key) => get(entries, key) !== undefined));
}

function usersAmong(keys: ReadonlySet<string>, entries: PersistentMap<Entry>): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const key of keys) {
    const entry = get(entries, key);
    for (const id of entry === undefined ? [] : usesOfEntry(entry)) users.set(id, [...(users.get(id) ?? []), key]);
  }
  return users;
}
