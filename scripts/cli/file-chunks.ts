/** The bytes of a file, one portion after another in the same memory: fresh memory for each costs as much as hashing what is in it. */
import { closeSync, openSync, readSync } from 'node:fs';

/** Small enough for what was just read to be in a processor's cache while it is looked at. */
const PORTION = 256 * 1024;

/** A portion is good until the next is asked for. */
export function* fileChunks(path: string, portion = PORTION): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    const room = Buffer.allocUnsafeSlow(portion);
    for (let length = readSync(file, room); length > 0; length = readSync(file, room)) yield room.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
