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
