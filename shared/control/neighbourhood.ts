/**
 * The part of an environment that a change can concern: what it touches, all that uses it, and all that any of them uses. Closed under
 * references, so that it can be checked, compiled and read by itself; small, however many items there are beside it.
 */
import type { Authored } from '#schema/authored';
import { ITEM_KINDS, type Item, isFlagId, itemId, SECTIONS } from './item.ts';
import { entriesOf, get } from './persistent-map.ts';
import { usesOfContent } from './references.ts';
import type { EnvironmentState, Payload } from './state.ts';

/** The ids, and those of all entries that lead to them, by what entries refer to now. */
export function withUsers(ids: Iterable<string>, { usedBy }: Pick<Payload, 'usedBy'>): Set<string> {
  const all = new Set(ids);
  for (const id of all) for (const user of get(usedBy, id) ?? []) all.add(user);
  return all;
}

/** The live items among `ids`, and all live ones that they use. What is missing is missing. */
export function neighbourhood({ items, layerOf }: EnvironmentState, ids: Iterable<string>): Item[] {
  const known = new Set(ids);
  const found: Item[] = [];
  for (const id of known) {
    const layer = isFlagId(id) ? get(layerOf, id) : undefined;
    if (layer !== undefined) known.add(itemId('layer', layer));
    const item = get(items, id);
    if (item === undefined || item.archived) continue;
    found.push(item);
    for (const used of usesOfContent(item)) known.add(used);
  }
  return found;
}

export function authoredOf(items: Iterable<Item>): Authored {
  const authored: { [S in (typeof SECTIONS)[keyof typeof SECTIONS]]: Record<string, unknown> } = {
    segments: {},
    layers: {},
    holdouts: {},
    flags: {},
  };
  for (const { kind, key, body } of items) authored[SECTIONS[kind]][key] = body;
  return authored as Authored;
}

/** In order of kind and key. */
export const liveItems = (environment: Pick<EnvironmentState, 'items'>): Item[] => itemsThat(environment, false);

/** In order of kind and key. */
export const archivedItems = (environment: Pick<EnvironmentState, 'items'>): Item[] => itemsThat(environment, true);

function itemsThat({ items }: Pick<EnvironmentState, 'items'>, areArchived: boolean): Item[] {
  const found = [...entriesOf(items)].flatMap(([, item]) => (item.archived === areArchived ? [item] : []));
  const rank = ({ kind }: Item): number => ITEM_KINDS.indexOf(kind);
  return found.sort((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1));
}
