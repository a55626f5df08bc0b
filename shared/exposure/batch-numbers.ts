/**
 * Numbers of batches where nothing outlives a request: 1, 2, 3 ... One whose batch did not arrive is the next one's, so that what ingest
 * finds missing below the highest is of an isolate that ended with batches under way.
 */
export interface BatchNumbers {
  take(now: number): number;
  arrived(number: number): void;
  /** Whoever had it is done; where it has not arrived, it is free. */
  done(number: number): void;
}

/** The request that took it was ended by then. */
const ENDED_MS = 60_000;

export function createBatchNumbers(): BatchNumbers {
  /** Those that have not arrived, and since when they are under way. */
  const open = new Map<number, number>();
  let last = 0;

  return {
    take(now) {
      const [free] = [...open].find(([, since]) => now - since >= ENDED_MS) ?? [++last];
      open.set(free, now);
      return free;
    },
    arrived: (number) => void open.delete(number),
    done(number) {
      if (open.has(number)) open.set(number, Number.NEGATIVE_INFINITY);
    },
  };
}
