import { describe, expect, it } from 'vitest';
import { classify, contentDigests } from '#ruleset/write/classify';
import { entryLines } from '#ruleset/write/line';
import { isSameSalt, saltIn, seedOf, withSeed } from '#ruleset/write/seeds';
import type { Entry, FlagEntry } from '#schema/entry';
import { coreEvaluator } from '../../vectors/core-evaluator.ts';
import { compileOk, flagIn, mistakesIn, rampFlag } from '../fixtures/authored.ts';

const SALT = 'salt-1';
const authored = (percent: number, salt = SALT) => ({ flags: { 'a.flag': rampFlag(percent, { salt }) } });

/** The entries with their salts as people wrote them: what lines by hand look like. */
const inWords = (entries: readonly Entry[]): FlagEntry[] =>
  entries.map((entry) => {
    const { z: _seed, ...rest } = entry as FlagEntry;
    return { ...rest, s: SALT };
  });

const SEEDED = compileOk(authored(5)).entries;
const WORDED = inWords(SEEDED);

it('a line that is compiled carries the seed of its salt, and no salt', () => {
  expect(flagIn({ entries: SEEDED }, 'a.flag')).toMatchObject({ z: seedOf(SALT) });
  expect(entryLines(SEEDED)).not.toContain(SALT);
});

it('a seed gives everybody what its salt gives them', () => {
  const [seeded, worded] = [SEEDED, WORDED].map((entries) => coreEvaluator({ version: 1, entries }));
  for (let user = 0; user < 500; user++) {
    const context = { targetingKey: `user-${user}` };
    expect(seeded?.('a.flag', context, {})).toEqual(worded?.('a.flag', context, {}));
  }
});

it('R30: salts are the same whose seeds are', () => {
  expect(isSameSalt(SALT, seedOf(SALT))).toBe(true);
  expect(isSameSalt(SALT, 'another')).toBe(false);
  expect(isSameSalt(1, 2)).toBe(false);
  expect(saltIn({ s: SALT })).toBe(SALT);
  expect(saltIn({ s: SALT, z: 1 })).toBe(1);
  expect(withSeed({ k: 'a', r: 1, s: SALT, z: 1, f: 0 })).toEqual({ k: 'a', r: 1, z: 1, f: 0 });
});

describe('given lines by hand, with a salt', () => {
  it('R26: what is compiled on top and says the same stays to the letter, with its revision', () => {
    const { lines, moved } = compileOk(authored(5), WORDED, 2);
    expect(lines).toBe(entryLines(WORDED));
    expect(moved).toEqual([]);
  });

  it('R26: what says something else has the seed, and moves nobody but by its weights', () => {
    const { entries, moved } = compileOk(authored(6), WORDED, 2);
    expect(entries).toEqual(compileOk(authored(6), SEEDED, 2).entries);
    expect(entries).toMatchObject([{ r: 2, z: seedOf(SALT) }]);
    expect(moved).toMatchObject([{ buckets: 1_000 }]);
  });

  it('a flag that has a seed instead has not changed', () => {
    expect([...classify(WORDED, SEEDED)]).toEqual([]);
    expect(contentDigests(WORDED)).toEqual(contentDigests(SEEDED));
    expect([...classify(WORDED, compileOk(authored(6), SEEDED, 2).entries)]).toEqual([['a.flag', 'move']]);
  });

  it('R30: refuses another salt on top of either, and names what is known of the old one', () => {
    const and = 'and another salt gives every user another bucket';
    expect(mistakesIn(authored(5, 'another'), WORDED)).toEqual([
      `flags/a.flag/salt: is immutable: it was "${SALT}", ${and}`,
    ]);
    expect(mistakesIn(authored(5, 'another'), SEEDED)).toEqual([
      `flags/a.flag/salt: is immutable: it was one of seed ${seedOf(SALT)}, ${and}`,
    ]);
  });
});
