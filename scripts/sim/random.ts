/** Seeded randomness: the same name gives the same numbers, on any machine and whatever ran before. */
import { xxh32 } from '#core/xxh32';

/** Uniform in [0, 1), 32 bits. */
export type Random = () => number;

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded by a name. */
export function createRandom(name: string): Random {
  let [a, b, c, counter] = [xxh32(name, 1) | 0, xxh32(name, 2) | 0, xxh32(name, 3) | 0, 1];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}
