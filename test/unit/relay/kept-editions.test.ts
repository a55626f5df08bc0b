import { describe, expect, it } from 'vitest';
import { MAX_RULESET } from '#schema/limits';
import { createKeptEditions } from '../../../workers/relay/kept-editions.ts';

const edition = (version: number, ...pieces: string[]) => ({ digest: `digest-${version}`, pieces });

describe('the rulesets that a relay keeps', () => {
  it('are the last 32', () => {
    const kept = createKeptEditions();
    for (let version = 1; version <= 40; version++) kept.keep(edition(version, 'lines'));
    const found = Array.from({ length: 40 }, (_, at) => kept.linesOf(`digest-${at + 1}`) !== undefined);
    expect(found.indexOf(true)).toBe(8);
    expect(found.lastIndexOf(false)).toBe(7);
  });

  it('are fewer where they are large, and the newest whatever its size', () => {
    const kept = createKeptEditions();
    for (let version = 1; version <= 5; version++) kept.keep(edition(version, 'x'.repeat(MAX_RULESET)));
    expect([1, 2, 3, 4, 5].map((version) => kept.linesOf(`digest-${version}`) !== undefined)).toEqual([
      ...[false, false, true, true, true],
    ]);
  });

  it('are young again once they came back', () => {
    const kept = createKeptEditions();
    kept.keep(edition(0, 'first'));
    for (let version = 1; version < 32; version++) kept.keep(edition(version, 'lines'));
    kept.keep(edition(0, 'first'));
    kept.keep(edition(32, 'lines'));
    expect(kept.linesOf('digest-0')).toBe('first');
    expect(kept.linesOf('digest-1')).toBeUndefined();
  });

  it('are put together once they are asked for', () => {
    const kept = createKeptEditions();
    kept.keep(edition(1, 'one', 'two', 'three'));
    kept.keep(edition(2));
    expect([kept.linesOf('digest-1'), kept.linesOf('digest-1'), kept.linesOf('digest-2')]).toEqual([
      ...['onetwothree', 'onetwothree', ''],
    ]);
  });
});
