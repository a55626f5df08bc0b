/**
 * The authored shape: flags, segments, layers and holdouts as people write them in `flags/*.yaml`. `compile` turns it into
 * entries. Messages are written for the person who made the mistake: what was found, what is allowed.
 */

import * as z from 'zod';
import type { OperatorName } from '#core/operators';
import { operators } from '#core/operators';
import { flagKey, name, salt, variationValue, kind as wireKind } from './entry.ts';
import * as limit from './limits.ts';

const DESCRIPTION = 1_000;

/** Things by name. An own `__proto__`, which `z.record` leaves out without a word, is refused. */
const byName = <V extends z.ZodType>(key: z.ZodString, value: V) =>
  z
    .custom<z.input<z.ZodRecord<z.ZodString, V>>>(
      (found) => typeof found === 'object' && found !== null && !Object.hasOwn(found, '__proto__'),
      'must be a mapping of names, none of them __proto__',
    )
    .pipe(z.record(key, value));

/** A percentage in steps of 0.001. */
const percent = z
  .number()
  .min(0)
  .max(100)
  .refine((value) => Math.abs(value * 1_000 - Math.round(value * 1_000)) < 1e-6, 'must be a multiple of 0.001');

const kind = z.union([z.literal('user'), wireKind]).default('user');

/** `address.city`, or a list where a name itself has a dot. */
const attribute = z
  .union([z.string(), z.array(z.string())])
  .transform((path) => (typeof path === 'string' ? path.split('.') : path))
  .pipe(
    z
      .array(
        z
          .string()
          .min(1)
          .max(limit.MAX_PATH_NAME)
          .refine(limit.isSafePart, {
            error: (issue) => `must not be ${JSON.stringify(issue.input)}, which every object has`,
          }),
      )
      .min(1)
      .max(limit.MAX_PATH),
  );

const operatorNames = ['equals', ...Object.keys(operators)] as ['equals', ...OperatorName[]];
const scalar = z.union([z.string().max(limit.MAX_CLAUSE_TEXT), z.number(), z.boolean()]);

const attributeClause = z.strictObject({
  attribute,
  op: z.enum(operatorNames),
  values: z.array(scalar).max(limit.MAX_CLAUSE_VALUES).default([]),
  kind,
  not: z.boolean().default(false),
  ignoreCase: z.boolean().default(false),
});

const segmentClause = z.strictObject({
  segment: z
    .union([name, z.array(name)])
    .transform((one) => (typeof one === 'string' ? [one] : one))
    .pipe(z.array(name).min(1).max(limit.MAX_CLAUSE_VALUES)),
  not: z.boolean().default(false),
});

/** A clause names either an attribute or a segment; which one decides the schema, and so the messages. */
export const clause = z.unknown().transform((value, context) => {
  const isSegment = typeof value === 'object' && value !== null && 'segment' in value;
  const parsed = isSegment ? segmentClause.safeParse(value) : attributeClause.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) {
    context.issues.push({ code: 'custom', path, message, input: value });
  }
  return z.NEVER;
});
/** What a clause looks like, for descriptions of it: `clause` checks the same. */
export const anyClause = z.union([attributeClause, segmentClause]);
const when = z.array(clause).min(1).max(limit.MAX_CLAUSES);

const split = z.strictObject({
  by: kind,
  /** The variation that everybody else gets, and that growth is taken from. */
  rest: name,
  /** Percent by variation, 0.001 to 100 in all. */
  weights: byName(name, percent).refine((weights) => Object.keys(weights).length > 0, 'must name a variation'),
});

const outcome = { serve: name.optional(), split: split.optional() };
const oneOutcome = (value: { serve?: unknown; split?: unknown }): boolean =>
  (value.serve === undefined) !== (value.split === undefined);
const ONE_OUTCOME = 'must have either serve or split';

const rule = z.strictObject({ id: name, when, ...outcome }).refine(oneOutcome, ONE_OUTCOME);

export const authoredFlag = z.strictObject({
  description: z.string().min(1).max(DESCRIPTION),
  type: z.enum(['boolean', 'string', 'number', 'object']),
  /** Random and immutable. Two flags may share one only by naming the same cohort group. */
  salt: salt,
  cohortGroup: name.optional(),
  enabled: z.boolean(),
  variations: byName(name, variationValue).optional(),
  off: name.optional(),
  offlineDefault: name.optional(),
  consistency: z.enum(['eventual', 'session']).default('eventual'),
  visibility: z.enum(['server', 'client']).default('server'),
  prerequisites: z
    .array(z.strictObject({ flag: flagKey, variations: z.array(name).min(1).max(limit.MAX_VARIATIONS) }))
    .max(limit.MAX_PREREQUISITES)
    .default([]),
  targets: z
    .array(
      z.strictObject({
        variation: name,
        kind,
        keys: z.array(z.string().min(1).max(limit.MAX_MEMBER)).min(1).max(limit.MAX_TARGET_KEYS),
      }),
    )
    .max(limit.MAX_TARGETS)
    .default([]),
  holdout: name.optional(),
  rules: z.array(rule).max(limit.MAX_RULES).default([]),
  fallthrough: z.strictObject(outcome).refine(oneOutcome, ONE_OUTCOME),
});

const members = z.array(z.string().min(1).max(limit.MAX_MEMBER)).max(limit.MAX_MEMBERS).default([]);

export const authoredSegment = z.strictObject({
  description: z.string().min(1).max(DESCRIPTION),
  kind,
  included: members,
  excluded: members,
  rules: z.array(z.strictObject({ when })).max(limit.MAX_RULES).default([]),
});

/** Mutual exclusion: a unit falls into one slice at most, and takes part in that slice's flag alone. */
export const authoredLayer = z.strictObject({
  description: z.string().min(1).max(DESCRIPTION),
  salt,
  by: kind,
  slices: byName(flagKey, percent),
});

/** Units that are kept off every flag which names the holdout. */
export const authoredHoldout = z.strictObject({
  description: z.string().min(1).max(DESCRIPTION),
  salt,
  by: kind,
  percent,
});

export const authored = z.strictObject({
  segments: byName(name, authoredSegment).default({}),
  layers: byName(name, authoredLayer).default({}),
  holdouts: byName(name, authoredHoldout).default({}),
  flags: byName(flagKey, authoredFlag).default({}),
});

/** As written, before defaults. */
export type AuthoredInput = z.input<typeof authored>;
export type Authored = z.output<typeof authored>;
export type AuthoredFlag = z.output<typeof authoredFlag>;
export type AuthoredSegment = z.output<typeof authoredSegment>;
export type AuthoredClause = z.output<typeof clause>;
export type AuthoredSplit = z.output<typeof split>;
export type AuthoredOutcome = { readonly serve?: string | undefined; readonly split?: AuthoredSplit | undefined };
