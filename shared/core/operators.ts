/**
 * The operators: a table of small pure functions, each about one value of a clause.
 *
 * `read`, run once at decode, turns a value into an operand (undefined: it is refused). `test`, run per evaluation, says YES or NO,
 * or NOT_APPLICABLE where the attribute's type or form does not suit; which of these it is never depends on the operand.
 */
import { inBlock, readAddress, readBlock } from './ip.ts';
import { MAX_PATTERN_INPUT } from './limits.ts';
import { blankVersion, compareVersions, inCaret, inTilde, readVersion, type Version } from './semver.ts';
import { readTimestamp } from './timestamp.ts';

export const NOT_APPLICABLE = -1;
export const NO = 0;
export const YES = 1;
export type Verdict = typeof NOT_APPLICABLE | typeof NO | typeof YES;

/** Only the operator that read it knows what it is. */
// biome-ignore lint/suspicious/noExplicitAny: each operator takes back what it made itself
export type Operand = any;

export interface Operator {
  readonly read: (value: unknown, ignoreCase: boolean) => Operand | undefined;
  readonly test: (attribute: unknown, operand: Operand) => Verdict;
  /** Whether ignoring case means that the attribute is put in lower case before the test. */
  readonly folds: boolean;
}

/** Longest list that is gone through from end to end; a longer one becomes a Set. */
export const SHORT_LIST = 8;

const verdict = (holds: boolean): Verdict => (holds ? YES : NO);

const fold = (text: string, ignoreCase: boolean): string => (ignoreCase ? text.toLowerCase() : text);

export const membership: Operator = {
  folds: true,
  read: (value, ignoreCase) => (typeof value === 'string' ? fold(value, ignoreCase) : value),
  test: (attribute, value) => (typeof attribute === 'object' ? NOT_APPLICABLE : verdict(attribute === value)),
};

/** `in` with several values. */
export const listMembership: Operator = {
  ...membership,
  test: (attribute, values: readonly unknown[]) =>
    typeof attribute === 'object' ? NOT_APPLICABLE : verdict(values.includes(attribute)),
};

/** `in` with more than `SHORT_LIST` values. */
export const setMembership: Operator = {
  ...membership,
  test: (attribute, values: ReadonlySet<unknown>) =>
    typeof attribute === 'object' ? NOT_APPLICABLE : verdict(values.has(attribute)),
};

const text = (holds: (attribute: string, value: string) => boolean): Operator => ({
  folds: true,
  read: (value, ignoreCase) => (typeof value === 'string' && value !== '' ? fold(value, ignoreCase) : undefined),
  test: (attribute, value) => (typeof attribute === 'string' ? verdict(holds(attribute, value)) : NOT_APPLICABLE),
});

const number = (holds: (attribute: number, value: number) => boolean): Operator => ({
  folds: false,
  read: (value) => (typeof value === 'number' ? value : undefined),
  test: (attribute, value) => (typeof attribute === 'number' ? verdict(holds(attribute, value)) : NOT_APPLICABLE),
});

const timestamp = (holds: (attribute: number, value: number) => boolean): Operator => ({
  folds: false,
  read(value) {
    const time = readTimestamp(value);
    return Number.isNaN(time) ? undefined : time;
  },
  test(attribute, value) {
    const time = readTimestamp(attribute);
    return Number.isNaN(time) ? NOT_APPLICABLE : verdict(holds(time, value));
  },
});

/** Scratch for the attribute's version: a test ends before the next one starts. */
const attributeVersion = blankVersion();

const semver = (holds: (attribute: Version, value: Version) => boolean): Operator => ({
  folds: false,
  read(value) {
    const version = blankVersion();
    return typeof value === 'string' && readVersion(value, version) ? version : undefined;
  },
  test: (attribute, value) =>
    typeof attribute === 'string' && readVersion(attribute, attributeVersion)
      ? verdict(holds(attributeVersion, value))
      : NOT_APPLICABLE,
});

const cidr: Operator = {
  folds: false,
  read: (value) => (typeof value === 'string' ? readBlock(value) : undefined),
  test(attribute, block) {
    const address = typeof attribute === 'string' ? readAddress(attribute) : undefined;
    return address === undefined ? NOT_APPLICABLE : verdict(inBlock(address, block));
  },
};

/** Longest pattern (UTF-16 code units). Whether one is safe is checked where it is written: see `docs/evaluation.md`. */
export const MAX_PATTERN = 256;

const pattern: Operator = {
  folds: false,
  read(value, ignoreCase) {
    if (typeof value !== 'string' || value === '' || value.length > MAX_PATTERN) return undefined;
    try {
      return new RegExp(value, ignoreCase ? 'iu' : 'u');
    } catch {
      return undefined;
    }
  },
  test: (attribute, expression: RegExp) =>
    typeof attribute === 'string' && attribute.length <= MAX_PATTERN_INPUT
      ? verdict(expression.test(attribute))
      : NOT_APPLICABLE,
};

/** Takes no value: the clause decides it and calls nothing of it. */
export const exists: Operator = { ...membership };

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

const byName: ReadonlyMap<unknown, Operator> = new Map(Object.entries(operators));

/** Undefined where there is none of that name. */
export const operatorNamed = (name: unknown): Operator | undefined => byName.get(name);

export const isOperatorName = (name: unknown): name is OperatorName => byName.has(name);
