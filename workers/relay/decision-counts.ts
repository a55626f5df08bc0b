/** How many decisions were made in the last ten seconds, by the version that made them. The clock is injected. */
import type { Ack } from '#schema/acks';
import { DECISION_WINDOW_MS, MAX_DECISION_VERSIONS } from '#schema/stream-limits';

export type DecisionCounts = NonNullable<Ack['decisions']>;

export interface DecisionCounter {
  made(decisions: number, version: number): void;
  counts(): DecisionCounts;
}

interface Second {
  /** Since 1970. */
  readonly at: number;
  readonly byVersion: Map<number, number>;
}

const WINDOW_S = DECISION_WINDOW_MS / 1_000;

export function createDecisionCounter(now: () => number): DecisionCounter {
  let seconds: readonly Second[] = [];
  let latest: Second | undefined;

  function second(): Second {
    const at = Math.floor(now() / 1_000);
    if (latest?.at === at) return latest;
    latest = { at, byVersion: new Map() };
    // A clock that was set back leaves none that is to come.
    seconds = [...seconds.filter((one) => one.at < at && one.at > at - WINDOW_S), latest];
    return latest;
  }

  return {
    made(decisions, version) {
      const { byVersion } = second();
      byVersion.set(version, (byVersion.get(version) ?? 0) + decisions);
    },
    counts() {
      second();
      const sums = new Map<number, number>();
      for (const { byVersion } of seconds) {
        for (const [version, count] of byVersion) sums.set(version, (sums.get(version) ?? 0) + count);
      }
      const byVersion = [...sums].sort(([a], [b]) => b - a);
      const total = byVersion.reduce((sum, [, count]) => sum + count, 0);
      return { total, byVersion: byVersion.slice(0, MAX_DECISION_VERSIONS) };
    },
  };
}
