import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Allocation, allocate, bucketsMoved } from '#ruleset/write/allocate';
import { MAX_RANGES } from '#schema/limits';

const BUCKETS = 100_000;
const REST = 'rest';
type Sizes = Readonly<Record<string, number>>;

const step = (previous: Allocation | undefined, sizes: Sizes): Allocation =>
  allocate(previous, { rest: REST, buckets: new Map(Object.entries(sizes)) });

/** Sizes of the variations a, b, … that leave something or nothing for the rest. */
const sizesOf = (count: number): fc.Arbitrary<Sizes> =>
  fc
    .array(fc.oneof(fc.constantFrom(0, 1, 50_000, 100_000), fc.integer({ min: 0, max: BUCKETS })), {
      minLength: count,
      maxLength: count,
    })
    .map((weights) => {
      const sum = Math.max(
        BUCKETS,
        weights.reduce((total, one) => total + one, 0),
      );
      return Object.fromEntries(
        weights.map((one, at) => [String.fromCharCode(97 + at), Math.floor((one * BUCKETS) / sum)]),
      );
    });
const history = (count: number): fc.Arbitrary<Sizes[]> => fc.array(sizesOf(count), { minLength: 1, maxLength: 8 });
const anyHistory = fc.integer({ min: 1, max: 5 }).chain(history);

const steps = (sizes: readonly Sizes[]): Allocation[] => {
  const made: Allocation[] = [];
  for (const one of sizes) made.push(step(made.at(-1), one));
  return made;
};

const owned = (allocation: Allocation): Record<string, number> => {
  const sizes: Record<string, number> = {};
  allocation.forEach(([name, end], at) => {
    sizes[name] = (sizes[name] ?? 0) + end - (allocation[at - 1]?.[1] ?? 0);
  });
  return sizes;
};

/** Who has a bucket, before and after, wherever that may differ. */
function* changes(before: Allocation, after: Allocation): Generator<readonly [from: string, to: string]> {
  const owner = (allocation: Allocation, bucket: number): string =>
    (allocation.find(([, end]) => bucket < end) as readonly [string, number])[0];
  for (const edge of new Set([0, ...before.map(([, end]) => end), ...after.map(([, end]) => end)])) {
    if (edge < BUCKETS && owner(before, edge) !== owner(after, edge)) yield [owner(before, edge), owner(after, edge)];
  }
}

