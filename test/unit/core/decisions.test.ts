import { expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate, evaluateAll } from '#core/evaluate';
import { FULL } from '../fixtures/entries.ts';
import { isDeeplyFrozen } from '../fixtures/frozen.ts';
import { readerOf } from '../fixtures/lines.ts';

const CONTEXTS: readonly unknown[] = [
  {},
  { targetingKey: 'user-1' },
  { targetingKey: 'qa-1' },
  { targetingKey: 'user-2', plan: 'gold', account: 'acme', device: 'd-1' },
  { targetingKey: 'user-3', account: { targetingKey: 'globex' }, device: 'd-2', app: '1.2.3' },
];

it('every decision is frozen to the bottom', () => {
  const reader = readerOf(FULL);
  for (const attributes of CONTEXTS) {
    for (const decision of evaluateAll(reader, createContext(attributes))) expect(isDeeplyFrozen(decision)).toBe(true);
  }
  expect(isDeeplyFrozen(evaluate(reader, 'no.such-flag', createContext({})))).toBe(true);
});

it('a second evaluation makes no new decision, whoever asks', () => {
  const reader = readerOf(FULL);
  const first = CONTEXTS.map((attributes) => evaluateAll(reader, createContext(attributes)));
  const second = CONTEXTS.map((attributes) => evaluateAll(reader, createContext(structuredClone(attributes))));
  second.forEach((decisions, context) => {
    decisions.forEach((decision, flag) => {
      expect(decision).toBe(first[context]?.[flag]);
    });
  });
});

it('a decision with a warning is made once as well', () => {
  const entry = { k: 'flag', r: 1, s: 'a', h: ['everywhere', 'b', 0], u: [['all', [['exists', 'plan', []]], 1]] };
  const reader = readerOf([{ ...entry, f: [0, [0, 50_000, 1, 100_000]] }]);
  for (const attributes of [{}, { plan: 'gold' }]) {
    const first = evaluate(reader, 'flag', createContext(attributes));
    expect(first.metadata).toEqual({ warning: 'TARGETING_KEY_MISSING' });
    expect(evaluate(reader, 'flag', createContext({ ...attributes }))).toBe(first);
  }
});

it('two users who are served the same are served the same object', () => {
  const reader = readerOf([{ k: 'flag', r: 1, s: 'a', f: [0, [0, 50_000, 1, 100_000]] }]);
  const decisions = Array.from({ length: 500 }, (_, at) =>
    evaluate(reader, 'flag', createContext({ targetingKey: `user-${at}` })),
  );
  expect(new Set(decisions).size).toBe(2);
});

it('an object value is one object, the same in every decision that serves it', () => {
  const reader = readerOf(FULL);
  const { value } = evaluate(reader, 'search.layout', createContext({}));
  expect(value).toEqual({ columns: 3, labels: ['a', 'b'], deep: { er: [{ on: true, off: null }] } });
  expect(() => Object.assign(value as object, { columns: 4 })).toThrow(TypeError);
  expect(evaluate(reader, 'search.layout', createContext({})).value).toBe(value);
});

it('a context that was used before gives what a new one gives', () => {
  const reader = readerOf(FULL);
  for (const attributes of CONTEXTS) {
    const used = createContext(attributes);
    evaluateAll(reader, used);
    expect(evaluateAll(readerOf(FULL), used)).toEqual(evaluateAll(readerOf(FULL), createContext(attributes)));
  }
});

it('flags are decided alike whether one by one or all at once, in any order', () => {
  for (const attributes of CONTEXTS) {
    const all = evaluateAll(readerOf(FULL), createContext(attributes));
    const keys = readerOf(FULL).flagKeys();
    const backwards = readerOf(FULL);
    const single = [...keys].reverse().map((key) => evaluate(backwards, key, createContext(attributes)));
    expect(single.reverse()).toEqual(all);
  }
});
