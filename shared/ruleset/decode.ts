/**
 * From the JSON of one line to the flag or segment that the evaluator walks. Written by hand, for size and speed; it accepts
 * what `shared/schema/entry.ts` accepts, which a differential fuzz checks (`test/unit/ruleset/decode-fuzz.test.ts`).
 */
import { saltSeed } from '#core/bucket';
import type { Decision, JsonValue } from '#core/decision';
import { decisionOf } from '#core/evaluate';
import type { Clause, Exit, Flag, Gates, Rule, Segment, Target, Targeting, Variation } from '#core/flag';
import { BUCKETS } from '#core/limits';
import { isOperatorName, operators } from '#core/operators';
import * as limit from '#schema/limits';
import {
  type Fields,
  flagKey,
  frozenJson,
  integer,
  kind,
  list,
  mark,
  name,
  optionalList,
  refuse,
  text,
} from './expect.ts';

/** Finds what an entry refers to; throws `Refusal` where it is missing or too much. */
export interface Links {
  flag(key: string): Flag;
  segment(name: string): Segment;
}

/** What a flag is known by even where the rest of its line is refused. */
export type FlagHead = Pick<Targeting, 'version' | 'revision' | 'variations' | 'off' | 'offlineDefault'>;

const VARIATION_FALSE: Variation = { name: 'off', value: false, id: '_LzxZZCN' };
const VARIATION_TRUE: Variation = { name: 'on', value: true, id: 'tb6kG2xi' };
/** What most flags have: `v` may then be left out. The ids are those of `false` and `true`. */
const BOOLEANS: readonly Variation[] = [VARIATION_FALSE, VARIATION_TRUE];

const NONE: readonly never[] = [];
const NO_KEYS: ReadonlySet<string> = new Set();

/** Key, revision and variations of a flag. */
export function decodeHead(fields: Fields, version: number): FlagHead {
  flagKey(fields['k'], 'k');
  const revision = integer(fields['r'], 'r', 0, version);
  const variations = fields['v'] === undefined ? BOOLEANS : decodeVariations(fields['v']);
  const at = (field: unknown, what: string, otherwise: number): number =>
    field === undefined ? otherwise : integer(field, what, 0, variations.length - 1);
  const off = at(fields['o'], 'o', variations.length);
  return { version, revision, variations, off, offlineDefault: at(fields['d'], 'd', off) };
}

/** The rest of a flag. */
export function decodeFlag(fields: Fields, head: FlagHead, links: Links): Flag {
  const seed = fields['s'] === undefined ? undefined : saltSeed(text(fields['s'], 's', limit.MAX_SALT));
  mark(fields['c'], 'c', 1);
  const client = mark(fields['n'], 'n', 1);
  const last = head.variations.length - 1;
  const gates = decodeGates(fields, last, links);
  const rules = decodeRules(fields['u'], last, seed, links);
  const always = gates === undefined && rules.length === 0;
  const fallthrough = decodeExit(fields['f'], last, seed, always ? 'STATIC' : 'DEFAULT');
  if (mark(fields['e'], 'e', 0)) return constant(decisionOf(head, head.off, 'DISABLED'), client);
  if (fallthrough.reason === 'STATIC') return constant(decisionOf(head, fallthrough.rest, 'STATIC'), client);
  return { client, constant: undefined, targeting: { ...head, gates, rules, fallthrough } };
}

export const constant = (decision: Decision, client: boolean): Flag => ({
  client,
  constant: decision,
  targeting: undefined,
});

export function decodeSegment(fields: Fields, links: Links): Segment {
  integer(fields['r'], 'r', 0, Number.MAX_SAFE_INTEGER);
  return {
    name: name(segmentName(fields['k']), 'k'),
    kind: kind(fields['b']),
    included: keys(optionalList(fields['i'], 'i', limit.MAX_MEMBERS)),
    excluded: keys(optionalList(fields['x'], 'x', limit.MAX_MEMBERS)),
    rules: optionalList(fields['u'], 'u', limit.MAX_RULES).map((clauses) => decodeClauses(clauses, links)),
  };
}

const segmentName = (key: unknown): unknown =>
  typeof key === 'string' && key.startsWith(limit.SEGMENT_PREFIX) ? key.slice(limit.SEGMENT_PREFIX.length) : undefined;

