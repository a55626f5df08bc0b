import { describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import type { Decision } from '#core/decision';
import { evaluate } from '#core/evaluate';
import type { OperatorName } from '#core/operators';
import { type RawEntry, readerOf } from '../fixtures/lines.ts';

const decide = (flag: Omit<RawEntry, 'k'>, attributes: unknown, others: readonly RawEntry[] = []): Decision =>
  evaluate(readerOf([{ k: 'flag', r: 9, ...flag }, ...others]), 'flag', createContext(attributes));

const short = ({ variation, reason, rule, metadata }: Decision): unknown[] => [variation, reason, rule, metadata];

const USER = { targetingKey: 'user-1', plan: 'gold' };
const SPLIT = [0, [0, 1, 1, 100_000]];
const IN_PLAN = ['in', 'plan', ['gold']];
const WARNING = { warning: 'TARGETING_KEY_MISSING' };

describe('given a disabled flag', () => {
  const states: Readonly<Record<string, Record<string, unknown>>> = {
    'nothing else': {},
    'a split': { s: 'a', f: SPLIT },
    'a rule that would match': { u: [['r', [IN_PLAN], 1]] },
    'a target that would match': { i: [[1, ['user-1']]] },
    'a holdout and a layer': { h: ['h', 's', 100_000], l: ['l', 's', []] },
  };
  for (const [name, fields] of Object.entries(states)) {
    it(`R7: serves the off variation with reason DISABLED, with ${name}`, () => {
      expect(short(decide({ e: 0, o: 1, f: 0, ...fields }, USER))).toEqual(['on', 'DISABLED', undefined, undefined]);
      expect(short(decide({ e: 0, f: 0, ...fields }, USER))).toEqual([undefined, 'DISABLED', undefined, undefined]);
    });
  }

  it('R7: an entry that is disabled and refused besides serves its offline default', () => {
    expect(decide({ e: 0, o: 0, d: 1, f: 2 }, USER)).toMatchObject({ variation: 'on', errorCode: 'PARSE_ERROR' });
  });
});

describe('given every kind of outcome of a rule', () => {
  const table: readonly (readonly [string, unknown, unknown, unknown[]])[] = [
    ['an index', 1, USER, ['on', 'TARGETING_MATCH', 'r', undefined]],
    ['a split', SPLIT, USER, ['on', 'SPLIT', 'r', undefined]],
    ['a split without a unit key', SPLIT, { plan: 'gold' }, ['off', 'DEFAULT', undefined, WARNING]],
    ['a split in one range', [0, [1, 100_000]], { plan: 'gold' }, ['on', 'SPLIT', 'r', undefined]],
    ['a split of another kind', [0, [1, 99_999, 0, 100_000], 'account'], USER, ['off', 'DEFAULT', undefined, WARNING]],
    ['no match', 1, { targetingKey: 'user-1' }, ['off', 'DEFAULT', undefined, undefined]],
  ];
  for (const [name, outcome, attributes, expected] of table) {
    it(`R7: decides a rule with ${name}`, () => {
      expect(short(decide({ s: 'a', u: [['r', [IN_PLAN], outcome]], f: 0 }, attributes))).toEqual(expected);
    });
  }
});

describe('given every kind of fallthrough', () => {
  const table: readonly (readonly [string, Record<string, unknown>, unknown, unknown[]])[] = [
    ['an index', { f: 1 }, USER, ['on', 'STATIC', undefined, undefined]],
    [
      'an index behind a rule',
      { u: [['r', [['exists', 'no', []]], 0]], f: 1 },
      USER,
      ['on', 'DEFAULT', undefined, undefined],
    ],
    ['a split', { s: 'a', f: SPLIT }, USER, ['on', 'SPLIT', undefined, undefined]],
    ['a split without a key', { s: 'a', f: [1, [0, 99_999, 1, 100_000]] }, {}, ['on', 'SPLIT', undefined, WARNING]],
    ['a split in one range', { s: 'a', f: [0, [1, 100_000]] }, {}, ['on', 'SPLIT', undefined, undefined]],
  ];
  for (const [name, fields, attributes, expected] of table) {
    it(`R7: decides a fallthrough with ${name}`, () => expect(short(decide(fields, attributes))).toEqual(expected));
  }
});

describe('given every gate', () => {
  const table: readonly (readonly [string, Record<string, unknown>, unknown, unknown[]])[] = [
    [
      'a target that matches',
      {
        i: [
          [0, ['x']],
          [1, ['user-1']],
        ],
      },
      USER,
      ['on', 'TARGETING_MATCH', undefined, undefined],
    ],
    [
      'a target of another kind',
      { i: [[1, ['acme'], 'account']] },
      { account: 'acme' },
      ['on', 'TARGETING_MATCH', undefined, undefined],
    ],
    ['a target that misses', { i: [[1, ['x']]] }, USER, ['off', 'DEFAULT', undefined, undefined]],
    ['a holdout of all', { h: ['h', 's', 100_000] }, USER, ['off', 'SPLIT', undefined, { holdout: 'h' }]],
    ['a holdout of none', { h: ['h', 's', 0] }, USER, ['off', 'DEFAULT', undefined, undefined]],
    ['a holdout without a key', { h: ['h', 's', 0] }, {}, ['off', 'DEFAULT', undefined, WARNING]],
    ['a layer without room', { l: ['l', 's', []] }, USER, ['off', 'SPLIT', undefined, { layer: 'l' }]],
    ['a layer of all', { l: ['l', 's', [0, 100_000]] }, USER, ['off', 'DEFAULT', undefined, undefined]],
    [
      'a layer without a key',
      { l: ['l', 's', [0, 100_000]] },
      {},
      ['off', 'SPLIT', undefined, { layer: 'l', ...WARNING }],
    ],
    [
      'a holdout without a key before a layer',
      { h: ['h', 's', 0, 'account'], l: ['l', 's', []] },
      USER,
      ['off', 'SPLIT', undefined, { layer: 'l', ...WARNING }],
    ],
  ];
  for (const [name, fields, attributes, expected] of table) {
    it(`R7: decides behind ${name}`, () =>
      expect(short(decide({ o: 0, f: 0, ...fields }, attributes))).toEqual(expected));
  }
});

describe('given the states of a segment', () => {
  const members = { k: 'segment:s', r: 1, i: ['user-1', 'user-2'], x: ['user-2', 'user-3'], u: [[IN_PLAN]] };
  const clause = (bits?: number): unknown[] => (bits === undefined ? ['segment', ['s']] : ['segment', ['s'], bits]);
  const member = (attributes: unknown, bits?: number): boolean =>
    decide({ u: [['r', [clause(bits)], 1]], f: 0 }, attributes, [members]).variation === 'on';

  it('R7: included beats excluded, excluded beats rules', () => {
    expect(member({ targetingKey: 'user-1' })).toBe(true);
    expect(member({ targetingKey: 'user-2' })).toBe(true);
    expect(member({ targetingKey: 'user-3', plan: 'gold' })).toBe(false);
    expect(member({ targetingKey: 'user-4', plan: 'gold' })).toBe(true);
    expect(member({ plan: 'gold' })).toBe(true);
    expect(member({})).toBe(false);
  });

  it('R7: a negated clause on segments holds for who is in none', () => {
    expect(member({ targetingKey: 'user-3', plan: 'gold' }, 1)).toBe(true);
    expect(member({ targetingKey: 'user-1' }, 1)).toBe(false);
    expect(member({}, 1)).toBe(true);
  });
});

/** Values and an attribute for which each operator holds, and one for which it does not. */
const OPERATORS: Readonly<Record<OperatorName, readonly [unknown[], unknown, unknown]>> = {
  in: [['gold', 3], 3, '3'],
  startsWith: [['go'], 'gold', 'old'],
  endsWith: [['ld'], 'gold', 'lde'],
  contains: [['ol'], 'gold', 'OL'],
  matches: [['^g.ld$'], 'gold', 'golden'],
  lessThan: [[3], 2.9, 3],
  atMost: [[3], 3, 3.1],
  greaterThan: [[3], 3.1, 3],
  atLeast: [[3], 3, 2.9],
  before: [['2026-01-01T00:00:00Z'], 0, '2026-01-01T00:00:00Z'],
  after: [['2026-01-01T00:00:00Z'], '2026-01-01T00:00:00.001Z', '2026-01-01T00:00:00Z'],
  semverEquals: [['1.2.0'], '1.2', '1.2.1'],
  semverLessThan: [['1.2'], '1.2.0-rc.1', '1.2.0'],
  semverAtMost: [['1.2'], '1.2.0', '1.2.1'],
  semverGreaterThan: [['1.2'], '1.2.1', '1.2.0'],
  semverAtLeast: [['1.2'], '1.2.0', '1.2.0-rc.1'],
  semverTilde: [['1.2'], '1.2.9', '1.3.0'],
  semverCaret: [['1.2'], '1.9.0', '2.0.0'],
  inCidr: [['10.0.0.0/8'], '10.1.2.3', '11.1.2.3'],
  exists: [[], '', null],
};

for (const [name, [values, yes, no]] of Object.entries(OPERATORS)) {
  const holds = (attribute: unknown, bits: number): boolean =>
    decide({ u: [['r', [[name, 'plan', values, bits]], 1]], f: 0 }, { plan: attribute }).variation === 'on';

  it(`R7: ${name} holds or not, and negated the other way round`, () => {
    expect([holds(yes, 0), holds(no, 0), holds(yes, 1), holds(no, 1)]).toEqual([true, false, false, true]);
  });

  if (name !== 'exists') {
    it(`R7: ${name} and its negation hold for none of what it does not apply to`, () => {
      for (const odd of [null, {}, [], [null], [{}], [[]], undefined]) {
        expect([holds(odd, 0), holds(odd, 1)], JSON.stringify(odd)).toEqual([false, false]);
      }
    });
  }
}
