import type { Random } from './random.ts';
import { randomClauses } from './random-clause.ts';
import { UNIT_KEYS } from './random-pools.ts';

/** An entry as it stands in a ruleset's line. */
export type Entry = { k: string } & Record<string, unknown>;

/** A ruleset as evaluators of the tests take it. */
export type Ruleset = { readonly version: number; readonly entries: readonly Entry[] };

const VERSION = 4_294_967_400;
const SALTS = ['x7Kq2mPd', 'a', 'é\ud83d', 's'.repeat(64)];
const KINDS = ['account', 'device', 'company'];
const ENDS = [1, 999, 5_000, 10_000, 25_000, 33_333, 50_000, 66_666, 75_000, 90_000, 99_999];

const VARIATIONS: readonly (readonly (readonly [string, unknown, string])[] | undefined)[] = [
  undefined,
  [
    ['a', 'gold', 'aaaaaaaa'],
    ['b', 'é\ud83d', 'bbbbbbbb'],
    ['c', '', 'cccccccc'],
  ],
  [
    ['low', -0.5, 'aaaaaaa-'],
    ['high', 1e21, 'bbbbbbb_'],
  ],
  [
    ['x', { color: 'red', deep: [{ a: null }] }, 'AAAAAAAA'],
    ['y', [1, 'two', false], '00000000'],
    ['z', {}, '--------'],
    ['w', [], '________'],
  ],
  [['only', true, 'tb6kG2xi']],
];

function withKind(random: Random, tuple: unknown[]): unknown[] {
  return random.chance(0.3) ? [...tuple, random.pick(KINDS)] : tuple;
}

function ends(random: Random, most: number): number[] {
  const chosen = new Set(random.times(0, most, () => random.pick(ENDS)));
  return [...chosen].sort((a, b) => a - b);
}

function outcome(random: Random, count: number): unknown {
  if (random.chance(0.5)) return random.int(count);
  const ranges = [...ends(random, 5), 100_000].flatMap((end) => [random.int(count), end]);
  return withKind(random, [random.int(count), ranges]);
}

function layer(random: Random): unknown[] {
  const edges = ends(random, 6);
  const even = edges.length % 2 === 0 ? edges : edges.slice(1);
  return withKind(random, [random.pick(['grid', 'layer.1']), random.pick(SALTS), even]);
}

function holdout(random: Random): unknown[] {
  const end = random.pick([0, 1, 5_000, 20_000, 50_000, 100_000]);
  return withKind(random, [random.pick(['quiet', 'H-1']), random.pick(SALTS), end]);
}

function target(random: Random, count: number): unknown[] {
  return withKind(random, [random.int(count), random.times(1, 4, () => random.pick(UNIT_KEYS))]);
}

function optional(random: Random, probability: number, field: string, make: () => unknown): Record<string, unknown> {
  return random.chance(probability) ? { [field]: make() } : {};
}

type Sound = { readonly key: string; readonly names: readonly string[] };

function prerequisites(random: Random, flags: readonly Sound[]): unknown[] {
  return random.times(1, 2, () => {
    const flag = random.pick(flags);
    return [flag.key, random.times(1, 3, () => (random.chance(0.95) ? random.pick(flag.names) : 'no-such-variation'))];
  });
}

function rules(random: Random, count: number, segments: readonly string[]): unknown[] {
  let id = 0;
  return random.times(1, 4, () => [`r${id++}`, randomClauses(random, segments), outcome(random, count)]);
}

