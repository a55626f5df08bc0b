/**
 * A spool on a disk: what lies here outlives the process, killed at whatever byte, and is sent by the next one, oldest first. Where the
 * disk is full, read-only or gone, memory takes its place as far as that goes, and somebody is told.
 */
import {
  type Batch,
  createMemorySpool,
  exposuresIn,
  MAX_IN_MEMORY,
  NOTHING,
  type Room,
  SCARCE,
  type Spool,
} from '#exposure/spool';
import type { Clock } from '#sdk/stream/clock';
import { readContent, writeContent } from './spill-content.ts';
import type { SpillDisk } from './spill-disk.ts';
import { lastRecord, openSegments, type Segments } from './spill-segments.ts';
import { later, readLedger, readState, type SpillState } from './spill-state.ts';

export interface SpillOptions {
  readonly disk: SpillDisk;
  readonly clock: Clock;
  /** The name of an emitter that begins here. */
  newName(): string;
  readonly maxBytes?: number;
  readonly segmentBytes?: number;
  /** What the disk does not take is not kept: for who vouches for it. */
  readonly diskAlone?: true;
  readonly onEvent?: (event: SpillEvent) => void;
}

export type SpillEvent =
  /** The disk fails, or works again. */
  | { readonly type: 'disk'; readonly failing: boolean; readonly why: string }
  /** Something that was kept cannot be read any more: batches are missing from this number on. */
  | { readonly type: 'damaged'; readonly sequence: number };

export const MAX_BYTES = 256 * 1024 * 1024;
/** Counts above that bound. */
const RESERVE = 8 * 1024 * 1024;
/** How long a disk that failed is left alone. */
const AGAIN_MS = 10_000;
/** How often it is written down how far batches have arrived; what did since then is sent again, and counted once. */
const STATE_MS = 1_000;
/** Batches that need not be read, for they were written a moment ago. */
const MAX_FRESH = 8;
const MAX_READS = 5;
const STATE = 'state.json';

/** Never rejects. */
export async function openSpill(options: SpillOptions): Promise<Spool> {
  try {
    return await onDisk(options);
  } catch (error) {
    options.onEvent?.({ type: 'disk', failing: true, why: messageOf(error) });
    return createMemorySpool(options.newName(), options.diskAlone ? 0 : MAX_IN_MEMORY);
  }
}

