/** How far an inbox's shards are behind it, and how far each region was heard. None of it ever runs backwards. */
import type { ReadPart } from './count-parts.ts';
import { REGION } from './inbox-part.ts';
import { raiseTally, readTallies } from './inbox-tables.ts';

export const PROGRESS_TABLES = `
CREATE TABLE IF NOT EXISTS regions (
  region TEXT PRIMARY KEY,
  heard INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

const HEAR = `
INSERT INTO regions (region, heard) SELECT value->>0, value->>1 FROM json_each(?) WHERE true
ON CONFLICT DO UPDATE SET heard = max(heard, excluded.heard)`;

type HeardPart = Pick<ReadPart, 'cells' | 'exposures'>;

/** A region is as far as its latest exposure. */
export function hearRegions(sql: SqlStorage, parts: readonly HeardPart[]): void {
  const heard = new Map<string, number>();
  const hear = (region: string, time: number): void => void heard.set(region, Math.max(time, heard.get(region) ?? 0));
  for (const { cells, exposures } of parts)
    for (const [cell, time] of exposures) hear(cells[cell]?.[REGION] ?? '', time);
  if (heard.size > 0) sql.exec(HEAR, JSON.stringify([...heard]));
}

/** An emitter that says where it is needs no exposure. */
export const hearRegion = (sql: SqlStorage, region: string, at: number): void =>
  void sql.exec(HEAR, JSON.stringify([[region, at]]));

export interface InboxProgress {
  /** All that was received up to this time is in the shards (milliseconds since 1970, as all times here). */
  readonly drainedThrough: number;
  /** Parts that are not. */
  readonly waiting: number;
  readonly regions: readonly { readonly region: string; readonly heard: number }[];
}

/** To be called inside a transaction. */
export function readProgress(sql: SqlStorage, now: number): InboxProgress {
  const { waiting, oldest } = sql
    .exec<{ waiting: number; oldest: number | null }>('SELECT count(*) AS waiting, min(received_at) AS oldest FROM log')
    .one();
  raiseTally(sql, 'drainedThrough', oldest === null ? now : oldest - 1);
  return {
    drainedThrough: readTallies(sql).get('drainedThrough') ?? 0,
    waiting,
    regions: sql.exec<{ region: string; heard: number }>('SELECT region, heard FROM regions').toArray(),
  };
}

/**
 * Up to when a region's numbers are whole: its latest word, unless shards are behind that. By region, ascending. Each inbox's part of it
 * never falls, so that neither does this.
 */
export function watermarks(inboxes: readonly InboxProgress[]): ReadonlyMap<string, number> {
  const drained = Math.min(...inboxes.map(({ drainedThrough }) => drainedThrough));
  const heard = new Map<string, number>();
  for (const one of inboxes.flatMap(({ regions }) => regions))
    heard.set(one.region, Math.max(one.heard, heard.get(one.region) ?? 0));
  const ascending = [...heard].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(ascending.map(([region, time]) => [region, Math.min(time, drained)]));
}
