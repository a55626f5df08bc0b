import { describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import type { Ruleset } from '#core/flag';
import type { OfflineDefault } from '#ruleset/offline';
import { createFlagDefaults } from '../../../workers/relay/flag-defaults.ts';
import { readerOf } from '../fixtures/lines.ts';

const BUNDLED = new Map<string, OfflineDefault>([
  ['pricing.bundle', { variation: 'control', value: 'old', visibility: 'client' }],
  ['checkout.form', { variation: 'on', value: true, visibility: 'server' }],
]);

const served = (ruleset: Ruleset, key: string): object | undefined => {
  const { value, variation, reason } = evaluate(ruleset, key, createContext({ targetingKey: 'anna' }, {}));
  return { value, variation, reason };
};

describe('the defaults of a relay', () => {
  it('R17: are those that are bundled, before there is any ruleset', () => {
    const { offline } = createFlagDefaults({}, BUNDLED);
    expect(served(offline, 'pricing.bundle')).toEqual({ value: 'old', variation: 'control', reason: 'DEFAULT' });
    expect(served(offline, 'checkout.form')).toEqual({ value: true, variation: 'on', reason: 'DEFAULT' });
  });

  it('have the value that is bundled where both name the same variation', () => {
    const defaults = createFlagDefaults({ 'pricing.bundle': 'control' }, BUNDLED);
    expect(served(defaults.offline, 'pricing.bundle')).toMatchObject({ value: 'old', variation: 'control' });
    expect(defaults.withoutValue).toEqual([]);
  });

  it('have none where nobody knows what the variation is worth, and say which', () => {
    const defaults = createFlagDefaults({ 'checkout.form': 'off', 'search.rank': 'v2' }, BUNDLED);
    expect(defaults.withoutValue).toEqual(['checkout.form', 'search.rank']);
    expect(defaults.offline.flagKeys()).toEqual(['pricing.bundle']);
  });

  it('take their values from the last known ruleset, and those that are not named from what flags declare', () => {
    const reader = readerOf([
      { k: 'checkout.form', r: 1, o: 0, f: 1 },
      {
        k: 'pricing.bundle',
        r: 1,
        v: [
          ['control', 'old', 'aaaaaaaa'],
          ['v2', 'new', 'bbbbbbbb'],
        ],
        o: 0,
        d: 1,
        n: 1,
        f: 0,
      },
      { k: 'search.empty', r: 1, v: [['a', 1, 'aaaaaaaa']], f: 0 },
    ]);
    const { behind } = createFlagDefaults({ 'checkout.form': 'on', 'pricing.bundle': 'gone' }, new Map());
    const ruleset = behind(reader);
    expect(served(ruleset, 'checkout.form')).toEqual({ value: true, variation: 'on', reason: 'DEFAULT' });
    // A name that the flag does not have is passed over.
    expect(served(ruleset, 'pricing.bundle')).toEqual({ value: 'new', variation: 'v2', reason: 'DEFAULT' });
    expect(ruleset.flagKeys()).toEqual(['checkout.form', 'pricing.bundle']);
    expect(ruleset.firstUse('pricing.bundle')?.client ?? ruleset.flags.get('pricing.bundle')?.client).toBe(true);
    expect(behind(reader)).toBe(ruleset);
  });
});
