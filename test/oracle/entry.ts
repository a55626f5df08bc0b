import { type Clause, parseClauses } from './clause.ts';
import type { Salt } from './hash.ts';
import * as shape from './shapes.ts';
import { parseValue, type ValueType } from './value.ts';

/** Ranges of buckets under the flag's salt. */
export type Split = {
  readonly rest: number;
  readonly kind: string;
  readonly ranges: readonly { readonly variation: number; readonly end: number }[];
};

/** What a rule or the fallthrough serves. */
export type Outcome = number | Split;

/** A variation; the id has no part in evaluation. */
export type Variation = { readonly name: string; readonly value: unknown };

/** The fields that still count where the rest of a flag is refused. */
export type FlagHead = {
  readonly key: string;
  readonly revision: number;
  readonly variations: readonly Variation[];
  readonly off: number | undefined;
  readonly offline: number | undefined;
};

/** A flag that passed section 2. */
export type Flag = FlagHead & {
  readonly enabled: boolean;
  readonly salt: Salt | undefined;
  readonly prerequisites: readonly { readonly flag: string; readonly variations: readonly string[] }[];
  readonly targets: readonly {
    readonly variation: number;
    readonly keys: ReadonlySet<string>;
    readonly kind: string;
  }[];
  readonly holdout:
    | { readonly name: string; readonly salt: string; readonly end: number; readonly kind: string }
    | undefined;
  readonly layer:
    | { readonly name: string; readonly salt: string; readonly ranges: Ranges; readonly kind: string }
    | undefined;
  readonly rules: readonly { readonly id: string; readonly clauses: readonly Clause[]; readonly outcome: Outcome }[];
  readonly fallthrough: Outcome;
};

type Ranges = readonly { readonly start: number; readonly end: number }[];

const ID = /^[A-Za-z0-9_-]{8}$/;
const DEFAULT_VARIATIONS: readonly Variation[] = [
  { name: 'off', value: false },
  { name: 'on', value: true },
];

function distinct(values: readonly unknown[]): void {
  if (new Set(values).size !== values.length) shape.refuse('not distinct');
}

function parseVariations(value: unknown): readonly Variation[] {
  const variations = shape.list(value, 1, 64).map((element) => shape.list(element, 3, 3));
  const types = new Set<ValueType>(variations.map((variation) => parseValue(variation[1])));
  if (types.size !== 1) shape.refuse('values of several types');
  if (variations.some((variation) => !ID.test(shape.text(variation[2], 8, 8)))) shape.refuse('not an id');
  distinct(variations.map((variation) => variation[0]));
  distinct(variations.map((variation) => variation[2]));
  return variations.map((variation) => ({ name: shape.name(variation[0]), value: variation[1] }));
}

/** Reads the fields that give a refused flag its revision and offline default. */
export function parseHead(fields: shape.Fields, version: number): FlagHead {
  const variations = shape.has(fields, 'v') ? parseVariations(fields['v']) : DEFAULT_VARIATIONS;
  const index = (field: string) =>
    shape.has(fields, field) ? shape.integer(fields[field], 0, variations.length - 1) : undefined;
  const off = index('o');
  const revision = shape.integer(fields['r'], 0, version);
  return { key: shape.flagKey(fields['k']), revision, variations, off, offline: index('d') ?? off };
}

function parseOutcome(value: unknown, variations: number): Outcome {
  if (!Array.isArray(value)) return shape.integer(value, 0, variations - 1);
  const split = shape.list(value, 2, 3);
  const numbers = shape.list(split[1], 2, 512);
  if (numbers.length % 2 !== 0) shape.refuse('odd list of ranges');
  const ranges = [];
  let before = 0;
  for (let at = 0; at < numbers.length; at += 2) {
    const end = shape.integer(numbers[at + 1], before + 1, 100_000);
    ranges.push({ variation: shape.integer(numbers[at], 0, variations - 1), end });
    before = end;
  }
  if (before !== 100_000) shape.refuse('ranges do not reach the end');
  return { rest: shape.integer(split[0], 0, variations - 1), kind: shape.kindAt(split, 2), ranges };
}

function parsePrerequisite(value: unknown): Flag['prerequisites'][number] {
  const pair = shape.list(value, 2, 2);
  return { flag: shape.flagKey(pair[0]), variations: shape.list(pair[1], 1, 64).map(shape.name) };
}

function parseTarget(value: unknown, variations: number): Flag['targets'][number] {
  const target = shape.list(value, 2, 3);
  const variation = shape.integer(target[0], 0, variations - 1);
  return { variation, keys: shape.unitKeys(target[1], 10_000), kind: shape.kindAt(target, 2) };
}

function parseHoldout(value: unknown): Flag['holdout'] {
  const tuple = shape.list(value, 3, 4);
  const end = shape.integer(tuple[2], 0, 100_000);
  return { name: shape.name(tuple[0]), salt: shape.salt(tuple[1]), end, kind: shape.kindAt(tuple, 3) };
}

function parseLayer(value: unknown): Flag['layer'] {
  const tuple = shape.list(value, 3, 4);
  const numbers = shape.list(tuple[2], 0, 512);
  if (numbers.length % 2 !== 0) shape.refuse('odd list of ranges');
  const ranges = [];
  let before = 0;
  for (let at = 0; at < numbers.length; at += 2) {
    const start = shape.integer(numbers[at], before, 100_000);
    before = shape.integer(numbers[at + 1], start + 1, 100_000);
    ranges.push({ start, end: before });
  }
  return { name: shape.name(tuple[0]), salt: shape.salt(tuple[1]), ranges, kind: shape.kindAt(tuple, 3) };
}

function parseRule(value: unknown, variations: number): Flag['rules'][number] {
  const rule = shape.list(value, 3, 3);
  return { id: shape.name(rule[0]), clauses: parseClauses(rule[1]), outcome: parseOutcome(rule[2], variations) };
}

/** A field whose only legal value is the one that differs from the default. */
function isMarked(fields: shape.Fields, field: string, mark: number): boolean {
  if (!shape.has(fields, field)) return false;
  shape.integer(fields[field], mark, mark);
  return true;
}

/** Section 2.1 of docs/evaluation.md. */
export function parseFlag(fields: shape.Fields, version: number): Flag {
  const head = parseHead(fields, version);
  const count = head.variations.length;
  const some = <T>(field: string, max: number, parse: (value: unknown) => T): readonly T[] =>
    shape.has(fields, field) ? shape.list(fields[field], 1, max).map(parse) : [];
  isMarked(fields, 'c', 1);
  isMarked(fields, 'n', 1);
  const rules = some('u', 100, (value) => parseRule(value, count));
  distinct(rules.map((rule) => rule.id));
  const fallthrough = parseOutcome(fields['f'], count);
  const text = shape.has(fields, 's') ? shape.salt(fields['s']) : undefined;
  const salt = shape.has(fields, 'z') ? shape.integer(fields['z'], 0, 2 ** 32 - 1) : text;
  const outcomes = [...rules.map((rule) => rule.outcome), fallthrough];
  if (salt === undefined && outcomes.some((outcome) => typeof outcome !== 'number'))
    shape.refuse('split without a salt');
  return {
    ...head,
    enabled: !isMarked(fields, 'e', 0),
    salt,
    prerequisites: some('p', 16, parsePrerequisite),
    targets: some('i', 64, (value) => parseTarget(value, count)),
    holdout: shape.has(fields, 'h') ? parseHoldout(fields['h']) : undefined,
    layer: shape.has(fields, 'l') ? parseLayer(fields['l']) : undefined,
    rules,
    fallthrough,
  };
}
