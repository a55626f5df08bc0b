/** Beacons that are small enough: browsers take 64 KiB of all that is on its way behind a page, and refuse what is above it. */
import type { Beacon } from '#exposure/exposure';
import type { Item } from './item.ts';

export const MAX_CHUNK = 16 * 1024;

export interface Chunk {
  readonly items: readonly Item[];
  readonly body: string;
}

const encoder = new TextEncoder();

/** As few as there can be, in the order of the items; one item that is too large by itself is one of its own. */
export function chunksOf(items: readonly Item[], head: Omit<Beacon, 'events'>): Chunk[] {
  const empty = encoder.encode(JSON.stringify({ ...head, events: [], outcomes: [] })).byteLength;
  const chunks: Chunk[] = [];
  let open: Item[] = [];
  let bytes = empty;
  for (const item of items) {
    const size = encoder.encode(JSON.stringify(item.what)).byteLength + 1;
    if (open.length > 0 && bytes + size > MAX_CHUNK) {
      chunks.push(chunkOf(open, head));
      open = [];
      bytes = empty;
    }
    open.push(item);
    bytes += size;
  }
  if (open.length > 0) chunks.push(chunkOf(open, head));
  return chunks;
}

export function chunkOf(items: readonly Item[], head: Omit<Beacon, 'events'>): Chunk {
  const those = (of: Item['of']): object[] => items.filter((item) => item.of === of).map(({ what }) => what);
  const [events, outcomes] = [those('events'), those('outcomes')];
  return { items, body: JSON.stringify({ ...head, events, ...(outcomes.length > 0 && { outcomes }) }) };
}
