import fc from 'fast-check';
import { expect, it } from 'vitest';
import { saltText } from '#control/salt-text';
import { seedOf } from '#ruleset/write/seeds';

const SEED = fc.integer({ min: 0, max: 2 ** 32 - 1 });

it('R30: is what the salt was known by, where that has the seed', () => {
  expect(saltText(seedOf('search-rank'), 'search-rank')).toBe('search-rank');
  expect(saltText('search-rank', 'search-rank')).toBe('search-rank');
});

it('R30: is the text that was said, where another was known or none', () => {
  expect(saltText('search-rank', 'another')).toBe('search-rank');
  expect(saltText('search-rank', undefined)).toBe('search-rank');
});

it('R30: is else eight letters and digits that have the seed', () => {
  fc.assert(
    fc.property(SEED, (seed) => {
      const text = saltText(seed, 'another');
      expect(text).toMatch(/^[0-9A-Za-z]{8}$/);
      expect(seedOf(text)).toBe(seed);
      expect(saltText(seed, undefined)).toBe(text);
    }),
    { seed: 1, examples: [[0], [1], [2 ** 31], [2 ** 32 - 1]] },
  );
});
