/** A whole set of items beside what an environment has: the operations that make it so, and where the two have drifted apart. */
import { canonicalJson } from '#ruleset/canonical-json';
import type { Authored } from '#schema/authored';
import type { ItemOperation, People } from '#schema/control-operation';
import type { FlagRanges, LayerRanges, RangesOfSet } from '#schema/control-ranges';
import { type Bodies, ITEM_KINDS, type Item, type ItemKind, itemId, SECTIONS } from './item.ts';
import { type Compiled, hasRanges } from './item-ranges.ts';
import { liveItems } from './neighbourhood.ts';
import { get } from './persistent-map.ts';
import type { EnvironmentState } from './state.ts';

/** What people say of items, by section and key. Items that it does not name keep theirs. */
export type PeopleOfSet = { readonly [S in (typeof SECTIONS)[ItemKind]]?: Readonly<Record<string, People>> };

export interface ItemSet {
  readonly authored: Authored;
  readonly people?: PeopleOfSet;
}

/**
 * With what files do not have: what is in the archive (no key is in both) and the ranges that splits and slices have come to. Of what is
 * left out, nothing is said.
 */
export interface WholeSet extends ItemSet {
  readonly archived?: Authored;
  readonly ranges?: RangesOfSet;
}

/** What a set is made into: an environment, or one that is still to be made. */
export type Made = Pick<EnvironmentState, 'key' | 'items'> & Compiled;

export interface SetDrift {
  /** In the set, and not (or only archived) in the environment. */
  readonly missing: readonly string[];
  /** In the environment, and not in the set. */
  readonly extra: readonly string[];
  readonly different: readonly string[];
}

export interface ImportOptions {
  /** Whether items that the set does not have are archived; else they stay. */
  readonly prune: boolean;
  /** Flags that are put though they are like that already. */
  readonly override?: readonly string[] | undefined;
}

/** Empty where everything is like that already. Keys that were deleted are among them, and refused with the change. */
export function importOperations(
  environment: Made,
  { archived, ranges, ...live }: WholeSet,
  { prune, override = [] }: ImportOptions,
): ItemOperation[] {
  const entries = entriesOfSet(live, ranges);
  const archivedEntries = archived === undefined ? [] : entriesOfSet({ ...live, authored: archived });
  const named = new Set([...entries, ...archivedEntries].map(({ kind, key }) => itemId(kind, key)));
  const extra = prune ? liveItems(environment).filter(({ kind, key }) => !named.has(itemId(kind, key))) : [];
  return [
    ...entries.flatMap((one) => putOperation(environment, one, override)),
    ...archivedEntries.flatMap((one) => archivedOperation(environment, one)),
    ...extra.map((item) => archiveOperation(environment, item)),
  ];
}

/** Ids of items, in order. People's fields are compared where the set has them. */
export function driftFrom(environment: EnvironmentState, set: ItemSet): SetDrift {
  const entries = entriesOfSet(set);
  const idOf = ({ kind, key }: { kind: ItemKind; key: string }): string => itemId(kind, key);
  const live = (one: SetEntry): Item | undefined => {
    const item = get(environment.items, idOf(one));
    return item?.archived ? undefined : item;
  };
  const named = new Set(entries.map(idOf));
  return {
    missing: entries.filter((one) => live(one) === undefined).map(idOf),
    extra: liveItems(environment)
      .map(idOf)
      .filter((id) => !named.has(id)),
    different: entries.filter((one) => live(one) !== undefined && !isLike(live(one) as Item, one)).map(idOf),
  };
}

interface SetEntry {
  readonly kind: ItemKind;
  readonly key: string;
  readonly body: Bodies[ItemKind];
  readonly people: People | undefined;
  readonly ranges?: FlagRanges | LayerRanges;
}

const entriesOfSet = ({ authored, people }: ItemSet, ranges: RangesOfSet = {}): SetEntry[] =>
  ITEM_KINDS.flatMap((kind) => {
    const section = SECTIONS[kind];
    return Object.entries(authored[section] as Readonly<Record<string, Bodies[ItemKind]>>)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, body]) => {
        const given = kind === 'flag' ? own(ranges.flags, key) : kind === 'layer' ? own(ranges.layers, key) : undefined;
        return { kind, key, body, people: own(people?.[section], key), ...(given && { ranges: given }) };
      });
  });

const own = <V>(all: Readonly<Record<string, V>> | undefined, key: string): V | undefined =>
  all !== undefined && Object.hasOwn(all, key) ? all[key] : undefined;

function putOperation(
  environment: Made,
  { kind, key, body, people, ranges }: SetEntry,
  override: readonly string[],
): ItemOperation[] {
  const item = get(environment.items, itemId(kind, key));
  const isLive = item !== undefined && !item.archived;
  const isAnew = kind === 'flag' && override.includes(key);
  if (isLive && !isAnew && isLike(item, { kind, key, body, people }) && hasRanges(environment, item, ranges)) return [];
  const at = { kind, environment: environment.key, key, base: item?.revision ?? 0, body };
  const op = item?.archived ? 'restore' : 'put';
  return [{ op, ...at, ...(people !== undefined && { people }), ...(ranges && { ranges }) } as ItemOperation];
}

function archivedOperation(environment: Made, { kind, key, body, people }: SetEntry): ItemOperation[] {
  const item = get(environment.items, itemId(kind, key));
  if (item !== undefined && isLike(item, { kind, key, body, people })) {
    return item.archived ? [] : [archiveOperation(environment, item)];
  }
  const at = { kind, environment: environment.key, key, base: item?.revision ?? 0, body };
  return [{ op: 'put', ...at, ...(people !== undefined && { people }), archived: true } as ItemOperation];
}

const archiveOperation = ({ key: environment }: { key: string }, { kind, key, revision }: Item): ItemOperation =>
  ({ op: 'archive', kind, environment, key, base: revision }) as ItemOperation;

const isLike = (item: Item, { body, people = item.people }: SetEntry): boolean =>
  canonicalJson(item.body) === canonicalJson(body) && canonicalJson(item.people) === canonicalJson(people);
