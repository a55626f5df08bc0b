/** Chance out of a seed. It is the generator's own, as all that it counts by: with what it judges it shares nothing. */

export interface Dice {
  /** A whole number from 0 up to, not including, `bound`. */
  int(bound: number): number;
  /** True with that probability. */
  chance(probability: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
}

/** sfc32: three words that are stirred, and one that counts. */
export function createDice(seed: number): Dice {
  let [a, b, c, count] = [seed | 0, (seed / 2 ** 32) | 0, 0x2545f491, 1];

  function next(): number {
    const sum = (((a + b) | 0) + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  }

  // Seeds that are alike begin alike.
  for (let stirred = 0; stirred < 16; stirred++) next();
  const int = (bound: number): number => Math.floor(next() * bound);
  return {
    int,
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly T[]): T => list[int(list.length)] as T,
  };
}
