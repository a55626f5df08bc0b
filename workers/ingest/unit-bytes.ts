/** Units as bytes in a row, `ID_BYTES` each. */
import { ID_BYTES } from './inbox-part.ts';

/** Equal for equal units, and nothing to be read. */
export function unitAt(units: Uint8Array, at: number): string {
  let text = '';
  for (let byte = at * ID_BYTES; byte < (at + 1) * ID_BYTES; byte += 2)
    text += String.fromCharCode(((units[byte] as number) << 8) | (units[byte + 1] as number));
  return text;
}

/** The units of these places, in this order. */
export function unitsAt(units: Uint8Array, places: readonly number[]): Uint8Array {
  const picked = new Uint8Array(places.length * ID_BYTES);
  places.forEach((place, at) => {
    picked.set(units.subarray(place * ID_BYTES, (place + 1) * ID_BYTES), at * ID_BYTES);
  });
  return picked;
}

export function joinUnits(all: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(all.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const one of all) {
    joined.set(one, at);
    at += one.byteLength;
  }
  return joined;
}
