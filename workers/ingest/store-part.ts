/** Puts a part into an inbox. To be called inside a transaction: all of it is kept, or nothing. */

import { appendToArchive } from './archive-log.ts';
import { freshPlaces, HEAD } from './fresh-places.ts';
import { appendToLog } from './inbox-log.ts';
import { ID_BYTES, type Part } from './inbox-part.ts';
import { hearRegions } from './inbox-progress.ts';
import { addToTally, raiseTally } from './inbox-tables.ts';
import { keepWord } from './keep-word.ts';
import { DAY_MS } from './prune-tables.ts';
import { noteReceived } from './read-completeness.ts';
import type { AsideReason } from './verdicts.ts';

/** What became of exposures, or of outcomes. */
export interface Taken {
  /** Those that are new. */
  readonly accepted: number;
  /** Those that the inbox had already. */
  readonly duplicates: number;
  /** Those that were put aside. */
  readonly quarantined: number;
}

export interface Receipt {
  readonly exposures: Taken;
  readonly outcomes: Taken;
}

export const sumTaken = (all: readonly Taken[]): Taken => ({
  accepted: all.reduce((total, { accepted }) => total + accepted, 0),
  duplicates: all.reduce((total, { duplicates }) => total + duplicates, 0),
  quarantined: all.reduce((total, { quarantined }) => total + quarantined, 0),
});

/** Bounds of what an inbox keeps beside exposures. */
export interface InboxBounds {
  /** Exposures in quarantine whose text is kept, and of which duplicates are known. */
  readonly quarantined: number;
  readonly emitters: number;
  /** Whether what is accepted waits for the archive. */
  readonly archives?: boolean;
}

export function storePart(sql: SqlStorage, part: Part, bounds: InboxBounds): Receipt {
  const { receivedAt, word } = part;
  const added = count(sql, part);
  const exposures = taken(part.exposures.length, part.old.length, {
    accepted: added.length,
    quarantined: quarantine(sql, {
      aside: part.old.map((text) => ['too-old', text]),
      ids: part.oldIds,
      receivedAt,
      bound: bounds.quarantined,
    }),
  });
  const { asideOutcomes: aside, asideOutcomeIds: ids } = part;
  const addedOutcomes = keepOutcomes(sql, part);
  const outcomes = taken(part.outcomes.length, aside.length, {
    accepted: addedOutcomes.length,
    quarantined: quarantine(sql, { aside, ids, receivedAt, bound: bounds.quarantined }),
  });
  appendToLog(sql, part);
  if (bounds.archives) appendToArchive(sql, part, { exposures: added, outcomes: addedOutcomes });
  if (added.length < part.exposures.length) seeAgain(sql, part, added);
  hearRegions(sql, part);
  noteReceived(sql, part);
  if (word !== undefined) keepWord(sql, word, receivedAt, bounds.emitters);
  addToTally(sql, 'duplicates', exposures.duplicates);
  addToTally(sql, 'quarantined', exposures.quarantined);
  addToTally(sql, 'outcomes', outcomes.accepted);
  addToTally(sql, 'outcomeDuplicates', outcomes.duplicates);
  addToTally(sql, 'outcomesQuarantined', outcomes.quarantined);
  raiseTally(sql, 'lastReceivedAt', receivedAt);
  return { exposures, outcomes };
}

const taken = (good: number, old: number, { accepted, quarantined }: Omit<Taken, 'duplicates'>): Taken => ({
  accepted,
  duplicates: good + old - accepted - quarantined,
  quarantined,
});

// A statement takes 100 parameters at most, and each costs as much as a row's: one list in JSON makes it one statement a part.

const ADD_CELLS = `
INSERT INTO cells (flag, variation, version, pop, revision, reason, rule, region, cloud, last_at)
SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, ?2
FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`;

const FIND_CELLS = `
SELECT cell FROM json_each(?) AS part CROSS JOIN cells
ON flag = part.value->>0 AND variation = part.value->>1 AND version = part.value->>2 AND pop = part.value->>3
AND revision = part.value->>4 AND reason = part.value->>5 AND rule = part.value->>6 AND region = part.value->>7
AND cloud = part.value->>8
ORDER BY part.key`;

