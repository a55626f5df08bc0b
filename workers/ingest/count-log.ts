/**
 * Counts what lies in an inbox's log, behind the answers: of many parts at once, in the order of their units, each page of a table is written
 * once, where a part by itself writes one for each of its exposures.
 */
import { backoff } from './backoff.ts';
import type { LoggedPart } from './cohort-shard.ts';
import { type Counting, countParts } from './count-parts.ts';
import { putAside, readUncounted, replayRefused, uncountedBytes } from './inbox-log.ts';

/** Of one transaction: some ten thousand exposures, a tenth of a second. */
const SLICE_BYTES = 512 * 1024;
/** What may wait: some seven million exposures. */
const MAX_WAITING_BYTES = 256 * 1024 * 1024;
/** How long one run may go on before what is counted is on its way to its shards. */
const RUN_MS = 1_000;
/** Of a question that waits for the numbers: about a second. */
const SLICES_FOR_A_READER = 8;

/** After so many failures a part may be put aside. */
const MAX_ATTEMPTS = 4;
/** How many of those behind a part are asked whether the fault is its own. */
const WITNESSES = 32;

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
  /** Has parts that were put aside wait again. How many there were. */
  replay(): number;
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

  /** Up to the first that cannot be counted. Whether it is out of the way. */
  function countSingly(): boolean {
    const parts = readUncounted(sql, SLICE_BYTES);
    for (const [at, part] of parts.entries()) {
      const fault = count(part);
      if (fault !== undefined) return setAside(part, fault, parts.slice(at + 1));
      failures = 0;
    }
    return true;
  }

  /** What is wrong with it, where it is not counted. */
  function count(part: LoggedPart): string | undefined {
    try {
      storage.transactionSync(() => countParts(sql, [part], counting));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /**
   * Once it was tried often enough, and only where the fault is its own: where none behind it can be counted either, the object is what is
   * wrong, and everything stays where it is until it is mended.
   */
  function setAside(part: LoggedPart, fault: string, behind: readonly LoggedPart[]): boolean {
    const isOut = failures + 1 >= MAX_ATTEMPTS && behind.slice(0, WITNESSES).some(isCountable);
    if (isOut) storage.transactionSync(() => putAside(sql, part.sequence, `not counted: ${fault}`));
    const fate = isOut ? 'put aside, since what is behind it can be counted' : 'kept, and tried again';
    console.error(`part ${part.sequence} cannot be counted, and is ${fate}: ${fault}`);
    return isOut;
  }

  /** Were it the first. Nothing of it is kept. */
  function isCountable(part: LoggedPart): boolean {
    let isCounted = false;
    try {
      storage.transactionSync(() => {
        countParts(sql, [part], counting);
        isCounted = true;
        throw new Error('only to see whether it can be');
      });
    } catch {}
    return isCounted;
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
    replay() {
      const replayed = storage.transactionSync(() => replayRefused(sql));
      waitingBytes = uncountedBytes(sql);
      return replayed;
    },
    catchUp() {
      try {
        for (let slice = 0; slice < SLICES_FOR_A_READER && countSome(); slice++);
      } catch (error) {
        console.error(`counting: ${error instanceof Error ? error.message : error}`);
      }
    },
  };
}
