/** What monitoring wants to know of one inbox, read in one go. */
import { partsAside } from './inbox-log.ts';
import { type InboxProgress, readProgress } from './inbox-progress.ts';
import { readTallies } from './inbox-tables.ts';
import type { Received } from './merge-completeness.ts';
import { readReceived } from './read-completeness.ts';
import { type InboxCounts, readCounts } from './read-counts.ts';

/** Unique exposures of a flag's variation. */
export interface VariationCount {
  readonly flag: string;
  readonly variation: string;
  readonly count: number;
}

export interface InboxMeasures {
  readonly counts: Omit<InboxCounts, 'counts' | 'emitters'>;
  readonly progress: InboxProgress;
  /** The largest first, `MOST_READ` at most. */
  readonly received: readonly Received[];
  readonly variations: readonly VariationCount[];
  /** Events that were out of form, each time they were sent. */
  readonly rejected: number;
  /** Parts that were put aside, and not replayed. */
  readonly aside: number;
}

/** Names are the emitters' own, so that somebody may make up any number of them. */
const MOST_READ = 5_000;

const VARIATIONS = `
SELECT flag, variation, sum(count) AS count FROM cells GROUP BY flag, variation
HAVING sum(count) > 0 ORDER BY 3 DESC, 1, 2 LIMIT ?`;

/** To be called inside a transaction. `now`: milliseconds since 1970. */
export function readMeasures(sql: SqlStorage, now: number): InboxMeasures {
  const { counts: _counts, emitters: _emitters, ...counts } = readCounts(sql, { limit: 1 });
  return {
    counts,
    progress: readProgress(sql, now),
    received: readReceived(sql)
      .sort((a, b) => sizeOf(b) - sizeOf(a))
      .slice(0, MOST_READ),
    variations: sql.exec<{ flag: string; variation: string; count: number }>(VARIATIONS, MOST_READ).toArray(),
    rejected: readTallies(sql).get('rejected') ?? 0,
    aside: partsAside(sql),
  };
}

/** By which the largest regions and flags are picked. */
export const sizeOf = ({ exposed, received }: Received): number => Math.max(exposed, received);
