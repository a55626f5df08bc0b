import { describe, expect, it, vi } from 'vitest';
import { createContext } from '#core/context';
import type { Decision } from '#core/decision';
import { evaluate, evaluateAll } from '#core/evaluate';
import { deepFreeze } from '../fixtures/frozen.ts';
import { readerOf } from '../fixtures/lines.ts';

/** A flag that serves `on` to whom one clause holds for. */
const rule = (clause: unknown): Record<string, unknown> => ({ u: [['rule', [clause], 1]], f: 0 });

const ruleset = readerOf([
  { k: 'in', r: 1, o: 0, ...rule(['in', 'plan', ['gold', 42, true]]) },
  { k: 'not-in', r: 1, o: 0, ...rule(['in', 'plan', ['gold'], 1]) },
  { k: 'exists', r: 1, o: 0, ...rule(['exists', 'plan', []]) },
  { k: 'deep', r: 1, o: 0, ...rule(['in', ['plan', 'name'], ['gold']]) },
  { k: 'after', r: 1, o: 0, ...rule(['after', 'plan', ['2020-01-01T00:00:00Z']]) },
  { k: 'contains', r: 1, o: 0, ...rule(['contains', 'plan', ['gold']]) },
  { k: 'matches', r: 1, o: 0, ...rule(['matches', 'plan', ['gold']]) },
  { k: 'semver', r: 1, o: 0, ...rule(['semverAtLeast', 'plan', ['1']]) },
  { k: 'cidr', r: 1, o: 0, ...rule(['inCidr', 'plan', ['0.0.0.0/0']]) },
  { k: 'split', r: 1, s: 'x7Kq2mPd', o: 0, f: [0, [0, 50_000, 1, 100_000]] },
  { k: 'account-split', r: 1, s: 'a', o: 0, f: [0, [0, 1, 1, 100_000], 'account'] },
  { k: 'guarded', r: 1, s: 'b', o: 0, d: 1, ...rule(['in', 'plan', ['gold']]) },
]);

const decide = (key: string, attributes: unknown): Decision => evaluate(ruleset, key, createContext(attributes));
const variation = (key: string, attributes: unknown): string | undefined => decide(key, attributes).variation;

const cyclic: Record<string, unknown> = { targetingKey: 'user-1', name: 'gold' };
cyclic['plan'] = cyclic;
cyclic['list'] = [cyclic];

class Person {
  targetingKey = 'user-1';
  plan = 'gold';
  get nickname(): string {
    return 'none';
  }
}

const attribute = (plan: unknown): Record<string, unknown> => ({ targetingKey: 'user-1', plan });

/** Contexts with the decision of `in` that each must lead to: `on`, or `off`. */
const CONTEXTS: Readonly<Record<string, readonly [unknown, 'on' | 'off']>> = {
  'a missing key': [{ plan: 'gold' }, 'on'],
  'an empty key': [{ targetingKey: '', plan: 'gold' }, 'on'],
  'a key that is an object': [{ targetingKey: {}, plan: 'gold' }, 'on'],
  'an attribute of 1 MB': [attribute('x'.repeat(1_000_000)), 'off'],
  'a list of 10,000 elements': [attribute([...new Array(9_999).fill('x'), 'gold']), 'off'],
  '10,000 attributes': [
    { ...Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`a${at}`, at])), plan: 'gold' },
    'on',
  ],
  'a cyclic object': [cyclic, 'off'],
  'a cyclic list': [attribute(cyclic['list']), 'off'],
  'a BigInt': [attribute(42n), 'off'],
  'a Date': [attribute(new Date(1_795_420_800_000)), 'off'],
  'an invalid Date': [attribute(new Date(Number.NaN)), 'off'],
  'a Symbol': [attribute(Symbol('gold')), 'off'],
  'a Symbol for a key': [{ targetingKey: Symbol('user'), plan: 'gold' }, 'on'],
  'a function': [attribute(() => 'gold'), 'off'],
  'a lone surrogate': [attribute('gold\ud83d'), 'off'],
  'a lone surrogate for a key': [{ targetingKey: '\udc00', plan: 'gold' }, 'on'],
  'an instance of a class': [new Person(), 'on'],
  'an object without a prototype': [Object.assign(Object.create(null), { targetingKey: 'u', plan: 'gold' }), 'on'],
  'a boxed string': [attribute(new String('gold')), 'off'],
  'a Map': [new Map([['plan', 'gold']]), 'off'],
  NaN: [attribute(Number.NaN), 'off'],
  'an infinity': [attribute(Number.NEGATIVE_INFINITY), 'off'],
  'a nested list': [attribute([['gold']]), 'off'],
  'a list with holes': [attribute(Object.assign(new Array<string>(2), { 1: 'gold' })), 'on'],
  null: [null, 'off'],
  undefined: [undefined, 'off'],
  'a text': ['gold', 'off'],
  'a list': [['gold'], 'off'],
  'a function for a context': [() => 'gold', 'off'],
};

describe('given contexts that only a programming language can make', () => {
  for (const [name, [attributes, expected]] of Object.entries(CONTEXTS)) {
    it(`B21: decides every flag for ${name} without an error`, () => {
      const decisions = evaluateAll(ruleset, createContext(attributes));
      expect(decisions.map(({ reason }) => reason)).not.toContain('ERROR');
      expect(variation('in', attributes)).toBe(expected);
    });

    it(`B21: leaves the context as it is for ${name}`, () => {
      // Frozen to the bottom: a write would throw, and be seen as INVALID_CONTEXT.
      const frozen = deepFreeze(attributes);
      expect(evaluateAll(ruleset, createContext(frozen)).filter(({ errorCode }) => errorCode)).toEqual([]);
    });
  }
});

