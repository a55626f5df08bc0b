/** Which ids of a part an inbox did not have: pure. */
import { ID_BYTES } from './inbox-part.ts';

/** Bytes of an id by which it is told apart from the others of a part. */
const HEAD_BYTES = 6;

/** In SQL: the head of the id of a row, as `freshPlaces` takes it. */
export const HEAD = `hex(substr(id, 1, ${HEAD_BYTES}))`;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0').toUpperCase());

/** Places of the ids that were added, whose heads are given in the order in which they were added: that of the ids. */
export function freshPlaces(ids: Uint8Array, heads: readonly string[]): number[] {
  const places = [...new Array(ids.byteLength / ID_BYTES).keys()];
  if (heads.length === places.length) return places;
  let added = 0;
  return places.filter((place) => {
    if (heads[added] !== headAt(ids, place)) return false;
    added++;
    return true;
  });
}

function headAt(ids: Uint8Array, place: number): string {
  let head = '';
  for (let byte = place * ID_BYTES; byte < place * ID_BYTES + HEAD_BYTES; byte++) head += HEX[ids[byte] as number];
  return head;
}
