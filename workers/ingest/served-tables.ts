/** Who was served what, of which an inbox has to know whether it has seen it before: a row for each unit and what it was served. */
import { ID_BYTES } from './unit-bytes.ts';

/**
 * What is in an exposure's id, told apart by number: flag, revision and variation, which few combinations share; with the unit, each
 * exposure is one row of some 30 bytes. Numbers are never given twice, so that a row that outlives its kind is no other's.
 */
export const SERVED_TABLES = `
CREATE TABLE IF NOT EXISTS kinds (
  kind INTEGER PRIMARY KEY AUTOINCREMENT,
  flag TEXT NOT NULL,
  revision INTEGER NOT NULL,
  variation TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  UNIQUE (flag, revision, variation)
) STRICT;
CREATE TABLE IF NOT EXISTS served (
  unit BLOB NOT NULL,
  kind INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (unit, kind)
) STRICT, WITHOUT ROWID;
`;

export type Kind = readonly [flag: string, revision: number, variation: string];

const KEEP_KINDS = `
INSERT INTO kinds (flag, revision, variation, received_at) SELECT value->>0, value->>1, value->>2, ?2 FROM json_each(?1) WHERE true
ON CONFLICT DO UPDATE SET received_at = max(received_at, excluded.received_at)`;

const FIND_KINDS = `
SELECT kind FROM json_each(?) AS part CROSS JOIN kinds
ON flag = part.value->>0 AND revision = part.value->>1 AND variation = part.value->>2 ORDER BY part.key`;

/** Their numbers, in their order. `receivedAt`: the latest of what is of them (milliseconds since 1970). */
export function numberKinds(sql: SqlStorage, kinds: readonly Kind[], receivedAt: number): number[] {
  const listed = JSON.stringify(kinds);
  sql.exec(KEEP_KINDS, listed, receivedAt);
  return [...sql.exec<{ kind: number }>(FIND_KINDS, listed)].map(({ kind }) => kind);
}

const FIND = `
SELECT part.key AS at, received_at AS receivedAt FROM json_each(?1) AS part
CROSS JOIN served ON served.unit = substr(?2, 1 + part.key * ${ID_BYTES}, ${ID_BYTES}) AND served.kind = part.value`;

/** When those that are known were last received, by their place. Each kind is of the unit in its place. */
export const findServed = (sql: SqlStorage, units: Uint8Array, kinds: readonly number[]): ReadonlyMap<number, number> =>
  new Map(
    [...sql.exec<{ at: number; receivedAt: number }>(FIND, JSON.stringify(kinds), units)].map((row) => [
      row.at,
      row.receivedAt,
    ]),
  );

const KEEP = `
INSERT INTO served (unit, kind, received_at)
SELECT substr(?1, 1 + key * ${ID_BYTES}, ${ID_BYTES}), value, ?3 FROM json_each(?2) WHERE true
ON CONFLICT DO UPDATE SET received_at = excluded.received_at`;

/** New ones, or those that are received again. Quickest in the order of their units, in which the rows lie. */
export function keepServed(sql: SqlStorage, units: Uint8Array, kinds: readonly number[], receivedAt: number): void {
  if (kinds.length > 0) sql.exec(KEEP, units, JSON.stringify(kinds), receivedAt);
}