it('B21: reads neither clock nor random numbers', () => {
  const now = vi.spyOn(Date, 'now');
  const random = vi.spyOn(Math, 'random');
  const RealDate = Date;
  let clockReads = 0;
  const construct = (target: typeof Date, given: unknown[]): object => {
    if (given.length === 0) clockReads++;
    return Reflect.construct(target, given) as object;
  };
  vi.stubGlobal('Date', new Proxy(RealDate, { construct }));
  try {
    for (const [attributes] of Object.values(CONTEXTS)) evaluateAll(ruleset, createContext(attributes));
    expect([now.mock.calls.length, random.mock.calls.length, clockReads]).toEqual([0, 0, 0]);
  } finally {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  }
});

const throwing = (name: string): object =>
  Object.defineProperty({ targetingKey: 'user-1' }, name, {
    enumerable: true,
    get: () => {
      throw new Error('cannot be read');
    },
  });

const hostileProxy = (trap: keyof ProxyHandler<object>): object =>
  new Proxy({ plan: 'gold' }, { [trap]: () => { throw new TypeError('trap'); } }); // biome-ignore format: one line

it('B21: serves the offline default with INVALID_CONTEXT where a getter throws', () => {
  expect(decide('guarded', throwing('plan'))).toEqual({
    value: true,
    variation: 'on',
    reason: 'ERROR',
    rule: undefined,
    revision: 1,
    version: 100,
    errorCode: 'INVALID_CONTEXT',
  });
  expect(decide('split', throwing('targetingKey')).errorCode).toBe('INVALID_CONTEXT');
  expect(decide('account-split', throwing('account')).errorCode).toBe('INVALID_CONTEXT');
});

it('B21: a getter that throws harms only the flags that read it', () => {
  const attributes = throwing('plan');
  const context = createContext(attributes);
  expect(evaluate(ruleset, 'in', context).errorCode).toBe('INVALID_CONTEXT');
  expect(evaluate(ruleset, 'split', context).reason).toBe('SPLIT');
});

it('B21: serves the offline default where a Proxy throws', () => {
  for (const trap of ['get', 'getOwnPropertyDescriptor'] as const) {
    expect(decide('guarded', hostileProxy(trap)).errorCode).toBe('INVALID_CONTEXT');
  }
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(decide('in', attribute(proxy)).errorCode).toBe('INVALID_CONTEXT');
});

it('B21: a Proxy that is revoked once it was taken has no unit key any more, and its attributes cannot be read', () => {
  const { proxy, revoke } = Proxy.revocable(attribute('gold'), {});
  const contexts = [createContext(proxy), createContext(proxy)];
  revoke();
  for (const key of ['split', 'account-split']) {
    const [first, second] = contexts.map((context) => evaluate(ruleset, key, context));
    expect(first).toMatchObject({ reason: 'SPLIT', metadata: { warning: 'TARGETING_KEY_MISSING' } });
    expect(second).toBe(first);
  }
  expect(contexts.map((context) => evaluate(ruleset, 'in', context).errorCode)).toEqual(
    Array(2).fill('INVALID_CONTEXT'),
  );
});

it('B21: a context that is a revoked Proxy counts as the empty object', () => {
  const { proxy, revoke } = Proxy.revocable({ plan: 'gold' }, {});
  revoke();
  expect(decide('guarded', proxy)).toMatchObject({ variation: 'off', reason: 'DEFAULT' });
  expect(decide('split', proxy).metadata).toEqual({ warning: 'TARGETING_KEY_MISSING' });
});

it('B21: bounds the work of a Proxy that has no end', () => {
  const endless: object = new Proxy({}, { get: () => endless, has: () => true, getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: endless, writable: true }) }); // biome-ignore format: one line
  expect(decide('deep', endless).reason).toBe('DEFAULT');
});

it('B21: a Date counts as its text', () => {
  const date = new Date('2026-11-23T08:00:00Z');
  expect(variation('after', attribute(date))).toBe('on');
  expect(variation('exists', attribute(date))).toBe('on');
  expect(variation('after', attribute([new Date(0), date]))).toBe('on');
  expect(variation('exists', attribute(new Date(Number.NaN)))).toBe('off');
});

it('B21: what JSON lacks is missing, so that neither a clause nor its negation holds', () => {
  for (const value of [undefined, null, Number.NaN, 10n, Symbol('x'), () => 'gold', new Date(Number.NaN)]) {
    for (const key of ['in', 'not-in', 'exists']) expect(variation(key, attribute(value))).toBe('off');
  }
});

it('B21: a text that is too long is looked at by exists alone', () => {
  const long = attribute('gold'.repeat(5_000));
  expect(['exists', 'in', 'not-in', 'contains', 'matches'].map((key) => variation(key, long))).toEqual([
    'on',
    'off',
    'off',
    'off',
    'off',
  ]);
  expect(variation('contains', attribute('gold'.repeat(4_096)))).toBe('on');
  expect(variation('matches', attribute('gold'.repeat(256)))).toBe('on');
  expect(variation('matches', attribute('gold'.repeat(257)))).toBe('off');
});

it('B21: elements behind the first thousand are not looked at', () => {
  const list = (length: number): unknown[] => [...new Array<string>(length - 1).fill('x'), 'gold'];
  expect(variation('in', attribute(list(1_000)))).toBe('on');
  expect(variation('in', attribute(list(1_001)))).toBe('off');
});
