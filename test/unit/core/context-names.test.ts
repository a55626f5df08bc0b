import { expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate, evaluateAll } from '#core/evaluate';
import { readerOf } from '../fixtures/lines.ts';

const clause = (path: unknown): Record<string, unknown> => ({ u: [['rule', [['exists', path, []]], 1]], f: 0 });

const ruleset = readerOf([
  { k: 'plan', r: 1, o: 0, ...clause('plan') },
  { k: 'admin', r: 1, o: 0, ...clause('admin') },
  { k: 'deep', r: 1, o: 0, ...clause(['account', 'admin']) },
  { k: 'split', r: 1, s: 'x7Kq2mPd', o: 0, f: [0, [0, 1, 1, 100_000]] },
  { k: 'account', r: 1, s: 'a', o: 0, f: [0, [0, 1, 1, 100_000], 'account'] },
]);

const variations = (attributes: unknown): Record<string, string | undefined> => {
  const decisions = evaluateAll(ruleset, createContext(attributes));
  return Object.fromEntries(ruleset.flagKeys().map((key, at) => [key, decisions[at]?.variation]));
};

const prototypeOf = (): unknown =>
  Reflect.ownKeys(Object.prototype).map((key) => [key, Reflect.get(Object.prototype, key)]);

it('B04: names that every object has are plain data in a context, and Object.prototype stays as it is', () => {
  const before = prototypeOf();
  const attributes: unknown = JSON.parse(
    '{"targetingKey":"u","__proto__":{"admin":true,"plan":"gold"},"constructor":{"prototype":{"admin":true}},"toString":1,"hasOwnProperty":2}',
  );
  const { plan, admin, deep } = variations(attributes);
  expect([plan, admin, deep]).toEqual(['off', 'off', 'off']);
  expect(prototypeOf()).toEqual(before);
});

it('B04: __proto__ inside an attribute is plain data', () => {
  const attributes: unknown = JSON.parse('{"targetingKey":"u","account":{"__proto__":{"admin":true}}}');
  expect(variations(attributes)['deep']).toBe('off');
});

it('B04: an attribute that is only inherited does not count', () => {
  const attributes: unknown = Object.create({ plan: 'gold', admin: true, account: { admin: true } });
  const { plan, admin, deep } = variations(attributes);
  expect([plan, admin, deep]).toEqual(['off', 'off', 'off']);
});

/** Whether flags are `on` that serve it to whom one clause about `plan` holds for. */
function holdingOf(
  clauses: Readonly<Record<string, readonly unknown[]>>,
  attributes: unknown,
): Record<string, boolean> {
  const lines = Object.entries(clauses).map(([k, one]) => ({ k, r: 1, o: 0, u: [['rule', [one], 1]], f: 0 }));
  const decided = (key: string): boolean | undefined =>
    evaluate(readerOf(lines), key, createContext(attributes)).value as boolean | undefined;
  return Object.fromEntries(Object.keys(clauses).map((key) => [key, decided(key) === true]));
}

const INHERITED = {
  equal: ['in', 'plan', ['gold']],
  exists: ['exists', 'plan', []],
  'exists-not': ['exists', 'plan', [], 1],
  other: ['in', 'plan', ['silver'], 1],
};
const NOBODY = { equal: false, exists: false, 'exists-not': true, other: false };

it('B04: no clause and no negation of one holds for an attribute that is only inherited', () => {
  for (const plan of ['gold', 42, true, ['gold'], new Date(0)]) {
    expect(holdingOf(INHERITED, Object.create({ plan }))).toEqual(NOBODY);
  }
});

it('B04: B21: an inherited getter that throws does not count', () => {
  const proto = Object.defineProperty({}, 'plan', {
    get: () => {
      throw new Error('cannot be read');
    },
  });
  expect(holdingOf(INHERITED, Object.create(proto))).toEqual(NOBODY);
});

it('B04: what somebody put into Object.prototype is no attribute', () => {
  Object.defineProperty(Object.prototype, 'plan', { value: 'gold', configurable: true });
  try {
    expect(holdingOf(INHERITED, { targetingKey: 'user-1' })).toEqual(NOBODY);
    expect(holdingOf(INHERITED, { plan: 'gold' })).toEqual({
      equal: true,
      exists: true,
      'exists-not': false,
      other: true,
    });
  } finally {
    Reflect.deleteProperty(Object.prototype, 'plan');
  }
});

it('B04: a targetingKey that is only inherited does not count', () => {
  const attributes: unknown = Object.create({ targetingKey: 'user-1' });
  const decision = evaluate(ruleset, 'split', createContext(attributes));
  expect(decision.metadata).toEqual({ warning: 'TARGETING_KEY_MISSING' });
});

it("B04: the inherited targetingKey of another kind's unit does not count", () => {
  const attributes = { account: Object.create({ targetingKey: 'acme' }) as unknown };
  const decision = evaluate(ruleset, 'account', createContext(attributes));
  expect(decision.metadata).toEqual({ warning: 'TARGETING_KEY_MISSING' });
});

it('B04: flags named like what objects have are not found', () => {
  for (const key of [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '',
    'segment:staff',
    'plan"',
    'plan\n',
  ]) {
    expect(evaluate(ruleset, key, createContext({}))).toEqual({
      value: undefined,
      variation: undefined,
      reason: 'ERROR',
      rule: undefined,
      revision: 0,
      version: 100,
      errorCode: 'FLAG_NOT_FOUND',
    });
  }
});
