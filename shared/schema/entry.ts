/**
 * The compiled entries: what one line of a ruleset holds. `docs/evaluation.md` gives the meaning of each field; the reader's
 * decoder (`shared/ruleset/decode.ts`) is written by hand and must accept exactly what these schemas accept.
 */

import * as z from 'zod';
import type { JsonValue } from '#core/decision';
import { BUCKETS } from '#core/limits';
import { isOperatorName, type OperatorName } from '#core/operators';
import { BOOLEANS } from './booleans.ts';
import {
  isSafePart,
  KEY_PATTERN,
  KIND_PATTERN,
  MAX_CLAUSE_TEXT,
  MAX_CLAUSE_VALUES,
  MAX_CLAUSES,
  MAX_KEY,
  MAX_KIND,
  MAX_MEMBER,
  MAX_MEMBERS,
  MAX_NAME,
  MAX_PATH,
  MAX_PATH_NAME,
  MAX_PREREQUISITES,
  MAX_RANGES,
  MAX_RULES,
  MAX_SALT,
  MAX_SEED,
  MAX_TARGET_KEYS,
  MAX_TARGETS,
  MAX_VALUE_DEPTH,
  MAX_VARIATIONS,
  NAME_PATTERN,
  SEGMENT_PREFIX,
  VARIATION_ID_PATTERN,
} from './limits.ts';
import { takesValues } from './operands.ts';

const safeParts = (text: string): boolean => text.split('.').every(isSafePart);

export const flagKey = z
  .string()
  .max(MAX_KEY)
  .regex(KEY_PATTERN)
  .refine(safeParts, 'is a name that objects already have');
export const name = z
  .string()
  .max(MAX_NAME)
  .regex(NAME_PATTERN)
  .refine(isSafePart, 'is a name that objects already have');
/** Undefined stands for `user`, which is therefore never written. */
export const kind = z.string().max(MAX_KIND).regex(KIND_PATTERN).refine(isSafePart, 'is reserved');
export const salt = z.string().min(1).max(MAX_SALT);
export const revision = z.int().min(0);
const bucket = z.int().min(0).max(BUCKETS);
const index = z
  .int()
  .min(0)
  .max(MAX_VARIATIONS - 1);

/** A value of one of the four types: no null at the top, no `__proto__` anywhere, bounded nesting. */
export const variationValue = z.custom<JsonValue>(
  (value) => value !== null && value !== undefined && isPlainJson(value, MAX_VALUE_DEPTH),
  'is no boolean, string, finite number, or object of bounded depth',
);

function isPlainJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isPlainJson(item, depth - 1));
  return Object.entries(value).every(([key, item]) => key !== '__proto__' && isPlainJson(item, depth - 1));
}

const variation = z.tuple([name, variationValue, z.string().regex(VARIATION_ID_PATTERN)]);

const pathName = z.string().min(1).max(MAX_PATH_NAME).refine(isSafePart, 'is a name that objects already have');
const path = z.union([pathName, z.array(pathName).min(1).max(MAX_PATH)]);
const clauseValue = z.union([z.string().max(MAX_CLAUSE_TEXT), z.number(), z.boolean()]);

/** 1: negated; 2: case-insensitive; 3: both. */
const bits = z.int().min(0).max(3);

const attributeClause = z
  .tuple([
    z.custom<OperatorName>(isOperatorName),
    path,
    z.array(clauseValue).max(MAX_CLAUSE_VALUES),
    bits.optional(),
    kind.optional(),
  ])
  .refine(
    ([operator, , values, flags]) => takesValues(operator, values, ((flags ?? 0) & 2) !== 0),
    'has a value that its operator does not take',
  );
const segmentClause = z.tuple([z.literal('segment'), z.array(name).min(1).max(MAX_CLAUSE_VALUES), bits.optional()]);
const clauses = z
  .array(z.union([segmentClause, attributeClause]))
  .min(1)
  .max(MAX_CLAUSES);

const splitRanges = z
  .array(z.int().min(0).max(BUCKETS))
  .min(2)
  .max(MAX_RANGES)
  .refine(isCover, 'is not variation, end, variation, end, … up to 100,000');

function isCover(ranges: readonly number[]): boolean {
  let previous = 0;
  for (let at = 0; at < ranges.length; at += 2) {
    const end = ranges[at + 1];
    if (end === undefined || end <= previous) return false;
    previous = end;
  }
  return previous === BUCKETS;
}

