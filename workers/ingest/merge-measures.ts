/** Makes one of what the inboxes and shards know that monitoring wants to know. What is told apart is bounded: the largest, and a rest. */
import { groupBy } from './group-by.ts';
import { watermarks } from './inbox-progress.ts';
import type { IncidentCount } from './keep-incidents.ts';
import { type FlagCompleteness, flagsOf, outstandingOf } from './merge-completeness.ts';
import { type Counts, mergeCounts } from './merge-counts.ts';
import { type InboxMeasures, sizeOf, type VariationCount } from './read-measures.ts';

/** The largest of a kind, and what the others have together. */
export interface Largest<T> {
  readonly named: readonly T[];
  readonly rest: number;
}

export interface RegionLag {
  readonly region: string;
  /** Since it was last heard. */
  readonly stalenessMs: number;
  /** Since when its numbers are not whole. */
  readonly watermarkLagMs: number;
}

export interface Measures {
  readonly environment: string;
  readonly counts: Omit<Counts, 'counts' | 'emitters'>;
  readonly outstanding: number;
  readonly rejected: number;
  readonly variations: Largest<VariationCount>;
  /** Regions and flags; the rest is of exposures received. */
  readonly completeness: Largest<FlagCompleteness>;
  readonly incidents: Largest<Omit<IncidentCount, 'revision'>>;
  readonly regions: readonly RegionLag[];
  /** Parts that wait for their shard. */
  readonly waiting: number;
  /** Parts that were put aside, and not replayed. */
  readonly aside: number;
}

export const MOST_NAMED = { variations: 500, completeness: 500, incidents: 100, regions: 100 } as const;

export interface MeasuredParts {
  readonly environment: string;
  readonly inboxes: readonly InboxMeasures[];
  readonly incidents: readonly IncidentCount[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function mergeMeasures({ environment, inboxes, incidents, now }: MeasuredParts): Measures {
  const withoutLists = inboxes.map((one) => ({ ...one.counts, counts: [], emitters: [] }));
  const { counts: _counts, emitters: _emitters, ...counts } = mergeCounts(withoutLists, 1);
  const flags = flagsOf(inboxes.map(({ received }) => received));
  const progress = inboxes.map((one) => one.progress);
  return {
    environment,
    counts,
    outstanding: outstandingOf(counts.ledgers),
    rejected: inboxes.reduce((sum, { rejected }) => sum + rejected, 0),
    variations: variationsOf(inboxes, counts.total),
    completeness: largest(flags, MOST_NAMED.completeness, sizeOf, ({ received }) => received),
    incidents: incidentsOf(incidents),
    regions: regionsOf(progress, now),
    waiting: progress.reduce((sum, { waiting }) => sum + waiting, 0),
    aside: inboxes.reduce((sum, { aside }) => sum + aside, 0),
  };
}

/** What an inbox left out is in the rest, which is of `total`. */
function variationsOf(inboxes: readonly InboxMeasures[], total: number): Measures['variations'] {
  const all = inboxes.flatMap(({ variations }) => variations);
  const summed = summedBy(all, ({ flag, variation }) => `${flag}\n${variation}`);
  const { named } = largest(summed, MOST_NAMED.variations, countOf, countOf);
  return { named, rest: total - named.reduce((sum, { count }) => sum + count, 0) };
}

function incidentsOf(incidents: readonly IncidentCount[]): Measures['incidents'] {
  const summed = summedBy(incidents, ({ kind, flag }) => `${kind}\n${flag}`);
  return largest(
    summed.map(({ kind, flag, count }) => ({ kind, flag, count })),
    MOST_NAMED.incidents,
    countOf,
    countOf,
  );
}

function regionsOf(progress: readonly InboxMeasures['progress'][], now: number): RegionLag[] {
  const heard = new Map<string, number>();
  for (const { region, heard: at } of progress.flatMap(({ regions }) => regions))
    heard.set(region, Math.max(at, heard.get(region) ?? 0));
  const marks = watermarks(progress);
  return [...heard]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_NAMED.regions)
    .map(([region, at]) => ({
      region,
      stalenessMs: Math.max(0, now - at),
      watermarkLagMs: Math.max(0, now - (marks.get(region) ?? 0)),
    }));
}

const countOf = ({ count }: { readonly count: number }): number => count;

function summedBy<T extends { readonly count: number }>(list: readonly T[], keyOf: (one: T) => string): T[] {
  return [...groupBy(list, keyOf).values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, count: others.reduce((sum, { count }) => sum + count, first.count) }],
  );
}

function largest<T>(
  list: readonly T[],
  most: number,
  bySize: (one: T) => number,
  restOf: (one: T) => number,
): Largest<T> {
  const sorted = [...list].sort((a, b) => bySize(b) - bySize(a));
  return { named: sorted.slice(0, most), rest: sorted.slice(most).reduce((sum, one) => sum + restOf(one), 0) };
}
