/** The items that go with entries which the publisher put in force by itself. */
import { canonicalJson } from '#ruleset/canonical-json';
import type { Entry, FlagEntry } from '#schema/entry';
import { SEGMENT_PREFIX } from '#schema/limits';
import { authorEntry, percentOf } from './author-entry.ts';
import { identityOf } from './check-identity.ts';
import type { ItemEvent } from './event.ts';
import { type Content, type ItemKind, isFlagId, itemId } from './item.ts';
import { entriesOf, get } from './persistent-map.ts';
import { usesOfEntry } from './references.ts';
import type { EnvironmentState } from './state.ts';

export interface Brought {
  /** What is in force, by key. */
  readonly served: ReadonlyMap<string, Entry>;
  readonly brought: readonly string[];
  /** For a flag that was never known, and whose entry has none. */
  readonly salt: () => string;
}

export function authoredItemEvents(environment: EnvironmentState, { served, brought, salt }: Brought): ItemEvent[] {
  const own = brought.flatMap((key) => entryEvent(environment, key, served.get(key), salt));
  const gates = new Set(
    brought.flatMap((key) =>
      [served.get(key), get(environment.payload.entries, key)].flatMap((entry) => [
        ...(entry ? usesOfEntry(entry) : []),
      ]),
    ),
  );
  const taken = new Set(brought);
  const entryAt = (key: string) => (taken.has(key) ? served.get(key) : get(environment.payload.entries, key));
  const flags = [...new Set([...[...entriesOf(environment.payload.entries)].map(([key]) => key), ...served.keys()])]
    .filter(isFlagId)
    .flatMap((key) => entryAt(key) ?? []) as FlagEntry[];
  const named = (kind: 'layer' | 'holdout'): string[] =>
    [...gates].filter((id) => id.startsWith(`${kind}:`)).map((id) => id.slice(kind.length + 1));
  return [
    ...own,
    ...named('layer').flatMap((name) => layerEvent(environment, name, flags)),
    ...named('holdout').flatMap((name) => holdoutEvent(environment, name, flags)),
  ];
}

function entryEvent(
  environment: EnvironmentState,
  id: string,
  entry: Entry | undefined,
  salt: () => string,
): ItemEvent[] {
  const [kind, key]: [ItemKind, string] = isFlagId(id) ? ['flag', id] : ['segment', id.slice(SEGMENT_PREFIX.length)];
  const item = get(environment.items, id);
  if (entry === undefined) {
    if (item === undefined || item.archived) return [];
    return [{ type: 'item-archived', environment: environment.key, kind, key, revision: item.revision + 1 }];
  }
  const identity = item?.identity ?? get(environment.tombstones, id)?.identity;
  const remembered = { ...(item !== undefined && { content: item }), salt: identity?.salt ?? salt() };
  return [putEvent(environment, key, authorEntry(entry, remembered))];
}

/** Its slices are those that the flags have. */
function layerEvent(environment: EnvironmentState, name: string, flags: readonly FlagEntry[]): ItemEvent[] {
  const inside = flags.flatMap(({ k, l }) => (l?.[0] === name ? [[k, l] as const] : []));
  const layer = get(environment.items, itemId('layer', name));
  const [first] = inside;
  if (first === undefined && layer?.kind !== 'layer') return [];
  const before = layer?.kind === 'layer' ? layer.body : undefined;
  const sizeOf = (ranges: readonly number[]): number =>
    ranges.reduce((sum, end, at) => (at % 2 === 1 ? sum + end - (ranges[at - 1] as number) : sum), 0);
  const body = {
    description: before?.description ?? 'Taken over from the publisher.',
    salt: first?.[1][1] ?? (before?.salt as string),
    by: first === undefined ? (before?.by ?? 'user') : (first[1][3] ?? 'user'),
    slices: Object.fromEntries(inside.map(([flag, [, , ranges]]) => [flag, percentOf(sizeOf(ranges))])),
  };
  return unlessSame(environment, name, { kind: 'layer', body });
}

/** Only where all flags that name it agree: else some of them are not what it says, and are told to be. */
function holdoutEvent(environment: EnvironmentState, name: string, flags: readonly FlagEntry[]): ItemEvent[] {
  const gates = flags.flatMap(({ h }) => (h?.[0] === name ? [h] : []));
  const [first] = gates;
  if (first === undefined || gates.some((gate) => canonicalJson(gate) !== canonicalJson(first))) return [];
  const [, salt, buckets, by = 'user'] = first;
  const holdout = get(environment.items, itemId('holdout', name));
  const description = holdout?.body.description ?? 'Taken over from the publisher.';
  return unlessSame(environment, name, {
    kind: 'holdout',
    body: { description, salt, by, percent: percentOf(buckets) },
  });
}

function unlessSame(environment: EnvironmentState, key: string, content: Content): ItemEvent[] {
  const item = get(environment.items, itemId(content.kind, key));
  const same = item !== undefined && !item.archived && canonicalJson(item.body) === canonicalJson(content.body);
  return same ? [] : [putEvent(environment, key, content)];
}

function putEvent(environment: EnvironmentState, key: string, content: Content): ItemEvent {
  const id = itemId(content.kind, key);
  const item = get(environment.items, id);
  const before = item ?? get(environment.tombstones, id);
  return {
    ...{ type: 'item-put', environment: environment.key, kind: content.kind, key, content },
    revision: (before?.revision ?? 0) + 1,
    people: item?.people ?? { tags: [] },
    identity: identityOf(content, before?.identity),
  };
}