const ADD_EXPOSURES = `
INSERT INTO exposures (id, cell, unit, time, received_at)
SELECT substr(?1, 1 + key * ${ID_BYTES}, ${ID_BYTES}), value->>0, substr(?2, 1 + key * ${ID_BYTES}, ${ID_BYTES}), value->>1, ?3
FROM json_each(?4) WHERE true ON CONFLICT DO NOTHING RETURNING cell, ${HEAD} AS head`;

const COUNT = `
UPDATE cells SET count = count + (part.value->>1), last_at = ?2 FROM json_each(?1) AS part WHERE cell = part.value->>0`;

type Added = { cell: number; head: string };

/** Returns the places of exposures that were new. */
function count(sql: SqlStorage, { cells, exposures, ids, units, receivedAt }: Part): number[] {
  if (exposures.length === 0) return [];
  const listed = JSON.stringify(cells);
  sql.exec(ADD_CELLS, listed, receivedAt);
  const keys = sql.exec<{ cell: number }>(FIND_CELLS, listed).toArray();
  const rows = exposures.map(([place, time]) => [keys[place]?.cell, time]);
  const added = new Map<number, number>();
  const heads: string[] = [];
  for (const { cell, head } of sql.exec<Added>(ADD_EXPOSURES, ids, units, receivedAt, JSON.stringify(rows))) {
    added.set(cell, (added.get(cell) ?? 0) + 1);
    heads.push(head);
  }
  if (heads.length > 0) sql.exec(COUNT, JSON.stringify([...added]), receivedAt);
  return freshPlaces(ids, heads);
}

const SEE_AGAIN = `
UPDATE exposures SET received_at = ?1 WHERE received_at < ?1 - ${DAY_MS}
AND id IN (SELECT substr(?2, 1 + value * ${ID_BYTES}, ${ID_BYTES}) FROM json_each(?3))`;

/** Who is still served what he was is not to be forgotten, and be counted as if he were new: his row is no older than a day. */
function seeAgain(sql: SqlStorage, { exposures, ids, receivedAt }: Part, added: readonly number[]): void {
  const fresh = new Set(added);
  const others = [...exposures.keys()].filter((place) => !fresh.has(place));
  sql.exec(SEE_AGAIN, receivedAt, ids, JSON.stringify(others));
}

const KEEP_OUTCOMES = `
INSERT INTO outcomes (id, received_at)
SELECT substr(?1, 1 + key * ${ID_BYTES}, ${ID_BYTES}), ?2 FROM json_each(?3)
WHERE true ON CONFLICT DO NOTHING RETURNING ${HEAD} AS head`;

/** Returns the places of those that were new. */
function keepOutcomes(sql: SqlStorage, { outcomes, outcomeIds, receivedAt }: Part): number[] {
  if (outcomes.length === 0) return [];
  const rows = sql.exec<{ head: string }>(KEEP_OUTCOMES, outcomeIds, receivedAt, JSON.stringify(outcomes));
  return freshPlaces(
    outcomeIds,
    [...rows].map(({ head }) => head),
  );
}

const QUARANTINE = `
INSERT INTO quarantine (id, reason, exposure, received_at)
SELECT substr(?1, 1 + key * ${ID_BYTES}, ${ID_BYTES}), value->>0, value->>1, ?2
FROM json_each(?3) WHERE true ON CONFLICT DO NOTHING RETURNING seq`;

const LET_OLDEST_GO = 'DELETE FROM quarantine WHERE seq <= (SELECT max(seq) FROM quarantine) - ?';

interface Aside {
  readonly aside: readonly (readonly [reason: AsideReason | 'too-old', text: string])[];
  readonly ids: Uint8Array;
  readonly receivedAt: number;
  readonly bound: number;
}

/** Returns how many were new. Of what no longer has room the number remains. */
function quarantine(sql: SqlStorage, { aside, ids, receivedAt, bound }: Aside): number {
  if (aside.length === 0) return 0;
  const added = sql.exec(QUARANTINE, ids, receivedAt, JSON.stringify(aside)).toArray().length;
  sql.exec(LET_OLDEST_GO, bound);
  return added;
}
