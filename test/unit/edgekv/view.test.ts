import { describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { type View, viewLines } from '#edgekv/akamai/view';
import { readLines } from '#ruleset/reader';
import { entryLines } from '#ruleset/write/line';
import type { Entry, FlagEntry } from '#schema/entry';
import { MAX_VIEW } from '#schema/limits';
import { createUsers } from '../../e2e/fixtures/users.ts';
import { compiledMarketplace } from '../fixtures/marketplace.ts';

const { entries, lines } = compiledMarketplace();

const linesOf = (view: View, of: readonly Entry[] = entries): string => {
  const selected = viewLines(of, view);
  if (!selected.ok) throw new Error(selected.error.message);
  return selected.value.lines;
};

const messageOf = (view: View, of: readonly Entry[] = entries): string | undefined => {
  const selected = viewLines(of, view);
  return selected.ok ? undefined : selected.error.message;
};

const segment = (name: string, members: number): Entry => ({
  k: `segment:${name}`,
  r: 1,
  i: Array.from({ length: members }, (_, index) => `${name}-member-${index}`),
});

describe('a view', () => {
  it('of a namespace holds its flags and what they use, and decides as the whole does', () => {
    const whole = readLines(lines, 1);
    const view = readLines(linesOf({ name: 'pricing', namespace: 'pricing' }), 1);
    const inPricing = whole.flagKeys().filter((key) => key.startsWith('pricing.'));
    expect(view.flagKeys()).toEqual(inPricing);
    expect(view.faults()).toEqual([]);
    expect(view.entryCount).toBeLessThan(whole.entryCount);
    for (const user of createUsers(200)) {
      for (const key of inPricing) {
        expect(evaluate(view, key, createContext(user))).toEqual(evaluate(whole, key, createContext(user)));
      }
    }
  });

  it('of a list is closed over prerequisites and segments in segments', () => {
    const view = readLines(linesOf({ name: 'rates', flags: ['pricing.memberRates'] }), 1);
    expect(view.flagKeys()).toEqual(['pricing.fareBundlingV2', 'pricing.memberRates']);
    expect(view.line('segment:staff')).toBeDefined();
    expect(view.faults()).toEqual([]);
  });

  it('keeps the order of keys, whatever order the list has', () => {
    const flags = ['search.mapView', 'pricing.fareBundlingV2'];
    expect(linesOf({ name: 'a', flags })).toBe(linesOf({ name: 'a', flags: flags.toReversed() }));
  });

  it('is empty where its namespace has no flags yet', () => {
    expect(linesOf({ name: 'nothing', namespace: 'nothing' })).toBe('');
  });

  it('of a list that names a flag that there is not holds the others, and says which one it lacks', () => {
    const flags = ['pricing.gone', 'pricing.memberRates', 'search.renamed'];
    const selected = viewLines(entries, { name: 'a', flags });
    expect(selected).toEqual({
      ok: true,
      value: {
        lines: linesOf({ name: 'a', flags: ['pricing.memberRates'] }),
        missing: ['pricing.gone', 'search.renamed'],
      },
    });
    expect(viewLines(entries, { name: 'a', flags: ['pricing.gone'] })).toMatchObject({
      ok: true,
      value: { lines: '' },
    });
  });

  it('of everything holds all flags, of whatever namespace or none', () => {
    const nameless = { ...(entries.find(({ k }) => k === 'platform.assetHost') as FlagEntry), k: 'nameless' };
    const view = readLines(linesOf({ name: 'all', namespace: '*' }, [...entries, nameless]), 1);
    expect(view.flagKeys()).toEqual([...readLines(lines, 1).flagKeys(), 'nameless'].sort());
    expect(view.faults()).toEqual([]);
  });

  it('is refused where it outgrows an EdgeWorker, and the largest entries are named', () => {
    const flag = entries.find(({ k }) => k === 'platform.assetHost') as FlagEntry;
    const using: FlagEntry = { ...flag, u: [['a', [['segment', ['huge']]], 0]] };
    const message = messageOf({ name: 'assets', namespace: 'platform' }, [using, segment('huge', 8_000)]);
    expect(message).toMatch(/^view assets is \d+ bytes, at most 128000: split it/);
    expect(message).toContain('segment:huge (');
  });

  it('may be as large as its bound, header line included', () => {
    const flag = entries.find(({ k }) => k === 'platform.assetHost') as FlagEntry;
    const using: FlagEntry = { ...flag, u: [['a', [['segment', ['large']]], 0]] };
    const sizes = [6_000, 6_500, 6_700, 6_800, 7_000, 7_500].map((members) => {
      const of = [using, segment('large', members)];
      return {
        bytes: entryLines(of).length,
        refused: messageOf({ name: 'a', namespace: 'platform' }, of) !== undefined,
      };
    });
    for (const { bytes, refused } of sizes) expect(refused).toBe(bytes > MAX_VIEW - 1_024);
    expect(new Set(sizes.map(({ refused }) => refused)).size).toBe(2);
  });
});
