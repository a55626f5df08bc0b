import { describe, expect, it } from 'vitest';
import type { Decision } from '#core/decision';
import type { Decided } from '../../../workers/akamai/decide.ts';
import { readProvenance, writeHandOff } from '../../../workers/akamai/hand-off.ts';
import { provenanceHeaders } from '../../../workers/akamai/provenance.ts';

const decided = (flag: string, variation: string | undefined, reason = 'SPLIT'): Decided => ({
  flag,
  reason,
  decision: { value: variation, variation, reason: 'SPLIT', rule: undefined, revision: 5, version: 9 } as Decision,
});

const FARES = decided('pricing.fareBundlingV2', 'v2');
const ROUNDING = decided('pricing.currencyRounding', 'on', 'STALE');

describe('what is handed on', () => {
  it('tells version, age and each decision with its revision and reason', () => {
    expect(writeHandOff({ version: 9, ageMs: 40 }, [FARES, ROUNDING], 1_000)).toBe(
      '9;40,pricing.fareBundlingV2=v2;5;SPLIT,pricing.currencyRounding=on;5;STALE',
    );
  });

  it('keeps decisions whole where room is short: the one that fits is kept, the one that does not is left out', () => {
    const long = decided(`pricing.${'x'.repeat(60)}`, 'v2');
    const room = writeHandOff({ version: 9, ageMs: 40 }, [FARES], 1_000).length;
    expect(writeHandOff({ version: 9, ageMs: 40 }, [long, FARES], room)).toBe('9;40,pricing.fareBundlingV2=v2;5;SPLIT');
    for (let less = 0; less < room; less++) {
      const text = writeHandOff({ version: 9, ageMs: 40 }, [FARES], less);
      expect(text).toBe('9;40');
    }
  });

  it('says nothing of a flag that serves nothing', () => {
    expect(writeHandOff({ version: 0, ageMs: undefined }, [decided('a.flag', undefined)], 1_000)).toBe('0;');
  });

  it('is read back, and nothing else is taken for it', () => {
    expect(readProvenance('9;40,pricing.fareBundlingV2=v2;5;SPLIT')).toEqual({ version: 9, ageMs: 40 });
    expect(readProvenance('0;')).toEqual({ version: 0, ageMs: undefined });
    for (const other of [undefined, '', 'x', '9', '9;-1', '9;1x', `${'9'.repeat(17)};1`]) {
      expect(readProvenance(other)).toBeUndefined();
    }
  });

  it('is told to clients: the version, and how old it is where that is known', () => {
    expect(provenanceHeaders({ version: 9, ageMs: 40 })).toEqual({
      'lockstep-version': '9',
      'server-timing': 'age;dur=40',
    });
    expect(provenanceHeaders({ version: 0, ageMs: undefined })['server-timing']).toBe('ruleset;desc=offline');
  });
});
