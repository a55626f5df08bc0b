/**
 * Counts what lies in an inbox's log, behind the answers: of many parts at once, in the order of their units, each page of a table is written
 * once, where a part by itself writes one for each of its exposures.
 */
import { backoff } from './backoff.ts';
import { type Counting, countParts } from './count-parts.ts';
import { noteRefusal, readUncounted, uncountedBytes } from './inbox-log.ts';

/** Of one transaction: some ten thousand exposures, a tenth of a second. */
const SLICE_BYTES = 512 * 1024;
/** What may wait: some seven million exposures. */
const MAX_WAITING_BYTES = 256 * 1024 * 1024;
/** How long one run may go on before others get their turn. */
const RUN_MS = 5_000;
/** Of a question that waits for the numbers: about a second. */
const SLICES_FOR_A_READER = 8;

export interface LogCounterOptions {
  readonly storage: DurableObjectStorage;
  readonly counting: Counting;
  readonly maxWaitingBytes?: number;
  now(): number;
  /** From 0 up to 1. */
  random(): number;
}

export interface LogCounter {
  /** Whether one more part may wait: where none may, emitters keep what they have. */
  hasRoom(): boolean;
  /** Is told how many bytes there are more. */
  added(bytes: number): void;
  /** Never rejects. In how many milliseconds to run again; undefined where all is counted. */
  run(): Promise<number | undefined>;
  /** Counts what waits, so that somebody who reads finds what was acknowledged before: but for what is left of very much. Never throws. */
  catchUp(): void;
}

export function createLogCounter({ storage, counting, now, random, ...rest }: LogCounterOptions): LogCounter {
  const { sql } = storage;
  const { maxWaitingBytes = MAX_WAITING_BYTES } = rest;
  let waitingBytes = uncountedBytes(sql);
  /** In a row. */
  let failures = 0;

  /** Whether there was something. */
  function countSome(): boolean {
    const parts = readUncounted(sql, SLICE_BYTES);
    if (parts.length === 0) return false;
    waitingBytes -= storage.transactionSync(() => countParts(sql, parts, counting));
    return true;
  }

  /** Up to the first that cannot be counted. Whether it is out of the way: put aside, once it was tried often enough. */
  function countSingly(): boolean {
    for (const part of readUncounted(sql, SLICE_BYTES))
      try {
        storage.transactionSync(() => countParts(sql, [part], counting));
      } catch (error) {
        const reason = `not counted: ${error instanceof Error ? error.message : error}`;
        const isAside = storage.transactionSync(() => noteRefusal(sql, part.sequence, reason));
        console.error(`a part is ${isAside ? 'put aside' : 'tried again'}, ${reason}`);
        if (!isAside) return false;
      }
    return true;
  }

  /** Whether to go on at once; undefined where nothing waits. */
  function tryToCount(): boolean | undefined {
    try {
      return countSome() || undefined;
    } catch {
      const isOn = countSingly();
      waitingBytes = uncountedBytes(sql);
      return isOn;
    }
  }

  async function run(): Promise<number | undefined> {
    const until = now() + RUN_MS;
    for (;;) {
      const goesOn = tryToCount();
      if (goesOn === undefined) return undefined;
      failures = goesOn ? 0 : failures + 1;
      if (!goesOn || now() >= until) return backoff(failures, random());
      // Others get their turn: beacons are not to wait for all of it.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  return {
    hasRoom: () => waitingBytes < maxWaitingBytes,
    added(bytes) {
      waitingBytes += bytes;
    },
    run: () =>
      run().catch((error: unknown) => {
        console.error(`counting: ${error instanceof Error ? error.message : error}`);
        return backoff(++failures, random());
      }),
    catchUp() {
      try {
        for (let slice = 0; slice < SLICES_FOR_A_READER && countSome(); slice++);
      } catch (error) {
        console.error(`counting: ${error instanceof Error ? error.message : error}`);
      }
    },
  };
}
