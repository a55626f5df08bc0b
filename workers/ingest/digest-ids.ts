/** Inboxes of before kept exposures by their ids, digests, in a table of their own: it is asked until the last of them is forgotten. */
import { encodeBase64url } from '#core/base64url';
import { exposureId } from '#exposure/exposure-id';
import type { Cell } from './inbox-part.ts';
import { NO_BYTES, pruningByAge, type Walk } from './prune-tables.ts';
import { ID_BYTES, packUnits, unitsAt } from './unit-bytes.ts';

const hasDigests = (sql: SqlStorage): boolean =>
  sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'exposures'").toArray().length > 0;

/** To be called before anybody asks: the table goes with its last row. */
export function forgetDigests(sql: SqlStorage): void {
  if (hasDigests(sql) && sql.exec('SELECT 1 FROM exposures LIMIT 1').toArray().length === 0)
    sql.exec('DROP TABLE exposures');
}

export interface Candidates {
  /** Of those that are asked for. */
  readonly places: readonly number[];
  readonly units: Uint8Array;
  cellAt(place: number): Cell;
}

const FIND = `
SELECT part.key AS at FROM json_each(?1) AS part
CROSS JOIN exposures ON exposures.id = substr(?2, 1 + part.key * ${ID_BYTES}, ${ID_BYTES})`;

const FORGET = `
DELETE FROM exposures
WHERE id IN (SELECT substr(?2, 1 + value * ${ID_BYTES}, ${ID_BYTES}) FROM json_each(?1))`;

/**
 * The places of those that it does not have. What it had of them is known by unit from now on, and goes: an inbox that has to hold both
 * would be full.
 */
export function newByDigest(
  sql: SqlStorage,
  environment: string,
  { places, units, cellAt }: Candidates,
): readonly number[] {
  if (places.length === 0 || !hasDigests(sql)) return places;
  const ids = places.map((place) => {
    const [flag, variation, , , revision] = cellAt(place);
    return exposureId(environment, { flag, revision, variation, unit: encodeBase64url(unitsAt(units, [place])) });
  });
  const packed = packUnits(ids);
  const known = new Set([...sql.exec<{ at: number }>(FIND, JSON.stringify(places), packed)].map(({ at }) => at));
  if (known.size > 0) sql.exec(FORGET, JSON.stringify([...known]), packed);
  return places.filter((_, at) => !known.has(at));
}

/** None where there are none. */
export const pruningDigests = (sql: SqlStorage): readonly Walk[] =>
  hasDigests(sql) ? [pruningByAge(sql, 'exposures', 'id', NO_BYTES)] : [];
