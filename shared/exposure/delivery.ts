/** Brings batches to ingest, the oldest first, and tries the same again until each has arrived. */
import type { Delivered, Later, Quarantined } from './deliver-batch.ts';
import type { EmitterClock } from './emitter-clock.ts';
import { retryPause } from './retry-pause.ts';
import type { Batch, Spool } from './spool.ts';

export interface DeliveryOptions {
  readonly spool: Spool;
  readonly clock: EmitterClock;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Never rejects. */
  deliver(batch: Batch): Promise<Delivered>;
  /** Lets go of a batch that has its fate. */
  settle(batch: Batch, quarantined: readonly Quarantined[]): Promise<void>;
  failed(later: Later, waitMs: number): void;
}

export interface Delivery {
  /** There may be something to bring. */
  wake(): void;
  /** Tries at once, whatever it waits for, and ends when nothing is left. */
  drained(): Promise<void>;
  /** Begins nothing more. */
  stop(): void;
}

/** Batches under way at the same time, where nothing fails: a receiver far away takes thousands of events a second. */
export const LANES = 4;

export function createDelivery({ spool, clock, random, deliver, settle, failed }: DeliveryOptions): Delivery {
  let waiters: (() => void)[] = [];
  let failures = 0;
  let isRunning = false;
  let isDue = false;
  let isStopped = false;
  let cancelPause: (() => void) | undefined;

  async function run(): Promise<void> {
    isRunning = true;
    while (isDue && !isStopped && cancelPause === undefined) {
      isDue = false;
      // After a failure one batch asks whether ingest is well again.
      const batches = await spool.oldest(failures === 0 ? LANES : 1);
      if (batches.length === 0) {
        if (!isDue) tellDrained();
        continue;
      }
      isDue = true;
      const later = await bring(batches);
      if (later === undefined) failures = 0;
      else pause(later);
    }
    isRunning = false;
  }

  /** In their order: what arrived behind one that did not is sent again, and counted once. */
  async function bring(batches: readonly Batch[]): Promise<Later | undefined> {
    const delivered = await Promise.all(batches.map(deliver));
    for (const [at, word] of delivered.entries()) {
      if (word.kind === 'later') return word;
      await settle(batches[at] as Batch, word.quarantined);
    }
    return undefined;
  }

  function pause(later: Later): void {
    const waitMs = retryPause(failures, later, random());
    failures++;
    failed(later, waitMs);
    cancelPause = clock.after(waitMs, () => {
      cancelPause = undefined;
      wake();
    });
  }

  function tellDrained(): void {
    const told = waiters;
    waiters = [];
    for (const tell of told) tell();
  }

  function wake(): void {
    isDue = true;
    if (!isRunning && !isStopped && cancelPause === undefined) void run();
  }

  return {
    wake,
    drained() {
      cancelPause?.();
      cancelPause = undefined;
      const done = new Promise<void>((resolve) => waiters.push(resolve));
      wake();
      return done;
    },
    stop() {
      isStopped = true;
      cancelPause?.();
      tellDrained();
    },
  };
}
