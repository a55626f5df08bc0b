/** Records in files that only grow at their end: first in, first out. A file goes when all that is in it is settled. */

import type { SpillDisk } from './spill-disk.ts';
import { contentOf, encodeRecord, type RecordHead, recordsIn } from './spill-record.ts';

export interface StoredRecord extends RecordHead {
  readonly content: Uint8Array;
}

export interface Segments {
  /** Of all that lies here and is not settled. */
  readonly found: Readonly<Record<'records' | 'exposures' | 'highest' | 'unreadable', number>>;
  /** By growing numbers; several may be under way. Rejects where the disk does: what it had written by then is passed over. */
  append(head: RecordHead, content: Uint8Array): Promise<void>;
  /** The oldest, at most so many; rejects where a file cannot be read. */
  oldest(count: number): Promise<readonly StoredRecord[]>;
  /** Everything up to this number has its fate. Whether files are to go. */
  settle(sequence: number): boolean;
  /** Removes them. */
  sweep(): Promise<void>;
  /** The oldest file is passed over, and left where it is: it cannot be read. */
  passOver(): void;
  bytes(): number;
}

interface Segment {
  readonly name: string;
  bytes: number;
  /** With what is being written. */
  reserved: number;
  /** Of its last record. */
  last: number;
}

export const SEGMENT_BYTES = 4 * 1024 * 1024;
const NAME = /^(\d{16})\.spill$/;

const segmentNames = async (disk: SpillDisk): Promise<string[]> =>
  (await disk.list()).filter((name) => NAME.test(name)).sort();

/** The one that was written last, wherever it is the last that is whole. */
export async function lastRecord(disk: SpillDisk): Promise<StoredRecord | undefined> {
  for (const name of (await segmentNames(disk)).reverse()) {
    const bytes = await disk.read(name).catch(() => new Uint8Array());
    const place = recordsIn(bytes).at(-1);
    if (place !== undefined) return { ...place, content: contentOf(bytes, place) };
  }
  return undefined;
}

export async function openSegments(disk: SpillDisk, settled: number, segmentBytes = SEGMENT_BYTES): Promise<Segments> {
  const segments: Segment[] = [];
  let done: Segment[] = [];
  let settledUpTo = settled;
  const found = { records: 0, exposures: 0, highest: settled, unreadable: 0 };
  for (const name of await segmentNames(disk)) await look(name);
  /** Nothing is added to a file of an earlier process: its end may be cut off. */
  let growing: Segment | undefined;
  /** The file that was read last, as it was then. */
  let opened: { readonly name: string; readonly size: number; readonly records: readonly StoredRecord[] } | undefined;

  async function look(name: string): Promise<void> {
    const bytes = await disk.read(name).catch(() => undefined);
    if (bytes === undefined) {
      found.unreadable++;
      return;
    }
    const records = recordsIn(bytes);
    for (const place of records) {
      found.highest = Math.max(found.highest, place.sequence);
      if (place.sequence <= settled) continue;
      found.records++;
      found.exposures += place.exposures;
    }
    const size = bytes.byteLength;
    const segment = { name, bytes: size, reserved: size, last: records.at(-1)?.sequence ?? 0 };
    (segment.last > settled ? segments : done).push(segment);
  }

  async function recordsOf(segment: Segment): Promise<readonly StoredRecord[]> {
    // Nothing was ever written to it.
    if (segment.bytes === 0) return [];
    if (opened?.name === segment.name && opened.size === segment.bytes) return opened.records;
    const { bytes: size } = segment;
    const bytes = await disk.read(segment.name);
    const records = recordsIn(bytes).map((place) => ({ ...place, content: contentOf(bytes, place) }));
    opened = { name: segment.name, size, records };
    return records;
  }

  return {
    found,
    async append(head, content) {
      const record = encodeRecord(head, content);
      if (growing === undefined || growing.reserved + record.byteLength > segmentBytes) {
        growing = { name: `${String(head.sequence).padStart(16, '0')}.spill`, bytes: 0, reserved: 0, last: 0 };
        segments.push(growing);
      }
      const segment = growing;
      segment.reserved += record.byteLength;
      // At once: while this is written nothing may take the file for one that is settled.
      segment.last = head.sequence;
      try {
        await disk.append(segment.name, record);
        segment.bytes += record.byteLength;
      } catch (error) {
        // Half a record may be at its end.
        if (growing === segment) growing = undefined;
        throw error;
      }
    },
    async oldest(count) {
      const oldest: StoredRecord[] = [];
      for (const segment of [...segments]) {
        if (oldest.length >= count) break;
        const records = await recordsOf(segment);
        oldest.push(...records.filter(({ sequence }) => sequence > settledUpTo).slice(0, count - oldest.length));
      }
      return oldest;
    },
    settle(sequence) {
      settledUpTo = Math.max(settledUpTo, sequence);
      while (segments[0] !== undefined && segments[0].last <= settledUpTo) {
        // One that still grows goes when it is full.
        if (segments[0] === growing && growing.bytes < segmentBytes / 2) break;
        if (segments[0] === growing) growing = undefined;
        done.push(segments.shift() as Segment);
      }
      return done.length > 0;
    },
    async sweep() {
      const gone = done;
      done = [];
      for (const { name } of gone) await disk.remove(name);
    },
    passOver() {
      if (segments.shift() === growing) growing = undefined;
    },
    bytes: () => segments.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
