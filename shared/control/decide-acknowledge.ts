/** The publisher has put a generation in force. Taken only where the lines that it says it has are those that were meant. */
import { contentDigests } from '#ruleset/write/classify';
import { digestOfText } from '#ruleset/write/digest';
import type { Command } from '#schema/control-command';
import type { Entry } from '#schema/entry';
import { ok, type Result, refused } from '#schema/result';
import { closureOf } from './check-payload.ts';
import type { Event } from './event.ts';
import { isFlagId } from './item.ts';
import { generationChanges, generationEntries, stampedLines } from './payload-lines.ts';
import { get, type PersistentMap } from './persistent-map.ts';
import { usesOfEntry } from './references.ts';
import type { Refusal } from './refusal.ts';
import type { EnvironmentState, State } from './state.ts';

type Acknowledge = Extract<Command, { type: 'acknowledge' }>;
type AcknowledgeKeys = Extract<Command, { type: 'acknowledge-keys' }>;

export function decideAcknowledge(state: State, command: Acknowledge): Result<readonly Event[], Refusal> {
  const { environment: key, generation, version, digest } = command;
  const environment = get(state.environments, key);
  if (environment === undefined) return refused({ code: 'not-found', what: 'environment', key });
  const { payload, force, pending } = environment;
  if (generation > payload.generation) {
    return refused({ code: 'unknown-generation', environment: key, generation, newest: payload.generation });
  }
  // Said twice, or overtaken by a newer one.
  if (!pending.some((one) => one.generation <= generation) && version <= force.version) return ok([]);
  const entries = generationEntries(environment, generation);
  const changed = generationChanges(environment, generation);
  const stamped = withDependents(environment, { entries, generation }, changed.keys());
  const lines = stampedLines(entries, (one) => (stamped.has(one) ? version : (get(force.revisions, one) ?? 0)));
  const found = digestOfText(lines);
  if (found !== digest) return refused({ code: 'digest-differs', environment: key, version, digest, found });
  const named = { environment: key, generation, version, digest, bytes: lines.length };
  return ok([{ type: 'published', ...named, stamped: [...stamped].sort(), served: servedBy(entries, stamped) }]);
}

/** Its lines are no part of the log: which keys there are is, and of those that ended by themselves the publisher need not know. */
export function decideAcknowledgeKeys(state: State, command: AcknowledgeKeys): Result<readonly Event[], Refusal> {
  const { environment: key, version, digest } = command;
  const environment = get(state.environments, key);
  if (environment === undefined) return refused({ code: 'not-found', what: 'environment', key });
  const { keys } = environment;
  if (keys.version === version && keys.digest === digest) return ok([]);
  return ok([{ type: 'keys-published', environment: key, version, digest }]);
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

/** What the flags among `keys` serve from now on, for knowing a return when it comes. */
export function servedBy(entries: PersistentMap<Entry>, keys: ReadonlySet<string>): (readonly [string, string])[] {
  const near = closureOf(keys, (key) => get(entries, key));
  return [...contentDigests(near)]
    .filter(([flag]) => keys.has(flag) && isFlagId(flag))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
