import type { Place } from './context.ts';
import type { Random } from './random.ts';
import * as pools from './random-pools.ts';

/** What an attribute of the random contexts usually holds, and so which operators suit it. */
export type Family = 'text' | 'number' | 'boolean' | 'timestamp' | 'version' | 'address' | 'place';

/** An attribute that random contexts have and random clauses read; without a kind it is of `user`. */
export type AttributeSpec = { readonly path: readonly string[]; readonly family: Family; readonly kind?: string };

/** All attributes of the random cases. */
export const ATTRIBUTES: readonly AttributeSpec[] = [
  { path: ['plan'], family: 'text' },
  { path: ['é'], family: 'text' },
  { path: ['company', 'name'], family: 'text' },
  { path: ['plan'], family: 'text', kind: 'account' },
  { path: ['age'], family: 'number' },
  { path: ['company', 'size', 'seats'], family: 'number' },
  { path: ['seats'], family: 'number', kind: 'account' },
  { path: ['beta'], family: 'boolean' },
  { path: ['joined'], family: 'timestamp' },
  { path: ['seen', 'last'], family: 'timestamp', kind: 'device' },
  { path: ['app'], family: 'version' },
  { path: ['os', 'version'], family: 'version', kind: 'device' },
  { path: ['ip'], family: 'address' },
  { path: ['targetingKey'], family: 'text' },
  { path: ['region'], family: 'place' },
  { path: ['cloud'], family: 'place' },
  { path: ['pop'], family: 'place' },
  { path: ['company', 'region'], family: 'place' },
  { path: ['region'], family: 'place', kind: 'account' },
];

const GOOD: Readonly<Record<Family, readonly unknown[]>> = {
  text: pools.TEXTS,
  number: pools.NUMBERS,
  boolean: [true, false],
  timestamp: pools.TIMESTAMPS,
  version: pools.VERSIONS,
  address: pools.ADDRESSES,
  place: pools.REGIONS,
};

const ANYTHING: readonly unknown[] = [
  ...pools.TEXTS,
  ...pools.NUMBERS,
  ...pools.NO_TIMESTAMPS,
  ...pools.NO_VERSIONS,
  ...pools.NO_ADDRESSES,
  ...pools.BLOCKS,
  true,
  false,
  null,
  {},
  { targetingKey: 'user-1' },
  [[]],
  'x'.repeat(1_025),
];

function scalarOf(random: Random, family: Family): unknown {
  return random.chance(0.88) ? random.pick(GOOD[family]) : random.pick(ANYTHING);
}

function attributeOf(random: Random, family: Family): unknown {
  return random.chance(0.12) ? random.times(0, 3, () => scalarOf(random, family)) : scalarOf(random, family);
}

function unitKeyOf(random: Random): unknown {
  return random.chance(0.9) ? random.pick(pools.UNIT_KEYS) : random.pick(pools.ODD_UNIT_KEYS);
}

type Draft = Record<string, unknown>;

function userAttributes(random: Random, context: Draft): void {
  if (random.chance(0.8)) context['plan'] = attributeOf(random, 'text');
  if (random.chance(0.4)) context['é'] = attributeOf(random, 'text');
  if (random.chance(0.8)) context['age'] = attributeOf(random, 'number');
  if (random.chance(0.8)) context['beta'] = attributeOf(random, 'boolean');
  if (random.chance(0.85)) context['joined'] = attributeOf(random, 'timestamp');
  if (random.chance(0.85)) context['app'] = attributeOf(random, 'version');
  if (random.chance(0.85)) context['ip'] = attributeOf(random, 'address');
  if (random.chance(0.3)) context['region'] = attributeOf(random, 'place');
  if (random.chance(0.2)) context['cloud'] = attributeOf(random, 'place');
}

function company(random: Random): unknown {
  if (random.chance(0.08)) return random.pick(ANYTHING);
  const seats = random.chance(0.9) ? { seats: attributeOf(random, 'number') } : random.pick(ANYTHING);
  return { name: attributeOf(random, 'text'), size: seats, region: attributeOf(random, 'place') };
}

function account(random: Random): unknown {
  if (random.chance(0.25)) return unitKeyOf(random);
  const root: Draft = { plan: attributeOf(random, 'text'), seats: attributeOf(random, 'number'), region: 'eu-west-1' };
  if (random.chance(0.85)) root['targetingKey'] = unitKeyOf(random);
  return root;
}

function device(random: Random): unknown {
  if (random.chance(0.25)) return unitKeyOf(random);
  const os = { version: attributeOf(random, 'version') };
  return { targetingKey: unitKeyOf(random), os, seen: { last: attributeOf(random, 'timestamp') } };
}

/** A random context that is JSON, mostly of the attributes that random rulesets ask for. */
export function randomContext(random: Random): unknown {
  if (random.chance(0.01)) return random.pick([null, 'user-1', 42, [], {}]);
  const context: Draft = {};
  if (random.chance(0.92)) context['targetingKey'] = unitKeyOf(random);
  userAttributes(random, context);
  if (random.chance(0.7)) context['company'] = company(random);
  if (random.chance(0.7)) context['account'] = account(random);
  if (random.chance(0.7)) context['device'] = device(random);
  return context;
}

/** Where a random evaluator runs; a part that it does not know is absent. */
export function randomPlace(random: Random): Place {
  return {
    ...(random.chance(0.8) ? { region: random.pick(pools.REGIONS) } : {}),
    ...(random.chance(0.6) ? { cloud: random.pick(pools.REGIONS) } : {}),
    ...(random.chance(0.4) ? { pop: random.pick(pools.REGIONS) } : {}),
  };
}

function hostileValue(random: Random): unknown {
  const cyclic: Draft = {};
  cyclic['self'] = cyclic;
  const inherited: unknown = Object.create({ name: 'gold', seats: 42, targetingKey: 'user-1' });
  return random.pick<unknown>([
    10n,
    Symbol('gold'),
    () => 'gold',
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    new Date(1795420800000),
    new Date(Number.NaN),
    [new Date(1795420800001), 10n, undefined, Number.NaN],
    cyclic,
    [cyclic],
    inherited,
  ]);
}

const HOSTILE_NAMES = ['plan', 'age', 'joined', 'app', 'ip', 'targetingKey', 'company', 'account', 'device'];
const THROWING_NAMES = ['plan', 'age', 'joined', 'app', 'ip', 'company'];

/** A random context with things that only a programming language can put there, among them getters that throw. */
export function hostileContext(random: Random): unknown {
  if (random.chance(0.05)) return hostileValue(random);
  const context: Draft = { ...(randomContext(random) as object) };
  context[random.pick(HOSTILE_NAMES)] = hostileValue(random);
  if (random.chance(0.3)) {
    const get = () => {
      throw new Error('this attribute cannot be read');
    };
    Object.defineProperty(context, random.pick(THROWING_NAMES), { get, enumerable: true });
  }
  return context;
}