function decodeVariations(value: unknown): readonly Variation[] {
  const variations = list(value, 'v', 1, limit.MAX_VARIATIONS).map(decodeVariation);
  const [first] = variations as [Variation];
  const names = new Set<string>();
  const ids = new Set<string>();
  for (const one of variations) {
    names.add(one.name);
    ids.add(one.id);
    if (typeof one.value !== typeof first.value) refuse('v', 'of several types');
  }
  return names.size === variations.length && ids.size === variations.length ? variations : refuse('v', 'repeated');
}

function decodeVariation(value: unknown): Variation {
  const [called, carried, id] = list(value, 'v', 3, 3);
  if (carried === null) refuse('value', carried);
  return {
    name: name(called, 'variation'),
    value: frozenJson(carried, limit.MAX_VALUE_DEPTH) as JsonValue,
    id: text(id, 'variation id', 8, limit.VARIATION_ID_PATTERN),
  };
}

function decodeGates(fields: Fields, last: number, links: Links): Gates | undefined {
  const { p, i, h, l } = fields as { p?: unknown; i?: unknown; h?: unknown; l?: unknown };
  if (p === undefined && i === undefined && h === undefined && l === undefined) return undefined;
  return {
    prerequisites: optionalList(p, 'p', limit.MAX_PREREQUISITES).map((one) => {
      const [key, names] = list(one, 'p', 2, 2);
      const required = flagKey(key, 'p');
      const variations = list(names, 'p', 1, limit.MAX_VARIATIONS).map((each) => name(each, 'p'));
      return { key: required, flag: links.flag(required), variations, exit: gateExit('prerequisiteFailed', required) };
    }),
    targets: optionalList(i, 'i', limit.MAX_TARGETS).map((one) => decodeTarget(one, last)),
    targetExit: exitOf({ reason: 'TARGETING_MATCH' }),
    holdout: h === undefined ? undefined : decodeHoldout(h),
    layer: l === undefined ? undefined : decodeLayer(l),
  };
}

function decodeTarget(value: unknown, last: number): Target {
  const [variation, members, of] = list(value, 'i', 2, 3);
  return {
    variation: integer(variation, 'i', 0, last),
    kind: kind(of),
    keys: keys(list(members, 'i', 1, limit.MAX_TARGET_KEYS)),
  };
}

function decodeHoldout(value: unknown): Gates['holdout'] {
  const [called, salt, end, of] = list(value, 'h', 3, 4);
  return {
    exit: gateExit('holdout', name(called, 'h'), 'SPLIT'),
    seed: saltSeed(text(salt, 'h', limit.MAX_SALT)),
    end: integer(end, 'h', 0, BUCKETS),
    kind: kind(of),
  };
}

function decodeLayer(value: unknown): Gates['layer'] {
  const [called, salt, ends, of] = list(value, 'l', 3, 4);
  const ranges = list(ends, 'l', 0, limit.MAX_RANGES) as readonly number[];
  if (ranges.length % 2 !== 0) refuse('l', ranges);
  for (let at = 0, from = 0; at < ranges.length; at++) {
    // A start may touch the end before it; an end lies above its start.
    from = integer(ranges[at], 'l', from + (at % 2), BUCKETS);
  }
  return {
    exit: gateExit('layer', name(called, 'l'), 'SPLIT'),
    seed: saltSeed(text(salt, 'l', limit.MAX_SALT)),
    ranges,
    kind: kind(of),
  };
}

function decodeRules(value: unknown, last: number, seed: number | undefined, links: Links): readonly Rule[] {
  if (value === undefined) return NONE;
  const ids = new Set<string>();
  return list(value, 'u', 1, limit.MAX_RULES).map((one) => {
    const [id, clauses, outcome] = list(one, 'u', 3, 3);
    const rule = name(id, 'rule id');
    if (ids.size === ids.add(rule).size) refuse('rule id', rule);
    const exit = decodeExit(outcome, last, seed, 'TARGETING_MATCH', rule);
    return { clauses: decodeClauses(clauses, links), exit };
  });
}

