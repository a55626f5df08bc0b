/** How many requests an isolate has answered with which version of the ruleset: what a region's share of decisions is made of. */

/** Version and number, the newest version first. */
export type Counted = readonly (readonly [version: number, count: number])[];

export interface DecisionCounts {
  /** One more request was answered with that version; 0 stands for the offline defaults. */
  count(version: number): void;
  /** All since this was last asked. */
  take(): Counted;
}

/** Versions beyond so many within one interval are the oldest's business: they count as that one. */
const MAX_VERSIONS = 8;

export function createDecisionCounts(): DecisionCounts {
  const counts = new Map<number, number>();
  return {
    count(version) {
      const known = counts.has(version) || counts.size < MAX_VERSIONS ? version : Math.min(...counts.keys());
      counts.set(known, (counts.get(known) ?? 0) + 1);
    },
    take() {
      const taken = [...counts].sort(([a], [b]) => b - a);
      counts.clear();
      return taken;
    },
  };
}
