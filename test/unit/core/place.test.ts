import { expect, it } from 'vitest';
import { createContext, type Place } from '#core/context';
import { evaluate } from '#core/evaluate';
import { readerOf } from '../fixtures/lines.ts';

const rule = (clause: unknown): Record<string, unknown> => ({ u: [['rule', [clause], 1]], f: 0 });

const ruleset = readerOf([
  { k: 'region', r: 1, ...rule(['in', 'region', ['eu']]) },
  { k: 'region-list', r: 1, ...rule(['in', ['region'], ['eu']]) },
  { k: 'cloud', r: 1, ...rule(['in', 'cloud', ['aws']]) },
  { k: 'pop', r: 1, ...rule(['in', 'pop', ['dub']]) },
  { k: 'not-in-region', r: 1, ...rule(['in', 'region', ['us'], 1]) },
  { k: 'region-exists', r: 1, ...rule(['exists', 'region', []]) },
  { k: 'company-region', r: 1, ...rule(['in', ['company', 'region'], ['eu']]) },
  { k: 'account-region', r: 1, ...rule(['in', 'region', ['eu'], 0, 'account']) },
]);

const SPOOFED = { targetingKey: 'user-1', region: 'eu', cloud: 'aws', pop: 'dub' };
const variation = (key: string, attributes: unknown, place?: Place): string | undefined =>
  evaluate(ruleset, key, createContext(attributes, place)).variation;

it('B23: a region, cloud or pop in the context is ignored', () => {
  for (const key of ['region', 'region-list', 'cloud', 'pop', 'not-in-region', 'region-exists']) {
    expect(variation(key, SPOOFED), key).toBe('off');
  }
});

it('B23: the place of the evaluator decides, whatever the context says', () => {
  const place = { region: 'eu', cloud: 'aws', pop: 'dub' };
  const attributes = { region: 'us', cloud: 'gcp', pop: 'iad' };
  for (const key of ['region', 'region-list', 'cloud', 'pop', 'not-in-region', 'region-exists']) {
    expect(variation(key, attributes, place), key).toBe('on');
  }
  expect(variation('region', SPOOFED, { region: 'us' })).toBe('off');
});

it('B23: only the single names are places: a longer path or another kind reads the context', () => {
  const attributes = { company: { region: 'eu' }, account: { targetingKey: 'acme', region: 'eu' } };
  expect(variation('company-region', attributes, { region: 'us' })).toBe('on');
  expect(variation('account-region', attributes, { region: 'us' })).toBe('on');
});