function randomFlag(random: Random, key: string, flags: readonly Sound[], segments: readonly string[]): Entry {
  const variations = random.pick(VARIATIONS);
  const count = variations?.length ?? 2;
  return {
    k: key,
    r: random.int(VERSION + 1),
    ...(variations === undefined ? {} : { v: variations }),
    s: random.pick(SALTS),
    ...optional(random, 0.05, 'e', () => 0),
    ...optional(random, 0.8, 'o', () => random.int(count)),
    ...optional(random, 0.4, 'd', () => random.int(count)),
    ...optional(random, 0.2, 'c', () => 1),
    ...optional(random, 0.2, 'n', () => 1),
    ...(flags.length === 0 ? {} : optional(random, 0.2, 'p', () => prerequisites(random, flags))),
    ...optional(random, 0.3, 'i', () => random.times(1, 3, () => target(random, count))),
    ...optional(random, 0.2, 'h', () => holdout(random)),
    ...optional(random, 0.2, 'l', () => layer(random)),
    ...optional(random, 0.85, 'u', () => rules(random, count, segments)),
    f: outcome(random, count),
    ...optional(random, 0.05, 'zz', () => 'a field of the future'),
  };
}

function randomSegment(random: Random, name: string, segments: readonly string[]): Entry {
  return {
    k: `segment:${name}`,
    r: random.int(VERSION),
    ...optional(random, 0.3, 'b', () => random.pick(KINDS)),
    ...optional(random, 0.6, 'i', () => random.times(1, 5, () => random.pick(UNIT_KEYS))),
    ...optional(random, 0.5, 'x', () => random.times(1, 5, () => random.pick(UNIT_KEYS))),
    ...optional(random, 0.8, 'u', () => random.times(1, 3, () => randomClauses(random, segments))),
  };
}

const DAMAGE: readonly ((entry: Entry) => void)[] = [
  (entry) => {
    entry['f'] = 99;
  },
  (entry) => {
    delete entry['r'];
  },
  (entry) => {
    entry['o'] = 64;
  },
  (entry) => {
    entry['u'] = [];
  },
  (entry) => {
    entry['u'] = [['r', [['isNear', 'plan', ['gold']]], 0]];
  },
  (entry) => {
    entry['u'] = [['r', [['matches', 'plan', ['(']]], 0]];
  },
  (entry) => {
    entry['u'] = [['r', [['segment', ['no-such-segment']]], 0]];
  },
  (entry) => {
    entry['p'] = [[entry.k, ['on']]];
  },
  (entry) => {
    entry['e'] = false;
  },
];

/** A random ruleset of `size` flags and a third as many segments, nearly all of them sound. */
export function randomRuleset(random: Random, size: number): Ruleset {
  const segments: string[] = [];
  const flags: Sound[] = [];
  const entries: Entry[] = [];
  for (let index = 0; index < Math.ceil(size / 3); index++) {
    entries.push(randomSegment(random, `s${index}`, segments.slice(-4)));
    segments.push(`s${index}`);
    // Chains longer than eight would refuse every flag behind them.
    if (index % 6 === 5) segments.splice(0);
  }
  const names = entries.map((entry) => entry.k.slice('segment:'.length));
  for (let index = 0; index < size; index++) {
    const flag = randomFlag(random, `flag.${index}`, index % 5 === 0 ? [] : flags.slice(-4), names);
    const damaged = random.chance(0.04);
    if (damaged) random.pick(DAMAGE)(flag);
    else flags.push({ key: flag.k, names: ((flag['v'] ?? [['off'], ['on']]) as [string][]).map(([name]) => name) });
    entries.push(flag);
  }
  return { version: VERSION, entries: entries.sort((a, b) => (a.k < b.k ? -1 : 1)) };
}

/** The same with seeds in every other flag, beside the salt or in its place. The numbered vectors were drawn without. */
export function withSeeds(random: Random, { version, entries }: Ruleset): Ruleset {
  const seeded = entries.map((entry): Entry => {
    if (entry['s'] === undefined || random.chance(0.5)) return entry;
    const { s, ...rest } = entry;
    return { ...rest, ...(random.chance(0.2) ? { s } : {}), z: random.pick([0, 1, 2 ** 31, 2 ** 32 - 1, 708_141_318]) };
  });
  return { version, entries: seeded };
}
