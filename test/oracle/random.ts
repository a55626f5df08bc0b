/** A seeded source of numbers, the same in every runtime. */
export type Random = {
  /** An integer from 0 up to, not including, `bound`. */
  readonly int: (bound: number) => number;
  /** True with the given probability. */
  readonly chance: (probability: number) => boolean;
  /** One element of a list that is not empty. */
  readonly pick: <T>(list: readonly T[]) => T;
  /** Between `min` and `max` results of `make`, both included. */
  readonly times: <T>(min: number, max: number, make: () => T) => T[];
};

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (bound: number) => Math.floor(next() * bound);
  return {
    int,
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly T[]) => list[int(list.length)] as T,
    times: (min, max, make) => Array.from({ length: min + int(max - min + 1) }, make),
  };
}