async function onDisk(options: SpillOptions): Promise<Spool> {
  const { disk, clock, maxBytes = MAX_BYTES, onEvent = () => {} } = options;
  const before = await stateIn(disk, options.newName);
  const segments = await openSegments(disk, before.settled, options.segmentBytes);
  const { records, exposures, highest } = segments.found;
  const { emitter } = before;
  // A number that is never sent says that something may be missing.
  const next = Math.max(before.next, highest + 1) + (before.isClosed ? 0 : 1);
  const memory = createMemorySpool(emitter, options.diskAlone ? 0 : MAX_IN_MEMORY);
  let settled = before.settled;
  let upcoming = next;
  let fresh: Batch[] = [];
  let pending = records;
  let inMemory = 0;
  let failedAt: number | undefined;
  let failedReads = 0;
  let stateAt = Number.NEGATIVE_INFINITY;
  let turn: Promise<unknown> = Promise.resolve();

  function failed(error: unknown): void {
    if (failedAt === undefined) onEvent({ type: 'disk', failing: true, why: messageOf(error) });
    failedAt = clock.now();
  }

  function works(): void {
    if (failedAt !== undefined) onEvent({ type: 'disk', failing: false, why: 'it works again' });
    failedAt = undefined;
  }

  const mayTry = (): boolean => failedAt === undefined || Math.abs(clock.now() - failedAt) >= AGAIN_MS;

  async function writeState(ledger: SpillState['ledger'], isClosed: boolean): Promise<void> {
    stateAt = clock.now();
    const state: SpillState = { emitter, settled, next: upcoming, isClosed, ledger };
    try {
      await disk.replace(STATE, JSON.stringify(state));
    } catch (error) {
      failed(error);
    }
  }

  /** Contents are made side by side, and written in the order of their numbers. */
  function inTurn<T>(work: Promise<T>): Promise<T> {
    const mine = turn.then(() => work);
    turn = mine.catch(() => {});
    return mine;
  }

  async function toMemory(batch: Batch): Promise<Room> {
    const room = options.diskAlone ? 'full' : await memory.append(batch, NOTHING);
    if (room === 'full') return room;
    inMemory++;
    upcoming = batch.sequence + 1;
    return room;
  }

  function roomFor(bytes: number, isCounts: boolean): Room {
    const after = segments.bytes() + bytes;
    if (after > maxBytes + (isCounts ? RESERVE : 0)) return 'full';
    return after > maxBytes * SCARCE ? 'scarce' : 'ample';
  }

  async function fromDisk(count: number): Promise<readonly Batch[]> {
    if (fresh.length === pending) return fresh.slice(0, count);
    const before = upcoming;
    const found = await read(segments, count);
    // What was passed over is not waited for any more.
    if (found?.length === 0 && upcoming === before) pending = 0;
    return found ?? [];
  }

  /** Undefined where the disk fails. */
  async function read(from: Segments, count: number): Promise<readonly Batch[] | undefined> {
    try {
      const stored = await from.oldest(count);
      failedReads = 0;
      const batches: Batch[] = [];
      for (const { content, sequence } of stored) {
        const written = await readContent(content);
        if (written) batches.push(written.batch);
        else if (batches.length === 0) skip(sequence);
        else break;
      }
      return batches;
    } catch (error) {
      failed(error);
      if (++failedReads >= MAX_READS) {
        failedReads = 0;
        onEvent({ type: 'damaged', sequence: settled + 1 });
        from.passOver();
      }
      return undefined;
    }
  }

  function skip(sequence: number): void {
    onEvent({ type: 'damaged', sequence });
    segments.settle(sequence);
    settled = sequence;
    pending--;
  }

  if (segments.found.unreadable > 0) onEvent({ type: 'damaged', sequence: settled + 1 });
  await writeState({ ...before.ledger, spilled: exposures }, false);

  return {
    start: { emitter, sequence: next, ledger: { ...before.ledger, spilled: exposures } },
    async append(batch, ledger) {
      if (!mayTry()) return toMemory(batch);
      const content = await inTurn(writeContent({ emitter, settled, ledger, batch }));
      const room = roomFor(content.byteLength, batch.collapsed !== undefined);
      if (room === 'full') return room;
      try {
        await segments.append({ sequence: batch.sequence, exposures: exposuresIn(batch) }, content);
      } catch (error) {
        failed(error);
        return toMemory(batch);
      }
      works();
      upcoming = batch.sequence + 1;
      const isWhole = fresh.length === pending++ && fresh.length < MAX_FRESH;
      fresh = isWhole ? [...fresh, batch] : [];
      return room;
    },
    async oldest(count) {
      const [kept, held] = [await fromDisk(count), await memory.oldest(count)];
      return [...kept, ...held].sort((a, b) => a.sequence - b.sequence).slice(0, count);
    },
    async settle(sequence, ledger) {
      const [held] = await memory.oldest(1);
      if (held?.sequence === sequence) {
        inMemory--;
        return memory.settle(sequence, ledger);
      }
      if (fresh[0]?.sequence === sequence) fresh = fresh.slice(1);
      pending--;
      settled = Math.max(settled, sequence);
      const mayGo = segments.settle(sequence);
      if (mayGo || Math.abs(clock.now() - stateAt) >= STATE_MS) await writeState(ledger, false);
      if (mayGo) await segments.sweep().catch(failed);
    },
    async close(ledger) {
      // What lies in memory alone is lost now.
      await writeState(ledger, inMemory === 0);
      if (pending === 0) await segments.sweep().catch(failed);
      await disk.close().catch(failed);
    },
  };
}

/** As it was written down, or as the last batch tells; a new one where there is neither. */
async function stateIn(disk: SpillDisk, newName: () => string): Promise<SpillState> {
  const text = await disk.read(STATE).then(
    (bytes) => Buffer.from(bytes).toString(),
    () => '',
  );
  const state = readState(text);
  const record = await lastRecord(disk);
  const last = record && (await readContent(record.content));
  if (last === undefined) {
    return state ?? { emitter: newName(), settled: 0, next: 1, isClosed: true, ledger: NOTHING };
  }
  const ledger = readLedger(last.ledger);
  if (state === undefined || state.emitter !== last.emitter) {
    return { emitter: last.emitter, settled: last.settled, next: 1, isClosed: false, ledger };
  }
  return { ...state, settled: Math.max(state.settled, last.settled), ledger: later(state.ledger, ledger) };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
