/** Decisions of about the last ten seconds, by version: what a region's share is made of. */
import { MAX_DECISION_VERSIONS } from '#schema/stream-limits';
import type { Counted } from '#sdk/edge/decision-counts';

export interface RecentDecisions {
  add(counted: Counted): void;
  now(): { readonly total: number; readonly byVersion: [number, number][] };
}

/** Two halves: the one that is filled now, and the one before. */
const HALF_MS = 5_000;

export function createRecentDecisions(now: () => number): RecentDecisions {
  let half = Number.NaN;
  let current = new Map<number, number>();
  let before = new Map<number, number>();

  function turn(): void {
    const at = Math.floor(now() / HALF_MS);
    if (at === half) return;
    before = at === half + 1 ? current : new Map();
    current = new Map();
    half = at;
  }

  return {
    add(counted) {
      turn();
      for (const [version, count] of counted) current.set(version, (current.get(version) ?? 0) + count);
    },
    now() {
      turn();
      const sums = new Map(before);
      for (const [version, count] of current) sums.set(version, (sums.get(version) ?? 0) + count);
      const newestFirst = [...sums].sort(([a], [b]) => b - a);
      const total = newestFirst.reduce((sum, [, count]) => sum + count, 0);
      return { total, byVersion: newestFirst.slice(0, MAX_DECISION_VERSIONS) };
    },
  };
}
