import { describe, expect, it } from 'vitest';
import type { Decision } from '#core/decision';
import type { Decided } from '../../../workers/akamai/decide.ts';
import { variationKey } from '../../../workers/akamai/variation-key.ts';

const decided = (flag: string, variation: string): Decided => ({
  flag,
  reason: 'SPLIT',
  decision: { value: variation, variation, reason: 'SPLIT', rule: undefined, revision: 5, version: 9 } as Decision,
});

describe('what pages are cached apart by', () => {
  const fares = () => decided('pricing.fareBundlingV2', 'v2');
  const rounding = () => decided('pricing.currencyRounding', 'on');
  const lines = new Map([
    [
      'pricing.fareBundlingV2',
      '{"k":"pricing.fareBundlingV2","v":[["control","control","aaaaaaaa"],["v2","v2","bbbbbbbb"]]}',
    ],
    ['pricing.currencyRounding', '{"k":"pricing.currencyRounding"}'],
  ]);
  const line = (flag: string): string | undefined => lines.get(flag);

  it('is the variations’ ids; the standard booleans go by name', () => {
    const flags = ['pricing.currencyRounding', 'pricing.fareBundlingV2', 'pricing.gone'];
    expect(variationKey([fares(), rounding()], flags, line)).toBe('on.bbbbbbbb.-');
  });

  it('is the names before any view was received', () => {
    expect(variationKey([fares()], ['pricing.fareBundlingV2'], () => undefined)).toBe('v2');
  });

  it('is short whatever it is made of, and another for another variation', () => {
    const flags = Array.from({ length: 60 }, (_, at) => `pricing.flag${at}`);
    const all = (last: string) => flags.map((flag, at) => decided(flag, at === 59 ? last : `variation-${at}`));
    const [one, same, other] = ['a', 'a', 'b'].map((last) => variationKey(all(last), flags, () => undefined));
    expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{8}$/);
    expect(same).toBe(one);
    expect(other).not.toBe(one);
  });

  it('is read from a line once for a decision that many are served', () => {
    let reads = 0;
    const counted = (flag: string): string | undefined => {
      reads++;
      return line(flag);
    };
    const flags = ['pricing.fareBundlingV2'];
    const again = decided('pricing.fareBundlingV2', 'v2');
    expect([variationKey([again], flags, counted), variationKey([again], flags, counted)]).toEqual([
      'bbbbbbbb',
      'bbbbbbbb',
    ]);
    expect(reads).toBe(1);
  });
});
