/** What an inbox has accepted and the archive has not: parts in the order in which they came, without what they repeat. */
import type { AcceptedPart } from './archive-batch.ts';
import type { ReadPart } from './count-parts.ts';
import type { Cell, OutcomeRow } from './inbox-part.ts';
import { unitsAt } from './unit-bytes.ts';

/** Positions are never given twice, whatever was deleted: objects of the archive have them in their names. */
export const ARCHIVE_TABLES = `
CREATE TABLE IF NOT EXISTS archive_log (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  received_at INTEGER NOT NULL,
  cells TEXT NOT NULL,
  exposures TEXT NOT NULL,
  units BLOB NOT NULL,
  outcomes TEXT NOT NULL,
  outcome_ids BLOB NOT NULL,
  outcome_units BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS archive_batch (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  until INTEGER NOT NULL
) STRICT;
`;

/** Places, among a part's exposures and outcomes, of those that the inbox did not have. */
export interface Fresh {
  readonly exposures: readonly number[];
  readonly outcomes: readonly number[];
}

const APPEND = `
INSERT INTO archive_log (received_at, cells, exposures, units, outcomes, outcome_ids, outcome_units)
VALUES (?, ?, ?, ?, ?, ?, ?)`;

/** To be called inside the transaction that accepts them. */
export function appendToArchive(sql: SqlStorage, part: ReadPart, fresh: Fresh): void {
  if (fresh.exposures.length === 0 && fresh.outcomes.length === 0) return;
  const { receivedAt, cells, exposures, units, outcomes, outcomeIds, outcomeUnits } = part;
  const [of, outOf] = [fresh.exposures, fresh.outcomes];
  const [areNew, outcomesAreNew] = [of.length === exposures.length, outOf.length === outcomes.length];
  sql.exec(
    APPEND,
    receivedAt,
    JSON.stringify(cells),
    JSON.stringify(areNew ? exposures : of.map((at) => exposures[at])),
    areNew ? units : unitsAt(units, of),
    JSON.stringify(outcomesAreNew ? outcomes : outOf.map((at) => outcomes[at])),
    outcomesAreNew ? outcomeIds : unitsAt(outcomeIds, outOf),
    outcomesAreNew ? outcomeUnits : unitsAt(outcomeUnits, outOf),
  );
}

interface Row extends Record<string, SqlStorageValue> {
  position: number;
  received_at: number;
  cells: string;
  exposures: string;
  units: ArrayBuffer;
  outcomes: string;
  outcome_ids: ArrayBuffer;
  outcome_units: ArrayBuffer;
}

/** The oldest first, up to `until`. Nothing may be written while it is read. */
export function* readArchiveLog(sql: SqlStorage, until: number): Generator<AcceptedPart> {
  for (const row of sql.exec<Row>('SELECT * FROM archive_log WHERE position <= ? ORDER BY position', until))
    yield {
      position: row.position,
      receivedAt: row.received_at,
      cells: JSON.parse(row.cells) as readonly Cell[],
      exposures: JSON.parse(row.exposures) as AcceptedPart['exposures'],
      units: new Uint8Array(row.units),
      outcomes: JSON.parse(row.outcomes) as readonly OutcomeRow[],
      outcomeIds: new Uint8Array(row.outcome_ids),
      outcomeUnits: new Uint8Array(row.outcome_units),
    };
}

/** Where the batch ends that was begun and is not done; undefined where there is none. */
export const begunBatch = (sql: SqlStorage): number | undefined =>
  [...sql.exec<{ until: number }>('SELECT until FROM archive_batch')][0]?.until;

/** What comes afterwards is of another batch, whenever this one is put: so each object has the same content every time. */
export const beginBatch = (sql: SqlStorage, until: number): void =>
  void sql.exec('INSERT INTO archive_batch (only, until) VALUES (1, ?)', until);

/** To be called inside a transaction. */
export function forgetArchived(sql: SqlStorage, until: number): void {
  sql.exec('DELETE FROM archive_log WHERE position <= ?', until);
  sql.exec('DELETE FROM archive_batch');
}

/** When the oldest part was received that is not archived (milliseconds since 1970); undefined where all are. */
export const oldestUnarchived = (sql: SqlStorage): number | undefined =>
  [...sql.exec<{ at: number }>('SELECT received_at AS at FROM archive_log ORDER BY position LIMIT 1')][0]?.at;
