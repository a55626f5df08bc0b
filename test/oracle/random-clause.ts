import type { Random } from './random.ts';
import { ATTRIBUTES, type AttributeSpec, type Family } from './random-context.ts';
import * as pools from './random-pools.ts';

const TEXT_OPERATORS = ['startsWith', 'endsWith', 'contains'];
const NUMBER_OPERATORS = ['lessThan', 'atMost', 'greaterThan', 'atLeast'];
const VERSION_OPERATORS = [
  'semverEquals',
  'semverLessThan',
  'semverAtMost',
  'semverGreaterThan',
  'semverAtLeast',
  'semverTilde',
  'semverCaret',
];

const SUITING: Readonly<Record<Family, readonly string[]>> = {
  text: ['in', 'in', ...TEXT_OPERATORS, 'matches', 'exists'],
  number: ['in', ...NUMBER_OPERATORS, ...NUMBER_OPERATORS, 'exists', 'before', 'after'],
  boolean: ['in', 'in', 'in', 'exists'],
  timestamp: ['before', 'after', 'before', 'after', 'exists', 'in'],
  version: [...VERSION_OPERATORS, ...VERSION_OPERATORS, 'exists', 'startsWith'],
  address: ['inCidr', 'inCidr', 'inCidr', 'inCidr', 'startsWith', 'exists'],
  place: ['in', 'startsWith', 'matches', 'exists', 'contains'],
};

const ALL_OPERATORS = [
  'in',
  ...TEXT_OPERATORS,
  'matches',
  ...NUMBER_OPERATORS,
  'before',
  'after',
  ...VERSION_OPERATORS,
  'inCidr',
  'exists',
];

const NOT_EMPTY_TEXTS = pools.TEXTS.filter((text) => text !== '');
const MEMBERS: readonly unknown[] = [...pools.TEXTS, ...pools.TEXTS, ...pools.NUMBERS, true, false, ...pools.REGIONS];
const AFFIXES = [...NOT_EMPTY_TEXTS, 'go', 'l', 'old', 'eu-', '1.', '10.', '-1', 'G'];

function poolFor(operator: string): readonly unknown[] {
  if (operator === 'in') return MEMBERS;
  if (TEXT_OPERATORS.includes(operator)) return AFFIXES;
  if (operator === 'matches') return pools.PATTERNS;
  if (NUMBER_OPERATORS.includes(operator)) return pools.NUMBERS;
  if (VERSION_OPERATORS.includes(operator)) return pools.VERSIONS;
  if (operator === 'inCidr') return [...pools.BLOCKS, ...pools.ADDRESSES];
  return pools.TIMESTAMPS;
}

const POOLS: ReadonlyMap<string, readonly unknown[]> = new Map(
  ALL_OPERATORS.map((operator) => [operator, poolFor(operator)]),
);

function valuesFor(random: Random, operator: string): unknown[] {
  if (operator === 'exists') return [];
  const most = operator === 'in' ? 8 : 3;
  return random.times(1, most, () => random.pick(POOLS.get(operator) ?? []));
}

function pathOf(random: Random, attribute: AttributeSpec): unknown {
  const [only] = attribute.path;
  // Places are asked for by their name alone; a list of that one name is a case of the golden vectors.
  const alone = attribute.path.length === 1 && (attribute.family === 'place' || random.chance(0.8));
  return alone ? only : attribute.path;
}

function attributeClause(random: Random): unknown[] {
  const attribute = random.pick(ATTRIBUTES);
  const operator = random.chance(0.93) ? random.pick(SUITING[attribute.family]) : random.pick(ALL_OPERATORS);
  const clause: unknown[] = [operator, pathOf(random, attribute), valuesFor(random, operator)];
  if (attribute.kind !== undefined) return [...clause, random.int(4), attribute.kind];
  return random.chance(0.5) ? clause : [...clause, random.int(4)];
}

function segmentClause(random: Random, segments: readonly string[]): unknown[] {
  const clause = ['segment', random.times(1, 2, () => random.pick(segments))];
  return random.chance(0.6) ? clause : [...clause, random.int(4)];
}

/** One to three random clauses; `segments` are the names that they may refer to. */
export function randomClauses(random: Random, segments: readonly string[]): unknown[] {
  const one = () => {
    const onSegments = segments.length > 0 && random.chance(0.15);
    return onSegments ? segmentClause(random, segments) : attributeClause(random);
  };
  const count = random.chance(0.6) ? 1 : 2 + random.int(2);
  return random.times(count, count, one);
}
