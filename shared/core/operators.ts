/**
 * The operators: a table of small pure functions.
 *
 * Each has a `parse`, run once at decode, which turns a clause's values into an operand (undefined: they are refused), and a
 * `test`, run per evaluation, which says YES or NO, or NOT_APPLICABLE where the attribute's type or form does not suit.
 */
import { type Block, blankBlock, inBlock, readAddress, readBlock } from './ip.ts';
import { MAX_ATTRIBUTE_STRING, MAX_PATTERN_INPUT } from './limits.ts';
import { blankVersion, compareVersions, inCaret, inTilde, readVersion, type Version } from './semver.ts';
import { readTimestamp } from './timestamp.ts';

export const NOT_APPLICABLE = -1;
export const NO = 0;
export const YES = 1;
export type Verdict = typeof NOT_APPLICABLE | typeof NO | typeof YES;

/** Deliberately opaque: only the operator that parsed it reads it. */
export type Operand = unknown;

export interface Operator {
  readonly parse: (values: readonly unknown[], ignoreCase: boolean) => Operand | undefined;
  readonly test: (attribute: unknown, operand: Operand, ignoreCase: boolean) => Verdict;
}

/** Longest list that is searched from end to end instead of through a Set. */
const SHORT_LIST = 8;

const verdict = (holds: boolean): Verdict => (holds ? YES : NO);

const fold = (text: string, ignoreCase: boolean): string => (ignoreCase ? text.toLowerCase() : text);

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_ATTRIBUTE_STRING;

/** Parses every value with `read`; undefined where one is refused. */
function each<T>(values: readonly unknown[], read: (value: unknown) => T | undefined): T[] | undefined {
  const parsed: T[] = [];
  for (const value of values) {
    const one = read(value);
    if (one === undefined) return undefined;
    parsed.push(one);
  }
  return parsed.length > 0 ? parsed : undefined;
}

const membership: Operator = {
  parse(values, ignoreCase) {
    const list = each(values, (value) =>
      typeof value === 'string'
        ? fold(value, ignoreCase)
        : typeof value === 'boolean' || typeof value === 'number'
          ? value
          : undefined,
    );
    return list !== undefined && list.length > SHORT_LIST ? new Set(list) : list;
  },
  test(attribute, operand, ignoreCase) {
    const value = typeof attribute === 'string' && isText(attribute) ? fold(attribute, ignoreCase) : attribute;
    if (typeof value === 'object' || (typeof value === 'string' && value.length > MAX_ATTRIBUTE_STRING))
      return NOT_APPLICABLE;
    return verdict(Array.isArray(operand) ? operand.includes(value) : (operand as Set<unknown>).has(value));
  },
};

const text = (holds: (attribute: string, value: string) => boolean): Operator => ({
  parse: (values, ignoreCase) =>
    each(values, (value) => (typeof value === 'string' && value.length > 0 ? fold(value, ignoreCase) : undefined)),
  test(attribute, operand, ignoreCase) {
    if (!isText(attribute)) return NOT_APPLICABLE;
    const folded = fold(attribute, ignoreCase);
    for (const value of operand as string[]) if (holds(folded, value)) return YES;
    return NO;
  },
});

const number = (holds: (attribute: number, value: number) => boolean): Operator => ({
  parse: (values) => each(values, (value) => (typeof value === 'number' ? value : undefined)),
  test(attribute, operand) {
    if (typeof attribute !== 'number') return NOT_APPLICABLE;
    for (const value of operand as number[]) if (holds(attribute, value)) return YES;
    return NO;
  },
});

const timestamp = (holds: (attribute: number, value: number) => boolean): Operator => ({
  parse: (values) => each(values, (value) => readableTimestamp(value)),
  test(attribute, operand) {
    const time = readTimestamp(attribute);
    if (Number.isNaN(time)) return NOT_APPLICABLE;
    for (const value of operand as number[]) if (holds(time, value)) return YES;
    return NO;
  },
});

function readableTimestamp(value: unknown): number | undefined {
  const time = readTimestamp(value);
  return Number.isNaN(time) ? undefined : time;
}

/** Scratch for the attribute's version and address: a test ends before the next one starts. */
const attributeVersion = blankVersion();
const attributeAddress = blankBlock();

const semver = (holds: (attribute: Version, value: Version) => boolean): Operator => ({
  parse: (values) => each(values, parsedVersion),
  test(attribute, operand) {
    if (typeof attribute !== 'string' || !readVersion(attribute, attributeVersion)) return NOT_APPLICABLE;
    for (const value of operand as Version[]) if (holds(attributeVersion, value)) return YES;
    return NO;
  },
});

function parsedVersion(value: unknown): Version | undefined {
  const version = blankVersion();
  return typeof value === 'string' && readVersion(value, version) ? version : undefined;
}

function parsedBlock(value: unknown): Block | undefined {
  const block = blankBlock();
  return typeof value === 'string' && readBlock(value, block) ? block : undefined;
}

const cidr: Operator = {
  parse: (values) => each(values, parsedBlock),
  test(attribute, operand) {
    if (typeof attribute !== 'string' || !readAddress(attribute, attributeAddress)) return NOT_APPLICABLE;
    for (const block of operand as Block[]) if (inBlock(attributeAddress, block)) return YES;
    return NO;
  },
};

/** Longest pattern (UTF-16 code units). Whether one is safe is checked where it is written: see `docs/evaluation.md`. */
export const MAX_PATTERN = 256;

const pattern: Operator = {
  parse: (values, ignoreCase) => each(values, (value) => parsedPattern(value, ignoreCase)),
  test(attribute, operand) {
    if (typeof attribute !== 'string' || attribute.length > MAX_PATTERN_INPUT) return NOT_APPLICABLE;
    for (const expression of operand as RegExp[]) if (expression.test(attribute)) return YES;
    return NO;
  },
};

function parsedPattern(value: unknown, ignoreCase: boolean): RegExp | undefined {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_PATTERN) return undefined;
  try {
    return new RegExp(value, ignoreCase ? 'iu' : 'u');
  } catch {
    return undefined;
  }
}

const exists: Operator = {
  parse: (values) => (values.length === 0 ? true : undefined),
  test: () => YES,
};

/** The operators of a clause on an attribute. (A clause on segments is no operator: it names no attribute.) */
export const operators = {
  in: membership,
  startsWith: text((attribute, value) => attribute.startsWith(value)),
  endsWith: text((attribute, value) => attribute.endsWith(value)),
  contains: text((attribute, value) => attribute.includes(value)),
  matches: pattern,
  lessThan: number((attribute, value) => attribute < value),
  atMost: number((attribute, value) => attribute <= value),
  greaterThan: number((attribute, value) => attribute > value),
  atLeast: number((attribute, value) => attribute >= value),
  before: timestamp((attribute, value) => attribute < value),
  after: timestamp((attribute, value) => attribute > value),
  semverEquals: semver((attribute, value) => compareVersions(attribute, value) === 0),
  semverLessThan: semver((attribute, value) => compareVersions(attribute, value) < 0),
  semverAtMost: semver((attribute, value) => compareVersions(attribute, value) <= 0),
  semverGreaterThan: semver((attribute, value) => compareVersions(attribute, value) > 0),
  semverAtLeast: semver((attribute, value) => compareVersions(attribute, value) >= 0),
  semverTilde: semver(inTilde),
  semverCaret: semver(inCaret),
  inCidr: cidr,
  exists,
} as const satisfies Record<string, Operator>;

export type OperatorName = keyof typeof operators;

export const isOperatorName = (name: unknown): name is OperatorName =>
  typeof name === 'string' && Object.hasOwn(operators, name);
