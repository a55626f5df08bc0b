/** What happened to payloads, and to what the publisher has in force. */

import { MAX_SERVED } from '#schema/control-limits';
import type { Entry } from '#schema/entry';
import type { JournalImported, KeysPublished, Published, PublishRequested } from './event.ts';
import { overrideOf } from './override-of.ts';
import { get, type PersistentMap, remove, set } from './persistent-map.ts';
import { usesOfEntry } from './references.ts';
import type { EntryChange, EnvironmentState, Force, Payload, State } from './state.ts';
import { withEnvironment } from './state-environment.ts';

type PublishEvent = PublishRequested | Published | JournalImported | KeysPublished;

export function evolvePublish(state: State, event: PublishEvent): State {
  return withEnvironment(state, event.environment, (environment) => {
    switch (event.type) {
      case 'publish-requested':
        return requested(environment, event);
      case 'published':
        return published(environment, event);
      case 'journal-imported':
        return imported(environment, event);
      case 'keys-published':
        return { ...environment, keys: { version: event.version, digest: event.digest } };
      default:
        return event satisfies never;
    }
  });
}

function requested(environment: EnvironmentState, event: PublishRequested): EnvironmentState {
  const { generation, changes, confirm, override, bytes } = event;
  return {
    ...environment,
    payload: withChanges(environment.payload, changes, { generation, bytes }),
    pending: [...environment.pending, { generation, changes, confirm, ...(override && { override }) }],
  };
}

function published(environment: EnvironmentState, event: Published): EnvironmentState {
  const { version, digest, bytes, generation } = event;
  const arrived = environment.pending.filter((one) => one.generation <= generation).flatMap(({ changes }) => changes);
  let revisions = environment.force.revisions;
  for (const { key, entry } of arrived) if (entry === null) revisions = remove(revisions, key);
  for (const key of event.stamped) revisions = set(revisions, key, version);
  const entries = entriesWith(environment.force.entries, arrived);
  return {
    ...environment,
    force: { ...environment.force, version, digest, bytes, entries, revisions },
    pending: environment.pending.filter((one) => one.generation > generation),
    served: withServed(environment.served, event.served),
  };
}

function imported(environment: EnvironmentState, event: JournalImported): EnvironmentState {
  const force = forceOf(environment.force, event);
  const brought = event.brought.map((key) => ({ key, entry: get(force.entries, key) ?? null }));
  const { generation, bytes } = event;
  const payload = withChanges(environment.payload, brought, { generation, bytes });
  const changes = event.left.map((key) => ({ key, entry: get(payload.entries, key) ?? null }));
  const confirm = [...new Set(environment.pending.flatMap((one) => one.confirm))];
  const override = overrideOf(environment.pending);
  return {
    ...environment,
    force,
    payload,
    pending:
      changes.length === 0 && override.override === undefined ? [] : [{ generation, changes, confirm, ...override }],
    served: withServed(environment.served, event.served),
  };
}

function forceOf(force: Force, { force: changes, version, digest, entries, forceBytes }: JournalImported): Force {
  let revisions = force.revisions;
  for (const { key, entry } of changes) {
    revisions = entry === null ? remove(revisions, key) : set(revisions, key, entry.r);
  }
  const unstamped = changes.map(({ key, entry }) => ({ key, entry: entry === null ? null : { ...entry, r: 0 } }));
  const journalId = Math.max(force.journalId, ...entries.map(({ id }) => id));
  return { version, digest, journalId, revisions, entries: entriesWith(force.entries, unstamped), bytes: forceBytes };
}

const entriesWith = (entries: PersistentMap<Entry>, changes: readonly EntryChange[]): PersistentMap<Entry> =>
  changes.reduce((all, { key, entry }) => (entry === null ? remove(all, key) : set(all, key, entry)), entries);

function withChanges(
  payload: Payload,
  changes: readonly EntryChange[],
  { generation, bytes }: Pick<Payload, 'generation' | 'bytes'>,
): Payload {
  let { usedBy } = payload;
  for (const { key, entry } of changes) usedBy = withUses(usedBy, key, get(payload.entries, key), entry ?? undefined);
  return { generation, bytes, usedBy, entries: entriesWith(payload.entries, changes) };
}

function withUses(
  usedBy: Payload['usedBy'],
  key: string,
  before: Entry | undefined,
  after: Entry | undefined,
): Payload['usedBy'] {
  const earlier = before === undefined ? new Set<string>() : usesOfEntry(before);
  const later = after === undefined ? new Set<string>() : usesOfEntry(after);
  let next = usedBy;
  for (const id of earlier) {
    if (later.has(id)) continue;
    const left = (get(next, id) ?? []).filter((user) => user !== key);
    next = left.length === 0 ? remove(next, id) : set(next, id, left);
  }
  for (const id of later) if (!earlier.has(id)) next = set(next, id, [...(get(next, id) ?? []), key]);
  return next;
}

const withServed = (served: EnvironmentState['served'], more: Published['served']): EnvironmentState['served'] =>
  more.reduce((all, [flag, content]) => set(all, flag, servedNow(get(all, flag) ?? [], content)), served);

/** What was gone back from is known no more. */
function servedNow(contents: readonly string[], content: string): readonly string[] {
  const at = contents.indexOf(content);
  return at === -1 ? [...contents, content].slice(-MAX_SERVED) : contents.slice(0, at + 1);
}
