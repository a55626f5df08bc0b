/** The loops that the peers share. A process measures one peer in one case, so a loop still sees one kind of call. */
import type { Runner, Value } from '../subject.ts';

/** Goes round `items`; `decide` gives the value for one. */
export function looped<T>(items: readonly T[], decide: (item: T) => unknown, wanted: Value): Runner {
  let at = 0;
  return (count) => {
    let hits = 0;
    for (let run = 0; run < count; run++) {
      if (decide(items[at] as T) === wanted) hits++;
      if (++at === items.length) at = 0;
    }
    return hits;
  };
}

/** Goes round `items`; `decideAll` gives the number of decisions for one. */
export function loopedAll<T>(items: readonly T[], decideAll: (item: T) => number): Runner {
  let at = 0;
  return (count) => {
    let decisions = 0;
    for (let run = 0; run < count; run++) {
      decisions += decideAll(items[at] as T);
      if (++at === items.length) at = 0;
    }
    return decisions;
  };
}

/** As users' attributes come: parsed from JSON, each of one shape. */
export const parsed = <T>(values: readonly T[]): T[] => JSON.parse(JSON.stringify(values)) as T[];
