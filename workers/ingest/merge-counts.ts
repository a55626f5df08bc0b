/** Makes one answer of the inboxes' counts. */
import { type CountKey, encodeCursor } from './counts-query.ts';
import {
  type Count,
  EMITTERS_NAMED,
  type EmitterStanding,
  type InboxCounts,
  type LedgerSum,
  sumLedgers,
  sumTaken,
  type Taken,
} from './read-counts.ts';

export interface Counts {
  readonly counts: readonly (Omit<Count, 'pop'> & { readonly pop: string | null })[];
  readonly total: number;
  /** Parts of beacons that are on disk and not in these counts yet. */
  readonly waiting: number;
  readonly duplicates: number;
  readonly quarantined: number;
  /** Milliseconds since 1970; never goes back. */
  readonly lastReceivedAt: number | null;
  /** Of the environment: an outcome belongs to no flag. */
  readonly outcomes: Taken;
  /** Beside `total`: nobody knows who they were. */
  readonly collapsed: { readonly total: number; readonly lastReceivedAt: number | null };
  readonly ledgers: LedgerSum;
  readonly emitters: readonly EmitterStanding[];
  /** Where the next page starts. */
  readonly next?: string;
}

/**
 * A page of the whole needs no more than such a page of each inbox: whatever is among the first `limit` of all is among the
 * first `limit` wherever it lies.
 */
export function mergeCounts(inboxes: readonly InboxCounts[], limit: number): Counts {
  const merged = [...mergeCells(inboxes.flatMap(({ counts }) => counts))].sort(byKey);
  const page = merged.slice(0, limit);
  const last = page.at(-1);
  const sum = (name: 'total' | 'waiting' | 'duplicates' | 'quarantined'): number =>
    inboxes.reduce((total, one) => total + one[name], 0);
  return {
    counts: page.map((one) => ({ ...one, pop: one.pop === '' ? null : one.pop })),
    total: sum('total'),
    waiting: sum('waiting'),
    duplicates: sum('duplicates'),
    quarantined: sum('quarantined'),
    lastReceivedAt: Math.max(...inboxes.map((one) => one.lastReceivedAt)) || null,
    outcomes: sumTaken(inboxes.map(({ outcomes }) => outcomes)),
    collapsed: {
      total: inboxes.reduce((total, { collapsed }) => total + collapsed.total, 0),
      lastReceivedAt: Math.max(...inboxes.map(({ collapsed }) => collapsed.lastReceivedAt)) || null,
    },
    ledgers: sumLedgers(inboxes.map(({ ledgers }) => ledgers)),
    emitters: inboxes
      .flatMap(({ emitters }) => emitters)
      .sort((a, b) => b.receivedAt - a.receivedAt || compare(a.emitter, b.emitter))
      .slice(0, EMITTERS_NAMED),
    ...(last !== undefined && merged.length > limit && { next: encodeCursor(keyOf(last)) }),
  };
}

function mergeCells(counts: readonly Count[]): Iterable<Count> {
  const merged = new Map<string, Count>();
  for (const one of counts) {
    const key = keyOf(one).join('\n');
    merged.set(key, { ...one, count: one.count + (merged.get(key)?.count ?? 0) });
  }
  return merged.values();
}

const keyOf = ({ flag, variation, version, pop }: Count): CountKey => [flag, variation, version, pop];

/** As SQLite orders: all of these are ASCII. */
const byKey = (a: Count, b: Count): number =>
  compare(a.flag, b.flag) || compare(a.variation, b.variation) || a.version - b.version || compare(a.pop, b.pop);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