describe('given any sequence of weights', () => {
  it('covers 100,000 buckets by ascending ends, no two neighbours alike', () => {
    fc.assert(
      fc.property(anyHistory, (sizes) => {
        for (const allocation of steps(sizes)) {
          expect(allocation.at(-1)?.[1]).toBe(BUCKETS);
          allocation.forEach(([name, end], at) => {
            expect(end).toBeGreaterThan(allocation[at - 1]?.[1] ?? 0);
            expect(name).not.toBe(allocation[at - 1]?.[0]);
          });
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('B02: gives each variation exactly its buckets, and the rest what is left', () => {
    fc.assert(
      fc.property(anyHistory, (sizes) => {
        steps(sizes).forEach((allocation, at) => {
          const wanted = sizes[at] as Sizes;
          const left = BUCKETS - Object.values(wanted).reduce((sum, one) => sum + one, 0);
          const all = Object.entries({ ...wanted, [REST]: left }).filter(([, size]) => size > 0);
          expect(owned(allocation)).toEqual(Object.fromEntries(all));
        });
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('I2: what grows takes from the rest alone, what shrinks gives to the rest alone', () => {
    fc.assert(
      fc.property(anyHistory, (sizes) => {
        const made = steps(sizes);
        for (let at = 1; at < made.length; at++) {
          const [was, is] = [sizes[at - 1] as Sizes, sizes[at] as Sizes];
          const grew = Object.keys(is).some((name) => (is[name] as number) > (was[name] as number));
          const shrank = Object.keys(is).some((name) => (is[name] as number) < (was[name] as number));
          for (const [from, to] of changes(made[at - 1] as Allocation, made[at] as Allocation)) {
            if (!shrank) expect(from).toBe(REST);
            if (!grew) expect(to).toBe(REST);
            // In one step a variation either gives or takes.
            if (from !== REST) expect((is[from] as number) < (was[from] as number)).toBe(true);
            if (to !== REST) expect((is[to] as number) > (was[to] as number)).toBe(true);
          }
        }
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  it('the same weights again change nothing', () => {
    fc.assert(
      fc.property(anyHistory, (sizes) => {
        const last = steps(sizes).at(-1) as Allocation;
        expect(step(last, sizes.at(-1) as Sizes)).toEqual(last);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('counts the buckets that moved', () => {
    fc.assert(
      fc.property(sizesOf(3), sizesOf(3), (one, other) => {
        const before = step(undefined, one);
        const after = step(before, other);
        const taken = Object.keys(one).reduce(
          (sum, name) => sum + Math.abs((one[name] as number) - (other[name] as number)),
          0,
        );
        expect(bucketsMoved(before, before)).toBe(0);
        expect(bucketsMoved(before, after)).toBe(bucketsMoved(after, before));
        expect(bucketsMoved(before, after)).toBeLessThanOrEqual(taken);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

describe('given a way back', () => {
  it('I2: a single ramp gives the same buckets for the same weight, whatever came between', () => {
    fc.assert(
      fc.property(history(1), (sizes) => {
        steps(sizes).forEach((allocation, at) => {
          expect(allocation).toEqual(step(undefined, sizes[at] as Sizes));
        });
      }),
      { seed: 6, numRuns: 300 },
    );
  });

  it('I2: shrinking any variations of a new split and growing them again gives the identical allocation', () => {
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(sizesOf(4), shares, (sizes, kept) => {
        const before = step(undefined, sizes);
        const shrunk = Object.fromEntries(
          Object.entries(sizes).map(([name, size], at) => [name, Math.floor(size * (kept[at] as number))]),
        );
        expect(step(step(before, shrunk), sizes)).toEqual(before);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('I2: after any history, shrinking one variation of two and growing it again gives the identical allocation', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(history(2), fc.nat(1), share, (sizes, which, kept) => {
        const last = sizes.at(-1) as Sizes;
        const name = Object.keys(last)[which] as string;
        const before = steps(sizes).at(-1) as Allocation;
        const shrunk = { ...last, [name]: Math.floor((last[name] as number) * kept) };
        expect(step(step(before, shrunk), last)).toEqual(before);
      }),
      { seed: 8, numRuns: 2_000 },
    );
  });

  // Beyond that, three and more may leave holes in each other's order: docs/adr/0003 says why, and what to do.
  it('I2: variations that stay within an equal share come back to the same buckets, whatever came between', () => {
    const count = fc.integer({ min: 1, max: 6 });
    const within = count.chain((of) =>
      fc.array(fc.array(fc.nat(Math.floor(BUCKETS / of)), { minLength: of, maxLength: of }), {
        minLength: 1,
        maxLength: 8,
      }),
    );
    fc.assert(
      fc.property(within, (weights) => {
        const sizes = weights.map((one) =>
          Object.fromEntries(one.map((size, at) => [String.fromCharCode(97 + at), size])),
        );
        const last = sizes.at(-1) as Sizes;
        expect(steps(sizes).at(-1)).toEqual(step(undefined, last));
      }),
      { seed: 9, numRuns: 1_000 },
    );
  });
});

describe('given variations that come and go', () => {
  it('what a variation had that is gone falls to the rest, and the others keep what they have', () => {
    const before = step(undefined, { a: 20_000, b: 30_000 });
    const after = step(before, { b: 30_000 });
    expect(owned(after)).toEqual({ b: 30_000, rest: 70_000 });
    expect([...changes(before, after)].every(([from, to]) => from === 'a' && to === REST)).toBe(true);
  });

  it('a variation that joins takes from the rest alone', () => {
    const before = step(undefined, { a: 20_000, b: 30_000 });
    const after = step(before, { a: 20_000, b: 30_000, c: 40_000 });
    expect([...changes(before, after)].every(([from, to]) => from === REST && to === 'c')).toBe(true);
  });

  it('R4: long histories of many variations stay within the ranges that a reader takes', () => {
    let seed = 1;
    const random = (): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) / 2 ** 24;
    };
    let allocation: Allocation | undefined;
    let most = 0;
    for (let round = 0; round < 200; round++) {
      const weights = Array.from({ length: 40 }, () => random());
      const sum = weights.reduce((total, one) => total + one, 0) * (1 + random());
      const sizes = Object.fromEntries(weights.map((one, at) => [`v${at}`, Math.floor((one / sum) * BUCKETS)]));
      allocation = step(allocation, sizes);
      most = Math.max(most, 2 * allocation.length);
    }
    expect(most).toBeLessThanOrEqual(MAX_RANGES);
  });
});
