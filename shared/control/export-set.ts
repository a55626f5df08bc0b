/** All live items of an environment, as `importOperations` takes them: what is exported and imported again changes nothing. */
import type { People } from '#schema/control-operation';
import type { ItemSet } from './compare-set.ts';
import { SECTIONS } from './item.ts';
import { authoredOf, liveItems } from './neighbourhood.ts';
import type { EnvironmentState } from './state.ts';

export function exportSet(environment: EnvironmentState): Required<ItemSet> {
  const items = liveItems(environment);
  const people: { [S in (typeof SECTIONS)[keyof typeof SECTIONS]]: Record<string, People> } = {
    segments: {},
    layers: {},
    holdouts: {},
    flags: {},
  };
  for (const item of items) people[SECTIONS[item.kind]][item.key] = item.people;
  return { authored: authoredOf(items), people };
}
