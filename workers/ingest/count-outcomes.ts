/** Keeps the ids of outcomes, each once. */
import type { ReadPart } from './count-parts.ts';
import { ID_BYTES, joinUnits, unitAt, unitsAt } from './unit-bytes.ts';

const FIND = `
SELECT part.key AS at FROM json_each(?1) AS part
CROSS JOIN outcomes ON outcomes.id = substr(?2, 1 + part.key * ${ID_BYTES}, ${ID_BYTES})`;

const KEEP = `
INSERT INTO outcomes (id, received_at) SELECT substr(?1, 1 + key * ${ID_BYTES}, ${ID_BYTES}), value FROM json_each(?2)`;

/** Returns, of each part, the places of those that were new. */
export function countOutcomes(sql: SqlStorage, parts: readonly ReadPart[]): number[][] {
  const ids = joinUnits(parts.map(({ outcomeIds }) => outcomeIds));
  const receivedAt = parts.flatMap((part) => part.outcomes.map(() => part.receivedAt));
  if (receivedAt.length === 0) return parts.map(() => []);
  const known = new Set(
    [...sql.exec<{ at: number }>(FIND, JSON.stringify(receivedAt), ids)].map(({ at }) => unitAt(ids, at)),
  );
  let before = 0;
  const fresh = parts.map(({ outcomes }) => {
    const from = before;
    before += outcomes.length;
    return [...outcomes.keys()].filter((place) => {
      const id = unitAt(ids, from + place);
      return !known.has(id) && known.add(id);
    });
  });
  keep(sql, ids, receivedAt, parts, fresh);
  return fresh;
}

function keep(
  sql: SqlStorage,
  ids: Uint8Array,
  receivedAt: readonly number[],
  parts: readonly ReadPart[],
  fresh: readonly (readonly number[])[],
): void {
  let before = 0;
  const places = parts.flatMap(({ outcomes }, part) => {
    const from = before;
    before += outcomes.length;
    return (fresh[part] ?? []).map((place) => from + place);
  });
  if (places.length > 0) sql.exec(KEEP, unitsAt(ids, places), JSON.stringify(places.map((place) => receivedAt[place])));
}
