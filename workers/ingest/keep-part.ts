/**
 * Puts a part where a crash does not reach it. What it holds is counted later, of many parts at once; what its emitter says with it is heard
 * now. To be called inside a transaction.
 */
import { appendToLog } from './inbox-log.ts';
import type { Part, PartAside } from './inbox-part.ts';
import { hearRegion } from './inbox-progress.ts';
import { addToTally, raiseTally } from './inbox-tables.ts';
import { keepWord } from './keep-word.ts';
import { ID_BYTES } from './unit-bytes.ts';
import type { AsideReason } from './verdicts.ts';

/** Bounds of what an inbox keeps beside exposures. */
export interface InboxBounds {
  /** Exposures in quarantine whose text is kept, and of which duplicates are known. */
  readonly quarantined: number;
  readonly emitters: number;
}

/** How many bytes of the log it takes now: none where there is nothing to be counted. */
export function keepPart(sql: SqlStorage, part: Part, { quarantined: bound, emitters }: InboxBounds): number {
  const { receivedAt, units, outcomes, aside, word } = part;
  if (aside !== undefined) putAside(sql, aside, receivedAt, bound);
  // Never later than at the answer, and so in the order in which an emitter is answered: a batch that waits would be one that is missing.
  if (word !== undefined) {
    if (word.region !== undefined) hearRegion(sql, word.region, receivedAt);
    keepWord(sql, word, receivedAt, emitters);
  }
  if (units.byteLength > 0 || outcomes !== undefined) return appendToLog(sql, part);
  raiseTally(sql, 'lastReceivedAt', receivedAt);
  return 0;
}

function putAside(sql: SqlStorage, aside: PartAside, receivedAt: number, bound: number): void {
  const { exposures, exposureIds, outcomes, outcomeIds } = aside;
  const old = exposures.map((text) => ['too-old', text] as const);
  const added = quarantine(sql, { aside: old, ids: exposureIds, receivedAt, bound });
  addToTally(sql, 'quarantined', added);
  addToTally(sql, 'duplicates', exposures.length - added);
  const addedOutcomes = quarantine(sql, { aside: outcomes, ids: outcomeIds, receivedAt, bound });
  addToTally(sql, 'outcomesQuarantined', addedOutcomes);
  addToTally(sql, 'outcomeDuplicates', outcomes.length - addedOutcomes);
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
