import { expect, it } from 'vitest';
import { createContext } from '#core/context';
import type { Decision } from '#core/decision';
import { evaluate } from '#core/evaluate';
import { type RawEntry, readerOf } from '../fixtures/lines.ts';

/** The decision of a flag that needs `base` to serve `on`. */
function decide(base: Omit<RawEntry, 'k'>, attributes: unknown = { targetingKey: 'user-1' }): Decision {
  const entries = [
    { k: 'base', r: 1, ...base },
    { k: 'flag', r: 2, o: 0, p: [['base', ['on']]], f: 1 },
  ];
  return evaluate(readerOf(entries), 'flag', createContext(attributes));
}

const FAILED = { variation: 'off', reason: 'DEFAULT', metadata: { prerequisiteFailed: 'base' } };

it('is met by one of the variations that are named', () => {
  expect(decide({ f: 1 })).toMatchObject({ variation: 'on', reason: 'DEFAULT' });
  expect(decide({ f: 1 }).metadata).toBeUndefined();
});

it('is not met by another variation', () => expect(decide({ o: 1, f: 0 })).toMatchObject(FAILED));

it('is not met by a flag that is disabled, even where its off variation is named', () => {
  expect(decide({ e: 0, o: 1, f: 1 })).toMatchObject(FAILED);
});

it('is not met by a flag that serves nothing', () => {
  expect(decide({ h: ['h', 's', 100_000], f: 1 })).toMatchObject(FAILED);
});

it('is not met by a flag whose evaluation fails, even where its offline default is named', () => {
  const attributes = Object.defineProperty({}, 'plan', {
    get: () => {
      throw new Error('cannot be read');
    },
  });
  const base = { o: 1, d: 1, u: [['r', [['exists', 'plan', []]], 1]], f: 1 };
  expect(decide(base, attributes)).toMatchObject(FAILED);
});

it('does not pass its warning on to the flag that needs it', () => {
  expect(decide({ s: 'a', f: [1, [0, 1, 1, 100_000]] }, {})).toMatchObject({ variation: 'on', reason: 'DEFAULT' });
  expect(decide({ s: 'a', f: [1, [0, 1, 1, 100_000]] }, {}).metadata).toBeUndefined();
});

it('names the first of several that is not met, and serves no value where no off variation is declared', () => {
  const reader = readerOf([
    { k: 'a', r: 1, f: 1 },
    { k: 'b', r: 1, f: 0 },
    { k: 'c', r: 1, f: 0 },
    {
      k: 'flag',
      r: 1,
      p: [
        ['a', ['on']],
        ['b', ['on']],
        ['c', ['on']],
      ],
      f: 1,
    },
  ]);
  expect(evaluate(reader, 'flag', createContext({}))).toMatchObject({
    value: undefined,
    variation: undefined,
    reason: 'DEFAULT',
    metadata: { prerequisiteFailed: 'b' },
  });
});

it('is refused where the flag that it names is not there or is refused, whichever is used first', () => {
  const entries = [
    { k: 'broken', r: 1, f: 9 },
    { k: 'needs-broken', r: 1, o: 0, p: [['broken', ['on']]], f: 1 },
    { k: 'needs-nothing-there', r: 1, o: 0, d: 1, p: [['missing', ['on']]], f: 1 },
    { k: 'needs-the-one-that-needs', r: 1, o: 0, p: [['needs-broken', ['on']]], f: 1 },
  ];
  const keys = entries.map(({ k }) => k);
  for (const order of [keys, [...keys].reverse()]) {
    const reader = readerOf(entries);
    const decisions = new Map(order.map((key) => [key, evaluate(reader, key, createContext({}))]));
    expect(keys.map((key) => decisions.get(key)?.errorCode)).toEqual(new Array(4).fill('PARSE_ERROR'));
    expect(keys.map((key) => decisions.get(key)?.variation)).toEqual([undefined, 'off', 'on', 'off']);
  }
});
