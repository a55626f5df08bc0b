/** How many decisions were made by which version in the last ten seconds. Counting reads no clock: there are millions of them. */
import type { DecisionCounts } from '#schema/ack';

export interface DecisionCounter {
  made(version: number, decisions: number): void;
  /** Of the last ten seconds, as exactly as it is asked for: what was counted between two questions has the time of the second. */
  counts(): DecisionCounts;
}

const WINDOW_MS = 10_000;
const MAX_VERSIONS = 8;

interface Counted {
  readonly at: number;
  readonly version: number;
  readonly count: number;
}

export function createDecisionCounter(now: () => number): DecisionCounter {
  let version = 0;
  let count = 0;
  let counted: readonly Counted[] = [];

  function close(): void {
    if (count > 0) counted = [...counted, { at: now(), version, count }];
    count = 0;
  }

  return {
    made(by, decisions) {
      if (by !== version) {
        close();
        version = by;
      }
      count += decisions;
    },
    counts() {
      close();
      const [until, from] = [now(), now() - WINDOW_MS];
      // A clock that was set back must not keep anything for longer.
      counted = counted.filter(({ at }) => at > from && at <= until);
      const byVersion = new Map<number, number>();
      for (const one of counted) byVersion.set(one.version, (byVersion.get(one.version) ?? 0) + one.count);
      const newest = [...byVersion].sort(([a], [b]) => b - a).slice(0, MAX_VERSIONS);
      return { total: counted.reduce((sum, one) => sum + one.count, 0), byVersion: newest };
    },
  };
}