const split = z.tuple([index, splitRanges, kind.optional()]);
const outcome = z.union([index, split]);

export const layerRanges = z
  .array(bucket)
  .max(MAX_RANGES)
  .refine(
    (ranges) =>
      ranges.length % 2 === 0 && ranges.every((end, at) => at === 0 || isAfter(end, at, ranges[at - 1] as number)),
    'is not start, end, start, end, … ascending',
  );

/** An end lies above its start; a start may touch the end before it. */
const isAfter = (value: number, at: number, previous: number): boolean =>
  at % 2 === 1 ? value > previous : value >= previous;

const fields = z.object({
  k: flagKey,
  r: revision,
  v: z.array(variation).min(1).max(MAX_VARIATIONS).optional(),
  s: salt.optional(),
  z: z.int().min(0).max(MAX_SEED).optional(),
  e: z.literal(0).optional(),
  o: index.optional(),
  d: index.optional(),
  c: z.literal(1).optional(),
  n: z.literal(1).optional(),
  p: z
    .array(z.tuple([flagKey, z.array(name).min(1).max(MAX_VARIATIONS)]))
    .min(1)
    .max(MAX_PREREQUISITES)
    .optional(),
  i: z
    .array(z.tuple([index, z.array(z.string().min(1).max(MAX_MEMBER)).min(1).max(MAX_TARGET_KEYS), kind.optional()]))
    .min(1)
    .max(MAX_TARGETS)
    .optional(),
  h: z.tuple([name, salt, bucket, kind.optional()]).optional(),
  l: z.tuple([name, salt, layerRanges, kind.optional()]).optional(),
  u: z
    .array(z.tuple([name, clauses, outcome]))
    .min(1)
    .max(MAX_RULES)
    .optional(),
  f: outcome,
});

type Fields = z.infer<typeof fields>;

/** A compiled flag. */
export const flagEntry = fields.superRefine((flag, context) => {
  const variations: readonly Readonly<VariationEntry>[] = flag.v ?? BOOLEANS;
  const fail = (message: string) => context.addIssue({ code: 'custom', message });
  const types = new Set(variations.map(([, value]) => typeof value));
  if (types.size > 1) fail('variations are not all of one type');
  for (const [at, what] of [
    [0, 'names'],
    [2, 'values'],
  ] as const) {
    if (new Set(variations.map((one) => one[at])).size < variations.length) fail(`variations share ${what}`);
  }
  if (indexesOf(flag).some((at) => at >= variations.length)) fail('names a variation that there is not');
  if (outcomesOf(flag).some(Array.isArray) && flag.s === undefined && flag.z === undefined)
    fail('splits without a salt or its seed');
  const ids = (flag.u ?? []).map(([id]) => id);
  if (new Set(ids).size < ids.length) fail('rules share ids');
});

export { BOOLEANS };

const outcomesOf = (flag: Fields): Outcome[] => [flag.f, ...(flag.u ?? []).map(([, , one]) => one)];

function indexesOf(flag: Fields): number[] {
  const served = outcomesOf(flag).flatMap((one) =>
    typeof one === 'number' ? one : [one[0], ...one[1].filter((_, at) => at % 2 === 0)],
  );
  const targeted = (flag.i ?? []).map(([at]) => at);
  return [...served, ...targeted, flag.o ?? 0, flag.d ?? 0];
}

const segmentKey = z
  .string()
  .refine((key) => key.startsWith(SEGMENT_PREFIX) && name.safeParse(key.slice(SEGMENT_PREFIX.length)).success);

/** A compiled segment. */
export const segmentEntry = z.object({
  k: segmentKey,
  r: revision,
  b: kind.optional(),
  i: z.array(z.string().min(1).max(MAX_MEMBER)).min(1).max(MAX_MEMBERS).optional(),
  x: z.array(z.string().min(1).max(MAX_MEMBER)).min(1).max(MAX_MEMBERS).optional(),
  u: z.array(clauses).min(1).max(MAX_RULES).optional(),
});

export const entry = z.union([flagEntry, segmentEntry]);

export type FlagEntry = Fields;
export type SegmentEntry = z.infer<typeof segmentEntry>;
export type Entry = FlagEntry | SegmentEntry;
export type Outcome = z.infer<typeof outcome>;
export type SplitEntry = z.infer<typeof split>;
export type ClauseEntry = z.infer<typeof clauses>[number];
export type VariationEntry = z.infer<typeof variation>;
