import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bucketOf, bucketOfHash, NO_BUCKET, saltSeed } from '#core/bucket';
import { createContext } from '#core/context';
import { xxh32 } from '#core/xxh32';

const bucketOfKey = (key: unknown, salt: string, kind?: string): number =>
  bucketOf(createContext(kind === undefined ? { targetingKey: key } : { [kind]: key }), kind, saltSeed(salt));

/** Pearson's statistic of `counts` against equal shares; its mean is their number less one. */
function chiSquared(counts: readonly number[], total: number): number {
  const expected = total / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

const USERS = 40_000;
const CELLS = 100;

const keysOf: Record<string, (index: number) => unknown> = {
  'sequential names': (index) => `user-${index}`,
  numbers: (index) => index,
  'e-mail addresses': (index) => `first.last${index}@marketplace.example`,
};

for (const [kind, keyOf] of Object.entries(keysOf)) {
  it(`spreads ${kind} evenly over the buckets`, () => {
    for (const salt of ['x7Kq2mPd', 'a', 'h5Vn0cXe']) {
      const counts = new Array<number>(CELLS).fill(0);
      for (let index = 0; index < USERS; index++) {
        const cell = Math.floor(bucketOfKey(keyOf(index), salt) / 1_000);
        counts[cell] = (counts[cell] as number) + 1;
      }
      // 99 degrees of freedom: one in a million exceeds 175.
      expect(chiSquared(counts, USERS)).toBeLessThan(175);
    }
  });
}

it('gives two salts independent buckets', () => {
  const cells = new Array<number>(100).fill(0);
  for (let index = 0; index < USERS; index++) {
    const a = Math.floor(bucketOfKey(`user-${index}`, 'x7Kq2mPd') / 10_000);
    const b = Math.floor(bucketOfKey(`user-${index}`, '2bRz9KtU') / 10_000);
    cells[a * 10 + b] = (cells[a * 10 + b] as number) + 1;
  }
  expect(chiSquared(cells, USERS)).toBeLessThan(175);
});

it('gives every hash a bucket from 0 to 99,999', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (hash, seed) => {
      const bucket = bucketOfHash(hash, seed);
      expect(Number.isInteger(bucket) && bucket >= 0 && bucket < 100_000).toBe(true);
    }),
    { seed: 1 },
  );
});

it('depends on nothing but salt and unit key', () => {
  const bucket = bucketOfKey('user-1', 'x7Kq2mPd');
  expect(bucketOfKey('user-1', 'x7Kq2mPd', 'account')).toBe(bucket);
  expect(bucketOf(createContext({ targetingKey: 'user-1', plan: 'gold' }), undefined, saltSeed('x7Kq2mPd'))).toBe(
    bucket,
  );
  expect(bucketOfHash(xxh32('user-1', 0), saltSeed('x7Kq2mPd'))).toBe(bucket);
});

it('counts a safe integer as its decimal text', () => {
  expect(bucketOfKey(42, 's')).toBe(bucketOfKey('42', 's'));
  expect(bucketOfKey(-0, 's')).toBe(bucketOfKey('0', 's'));
  expect(bucketOfKey(Number.MAX_SAFE_INTEGER, 's')).toBe(bucketOfKey('9007199254740991', 's'));
});

it('gives no bucket to a unit without a key', () => {
  const missing = [undefined, null, '', 'x'.repeat(2_049), 1.5, Number.NaN, 2 ** 53, true, {}, [], 10n, Symbol('key')];
  for (const key of missing) {
    expect(bucketOfKey(key, 's')).toBe(NO_BUCKET);
    expect(bucketOfKey(key, 's', 'account')).toBe(NO_BUCKET);
  }
  expect(bucketOfKey('x'.repeat(2_048), 's')).toBeGreaterThanOrEqual(0);
});
