/** Turns that are a while apart, in the order in which they are asked for. */
export type Pacer = () => Promise<void>;

/** Of the first turn nobody waits; each of the others comes `intervalMs` behind the one before. */
export function createPacer(intervalMs: number, sleep: (milliseconds: number) => Promise<void>): Pacer {
  let free = Promise.resolve();
  return () => {
    const turn = free;
    free = turn.then(() => sleep(intervalMs));
    return turn;
  };
}
