/** All items of an environment, as `importOperations` takes them: what is exported and imported again changes nothing. */
import type { People } from '#schema/control-operation';
import type { FlagRanges, LayerRanges, RangesOfSet } from '#schema/control-ranges';
import type { ItemSet, WholeSet } from './compare-set.ts';
import { type Item, SECTIONS } from './item.ts';
import { rangesOfItem } from './item-ranges.ts';
import { archivedItems, authoredOf, liveItems } from './neighbourhood.ts';
import type { EnvironmentState } from './state.ts';

/** The live ones, as in files. */
export function exportSet(environment: EnvironmentState): Required<ItemSet> {
  const items = liveItems(environment);
  return { authored: authoredOf(items), people: peopleOf(items) };
}

export function exportWholeSet(environment: EnvironmentState): Required<WholeSet> {
  const [live, archived] = [liveItems(environment), archivedItems(environment)];
  return {
    ...{ authored: authoredOf(live), archived: authoredOf(archived), people: peopleOf([...live, ...archived]) },
    ranges: rangesOf(environment, live),
  };
}

function rangesOf(environment: EnvironmentState, items: readonly Item[]): Required<RangesOfSet> {
  const ranges = { flags: {} as Record<string, FlagRanges>, layers: {} as Record<string, LayerRanges> };
  for (const item of items) {
    const found = rangesOfItem(environment, item);
    if (found === undefined) continue;
    if (item.kind === 'layer') ranges.layers[item.key] = found as LayerRanges;
    else ranges.flags[item.key] = found as FlagRanges;
  }
  return ranges;
}

function peopleOf(items: readonly Item[]): Required<ItemSet>['people'] {
  const people: { [S in (typeof SECTIONS)[keyof typeof SECTIONS]]: Record<string, People> } = {
    segments: {},
    layers: {},
    holdouts: {},
    flags: {},
  };
  for (const item of items) people[SECTIONS[item.kind]][item.key] = item.people;
  return people;
}
