import { describe, expect, it } from 'vitest';
import type { BatchLedger } from '#exposure/exposure';
import { type Batch, NOTHING, type Spool } from '#exposure/spool';
import { openSpill, type SpillEvent, type SpillOptions } from '#sdk/node/open-spill';
import { createSpillFiles, type SpillFiles } from './fixtures/spill-files.ts';
import { createTurnedClock, type TurnedClock } from './fixtures/turned-clock.ts';

const batch = (sequence: number, events = 3): Batch => ({
  sequence,
  outcomes: [],
  events: Array.from({ length: events }, (_, at) => ({
    ...{
      flag: 'pricing.fareBundlingV2',
      revision: 7,
      variation: 'v2',
      reason: 'SPLIT',
      version: 9,
      time: 1_795_000_000,
    },
    unit: `unit ${sequence}/${at}`,
  })),
});

const ledger = (sent: number, spilled = 0): BatchLedger => ({ ...NOTHING, exposed: sent + spilled, sent, spilled });

interface Opened {
  readonly spool: Spool;
  readonly events: readonly SpillEvent[];
  readonly clock: TurnedClock;
}

let names = 0;

async function opened(disk: SpillFiles, options: Partial<SpillOptions> = {}): Promise<Opened> {
  const events: SpillEvent[] = [];
  const clock = createTurnedClock();
  const newName = (): string => `emitter-${++names}`;
  const spool = await openSpill({ disk, clock, newName, onEvent: (event) => void events.push(event), ...options });
  return { spool, events, clock };
}

const sequences = async (spool: Spool, count = 1_000): Promise<number[]> =>
  (await spool.oldest(count)).map(({ sequence }) => sequence);

describe('a spill', () => {
  it('gives back what it was given, the oldest first, to this process and to the next', async () => {
    const disk = createSpillFiles();
    const { spool } = await opened(disk);
    for (let number = 1; number <= 30; number++) await spool.append(batch(number), ledger(0, 3 * number));
    expect(await spool.oldest(2)).toEqual([batch(1), batch(2)]);
    await spool.settle(1, ledger(3, 87));
    expect(await sequences(spool, 3)).toEqual([2, 3, 4]);
    const next = await opened(createSpillFiles(disk.files));
    expect(next.spool.start).toMatchObject({ emitter: spool.start.emitter, ledger: { exposed: 90, spilled: 90 } });
    // It was not closed: the last it wrote down is that nothing had arrived.
    expect(await sequences(next.spool)).toEqual(Array.from({ length: 30 }, (_, at) => at + 1));
  });

  it('goes on with the next number where it was closed, and leaves one out where it was not', async () => {
    const disk = createSpillFiles();
    const first = await opened(disk);
    await first.spool.append(batch(1), ledger(0, 3));
    await first.spool.settle(1, ledger(3));
    await first.spool.close(ledger(3));
    const second = await opened(disk);
    expect(second.spool.start).toEqual({ emitter: first.spool.start.emitter, sequence: 2, ledger: ledger(3) });
    await second.spool.append(batch(2), ledger(3, 3));
    const third = await opened(disk);
    expect(third.spool.start).toMatchObject({ sequence: 4, ledger: { sent: 3, spilled: 3 } });
    // Nor was the third one, which may have lost as much.
    const fourth = await opened(disk);
    expect(fourth.spool.start.sequence).toBe(5);
  });

  it('has the files go when all that is in them arrived, and few of them', async () => {
    const disk = createSpillFiles();
    const { spool, clock } = await opened(disk, { segmentBytes: 2_000 });
    for (let number = 1; number <= 100; number++) await spool.append(batch(number), ledger(0));
    const most = disk.files.size;
    expect(most).toBeGreaterThan(10);
    for (let number = 1; number <= 99; number++) {
      expect(await sequences(spool, 2)).toEqual([number, number + 1]);
      await spool.settle(number, ledger(0));
      await clock.forward(10);
    }
    expect(disk.files.size).toBeLessThanOrEqual(2);
    expect(await sequences(spool)).toEqual([100]);
  });

  it('is bounded: outcomes are warned of first, then it is full, and counts still have their place', async () => {
    const { spool } = await opened(createSpillFiles(), { maxBytes: 20_000, segmentBytes: 2_000 });
    const rooms: string[] = [];
    for (let number = 1; !rooms.includes('full'); number++) rooms.push(await spool.append(batch(number), ledger(0)));
    expect([...new Set(rooms)]).toEqual(['ample', 'scarce', 'full']);
    const counts = { ...batch(rooms.length, 0), collapsed: [] };
    expect(await spool.append(counts, ledger(0))).toBe('scarce');
    for (const number of await sequences(spool, 20)) await spool.settle(number, ledger(0));
    expect(await spool.append(batch(rooms.length + 1), ledger(0))).not.toBe('full');
  });
});

