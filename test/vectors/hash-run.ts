/** A million unit keys, the same in every runtime, hashed to buckets: a runtime's answer is one checksum for every 50,000 of them. */
import { bucketOfHash, saltSeed } from '#core/bucket';
import { xxh32 } from '#core/xxh32';
import { createRandom, type Random } from '../oracle/random.ts';

export const HASHES = 1_000_000;
const CHUNK = 50_000;
const SALTS = ['x7Kq2mPd', 'checkout', 'é', '0'];

/** XXH32 of a unit key, and the bucket of that hash under a salt's seed. */
export interface Hasher {
  unit(key: string): number;
  bucket(unit: number, salt: string): number;
}

export function coreHasher(): Hasher {
  const seeds = new Map(SALTS.map((salt) => [salt, saltSeed(salt)]));
  return {
    unit: (key) => xxh32(key, 0),
    bucket: (unit, salt) => bucketOfHash(unit, seeds.get(salt) as number),
  };
}

/** One checksum a chunk, in hexadecimal. */
export function hashChecksums({ unit, bucket }: Hasher, count = HASHES): string[] {
  const random = createRandom(4_711);
  const checksums: string[] = [];
  let sum = 0;
  for (let index = 1; index <= count; index++) {
    const hash = unit(unitKeyOf(random, index));
    sum = (Math.imul(sum, 31) + hash) | 0;
    sum = (Math.imul(sum, 31) + bucket(hash, SALTS[index % SALTS.length] as string)) | 0;
    if (index % CHUNK === 0) checksums.push((sum >>> 0).toString(16));
  }
  return checksums;
}

const UNITS = [...'abcxyz0189-@._', 'é', 'ß', 'Ж', '漢', '🛫', '\ud83d', '\udeeb', 'e\u0301'];

/** Numbers, UUID-like keys, e-mails, and text of all kinds, unpaired surrogates among it. */
function unitKeyOf(random: Random, index: number): string {
  switch (index % 4) {
    case 0:
      return String(index);
    case 1:
      return `${hex(random)}-${hex(random)}-${hex(random)}${hex(random)}`;
    case 2:
      return `user.${random.int(1e9)}@mail${random.int(50)}.example`;
    default:
      return random.times(0, 40, () => random.pick(UNITS)).join('');
  }
}

const hex = (random: Random): string =>
  random
    .int(2 ** 32)
    .toString(16)
    .padStart(8, '0');