/** The exit of an outcome: an index, which serves everybody with `reason`, or a split. */
function decodeExit(
  value: unknown,
  last: number,
  seed: number | undefined,
  reason: Exit['reason'],
  rule?: string,
): Exit {
  if (!Array.isArray(value)) {
    const variation = integer(value, 'outcome', 0, last);
    return exitOf({ ranges: everybody(variation), rest: variation, reason, rule });
  }
  const [rest, covered, of] = list(value, 'split', 2, 3);
  const ranges = list(covered, 'split', 2, limit.MAX_RANGES) as readonly number[];
  let end = 0;
  for (let at = 0; at < ranges.length; at += 2) {
    integer(ranges[at], 'split', 0, last);
    end = integer(ranges[at + 1], 'split', end + 1, BUCKETS);
  }
  if (end !== BUCKETS || seed === undefined) return refuse('split', end);
  return exitOf({ ranges, kind: kind(of), seed, rest: integer(rest, 'split', 0, last), reason: 'SPLIT', rule });
}

/** One range for everybody, shared by all exits that serve the same index. */
function everybody(variation: number): readonly number[] {
  EVERYBODY[variation] ??= [variation, BUCKETS];
  return EVERYBODY[variation];
}

const EVERYBODY: (readonly number[])[] = [];

const decodeClauses = (value: unknown, links: Links): readonly Clause[] =>
  list(value, 'clauses', 1, limit.MAX_CLAUSES).map((one) => decodeClause(one, links));

function decodeClause(value: unknown, links: Links): Clause {
  const clause = list(value, 'clause', 2, 5);
  const [operator] = clause;
  if (operator === 'segment') return decodeSegmentClause(clause, links);
  if (!isOperatorName(operator)) return refuse('operator', operator);
  const [, where, given, bits, of] = list(clause, 'clause', 3, 5);
  const path = decodePath(where);
  const values = list(given, 'values', 0, limit.MAX_CLAUSE_VALUES);
  for (const one of values) {
    if (
      typeof one === 'string' ? one.length > limit.MAX_CLAUSE_TEXT : typeof one !== 'boolean' && !Number.isFinite(one)
    ) {
      refuse('values', one);
    }
  }
  const { negate, ignoreCase } = decodeBits(bits);
  const operand = operators[operator].parse(values, ignoreCase);
  if (operand === undefined) refuse(`${operator}'s values`, values[0]);
  const place = of === undefined && path.length === 1 ? placeOf(path[0] as string) : undefined;
  return {
    name: operator,
    operator: operators[operator],
    values,
    operand,
    kind: kind(of),
    path,
    place,
    negate,
    ignoreCase,
  };
}

function decodeSegmentClause(clause: readonly unknown[], links: Links): Clause {
  const [, named, bits] = list(clause, 'clause', 2, 3);
  const { negate } = decodeBits(bits);
  const names = list(named, 'segments', 1, limit.MAX_CLAUSE_VALUES);
  return { segments: names.map((one) => links.segment(name(one, 'segment'))), negate };
}

function decodeBits(value: unknown): { negate: boolean; ignoreCase: boolean } {
  const bits = value === undefined ? 0 : integer(value, 'bits', 0, 3);
  return { negate: (bits & 1) !== 0, ignoreCase: (bits & 2) !== 0 };
}

function decodePath(value: unknown): readonly string[] {
  const names = Array.isArray(value) ? list(value, 'path', 1, limit.MAX_PATH) : [value];
  return names.map((one) => {
    const part = text(one, 'path', limit.MAX_PATH_NAME);
    return limit.isSafePart(part) ? part : refuse('path', part);
  });
}

const placeOf = (part: string): 'region' | 'cloud' | 'pop' | undefined =>
  part === 'region' || part === 'cloud' || part === 'pop' ? part : undefined;

function keys(members: readonly unknown[]): ReadonlySet<string> {
  if (members.length === 0) return NO_KEYS;
  const set = new Set<string>();
  for (const one of members) set.add(text(one, 'key', limit.MAX_MEMBER));
  return set;
}

const gateExit = (label: string, value: string, reason: Exit['reason'] = 'DEFAULT'): Exit =>
  exitOf({ reason, metadata: Object.freeze({ [label]: value }) });

const exitOf = (of: Partial<Exit> & Pick<Exit, 'reason'>): Exit => ({
  ranges: of.ranges ?? NONE,
  kind: of.kind,
  seed: of.seed ?? 0,
  rest: of.rest ?? 0,
  reason: of.reason,
  rule: of.rule,
  metadata: of.metadata,
  decisions: undefined,
  warned: undefined,
});