describe('a process that is killed', () => {
  it('I8: at whatever byte it was, leaves every batch that was kept, and no number is ever used twice', async () => {
    const disk = createSpillFiles();
    const { spool } = await opened(disk, { segmentBytes: 500 });
    /** How many steps were done when a batch was kept, and when it was let go of. */
    const kept: number[] = [];
    const settled: number[] = [];
    for (let number = 1; number <= 6; number++) {
      await spool.append(batch(number, 1), ledger(number - 1, 1));
      kept.push(disk.steps.length);
      if (number % 3 !== 0) continue;
      for (const done of [number / 1.5 - 1, number / 1.5]) {
        settled[done - 1] = disk.steps.length;
        await spool.settle(done, ledger(done, 0));
      }
    }
    let cuts = 0;
    for (const [at, step] of [...disk.steps, undefined].entries()) {
      const length = step?.do === 'append' ? step.bytes.length : 1;
      for (let bytes = 0; bytes < length; bytes++) {
        const next = await opened(disk.cut(at, bytes));
        const found = await sequences(next.spool);
        kept.forEach((from, index) => {
          const isLying = from <= at && (settled[index] ?? Number.POSITIVE_INFINITY) >= at;
          if (isLying) expect(found, `cut at ${at}/${bytes}`).toContain(index + 1);
        });
        const highest = kept.filter((from) => from <= at).length;
        expect(next.spool.start.sequence).toBeGreaterThan(highest);
        expect(next.spool.start.sequence).toBeLessThanOrEqual(highest + 3);
        expect(next.spool.start.ledger.spilled).toBe(found.length);
        cuts++;
      }
    }
    expect(cuts).toBeGreaterThan(1_000);
  });

  it('finds every whole record between bytes that were changed, and sends the rest', async () => {
    const disk = createSpillFiles();
    const { spool } = await opened(disk);
    for (let number = 1; number <= 5; number++) await spool.append(batch(number), ledger(0));
    const [name] = [...disk.files.keys()].filter((one) => one.endsWith('.spill')) as [string];
    const whole = disk.files.get(name) as Uint8Array;
    for (let at = 0; at < whole.length; at += 7) {
      const bytes = new Uint8Array(whole);
      bytes[at] = (bytes[at] as number) ^ 0x55;
      const next = await opened(createSpillFiles(new Map(disk.files).set(name, bytes)));
      expect((await next.spool.oldest(10)).length, `byte ${at} of ${whole.length}`).toBe(4);
    }
  });

  it('and whose state is gone goes on under its name, with all that lies there', async () => {
    const disk = createSpillFiles();
    const first = await opened(disk);
    for (let number = 1; number <= 3; number++) await first.spool.append(batch(number), ledger(number, 3));
    for (const text of [undefined, '', '{"emitter":"other"}', 'null', '[1]']) {
      const files = new Map(disk.files);
      files.delete('state.json');
      if (text !== undefined) files.set('state.json', Buffer.from(text));
      const { spool } = await opened(createSpillFiles(files));
      expect(spool.start).toMatchObject({ emitter: first.spool.start.emitter, sequence: 5, ledger: { sent: 3 } });
      expect(await sequences(spool)).toEqual([1, 2, 3]);
    }
  });
});

describe('a disk that is full, or read-only', () => {
  it('is told of, memory takes its place, and it is tried again after a while', async () => {
    const disk = createSpillFiles();
    const { spool, events, clock } = await opened(disk);
    await spool.append(batch(1), ledger(0));
    disk.fault = 'ENOSPC: no space left on device';
    expect(await spool.append(batch(2), ledger(0))).toBe('ample');
    expect(await spool.append(batch(3), ledger(0))).toBe('ample');
    expect(events).toEqual([{ type: 'disk', failing: true, why: 'ENOSPC: no space left on device' }]);
    expect(await sequences(spool)).toEqual([1, 2, 3]);
    disk.fault = undefined;
    await clock.forward(10_000);
    await spool.append(batch(4), ledger(0));
    expect(events.at(-1)).toMatchObject({ type: 'disk', failing: false });
    for (const number of [1, 2, 3, 4]) {
      expect(await sequences(spool, 1)).toEqual([number]);
      await spool.settle(number, ledger(0));
    }
    // Half a record lies in the first file; nobody minds.
    const next = await opened(createSpillFiles(disk.files));
    expect(next.spool.start.sequence).toBeGreaterThan(5);
  });

  it('has exposures become counts where memory is full as well, and says when that is over', async () => {
    const disk = createSpillFiles();
    disk.fault = 'EROFS: read-only file system';
    const { spool, events } = await opened(disk);
    expect(events).toMatchObject([{ type: 'disk', failing: true }]);
    const rooms = [];
    for (let number = 1; number <= 21; number++) rooms.push(await spool.append(batch(number, 500), ledger(0)));
    expect(rooms.filter((room) => room !== 'full')).toHaveLength(20);
    expect(rooms.at(-1)).toBe('full');
    expect(await sequences(spool)).toHaveLength(20);
  });

  it('is not waited for where it cannot be opened at all', async () => {
    const disk = createSpillFiles();
    const { spool, events } = await opened({ ...disk, list: () => Promise.reject(new Error('EACCES')) });
    expect(events).toEqual([{ type: 'disk', failing: true, why: 'EACCES' }]);
    expect(await spool.append(batch(1), ledger(0))).toBe('ample');
    expect(await sequences(spool)).toEqual([1]);
  });

  it('that cannot be read for good is passed over, and what lies behind is sent', async () => {
    const disk = createSpillFiles();
    const before = await opened(disk, { segmentBytes: 400 });
    for (let number = 1; number <= 20; number++) await before.spool.append(batch(number), ledger(0));
    const { spool, events, clock } = await opened(disk);
    disk.readFault = 'EIO: i/o error';
    for (let time = 0; time < 4; time++) expect(await sequences(spool)).toEqual([]);
    disk.readFault = undefined;
    expect((await sequences(spool))[0]).toBe(1);
    disk.readFault = 'EIO: i/o error';
    const first = await opened(createSpillFiles(disk.files));
    expect((await sequences(first.spool))[0]).toBe(1);
    for (let time = 0; time < 5; time++) await spool.oldest(1);
    disk.readFault = undefined;
    expect(events).toContainEqual({ type: 'damaged', sequence: 1 });
    expect((await sequences(spool))[0]).toBeGreaterThan(1);
    expect(clock.running()).toBe(0);
  });
});
