/**
 * From the JSON of one line to the flag or segment that the evaluator walks. Written by hand, for size and speed; it accepts
 * what `shared/schema/entry.ts` accepts, which a differential fuzz checks (`test/unit/ruleset/decode-fuzz.test.ts`). Lists and tuples of
 * the JSON are kept as they are where the evaluator can read them.
 */
import { saltSeed } from '#core/bucket';
import type { Decision, JsonValue } from '#core/decision';
import { decisionOf } from '#core/evaluate';
import {
  type Clause,
  type Flag,
  type Gates,
  IGNORES_CASE,
  MANY,
  NEGATED,
  OF_PLACE,
  type Range,
  type Rule,
  type Segment,
  type Slice,
  type Split,
  type Target,
  type Targeting,
  type Variations,
} from '#core/flag';
import { BUCKETS } from '#core/limits';
import {
  exists,
  listMembership,
  membership,
  type Operand,
  type Operator,
  operatorNamed,
  SHORT_LIST,
  setMembership,
} from '#core/operators';
import * as limit from '#schema/limits';
import {
  checkJson,
  type Fields,
  flagKey,
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

const NONE: readonly never[] = [];
/** `BOOLEANS` of `shared/schema`, without the ids that nobody needs here. */
const OFF_AND_ON: Variations = ['off', false, 'on', true];
const NO_KEYS: ReadonlySet<string> = new Set();

/** Key, revision and variations of a flag. */
export function decodeHead(fields: Fields, version: number): FlagHead {
  const { k, r, v, o, d } = fields;
  flagKey(k, 'k');
  const variations = v === undefined ? OFF_AND_ON : decodeVariations(v);
  const last = lastOf(variations);
  const off = o === undefined ? last + 1 : integer(o, 'o', 0, last);
  const offlineDefault = d === undefined ? off : integer(d, 'd', 0, last);
  return { version, revision: integer(r, 'r', 0, version), variations, off, offlineDefault };
}

const lastOf = (variations: Variations): number => variations.length / 2 - 1;

/** The rest of a flag. */
export function decodeFlag(fields: Fields, head: FlagHead, links: Links): Flag {
  const { s, z, c, n, e, u, f } = fields;
  const salted = s === undefined ? undefined : saltSeed(text(s, 's', limit.MAX_SALT));
  const seed = z === undefined ? salted : integer(z, 'z', 0, limit.MAX_SEED) | 0;
  mark(c, 'c', 1);
  const client = mark(n, 'n', 1);
  const disabled = mark(e, 'e', 0);
  const { version, revision, variations, off, offlineDefault } = head;
  const last = lastOf(variations);
  const gates = decodeGates(fields, last, links);
  const rules = u === undefined ? undefined : decodeRules(u, last, seed, links);
  const outcome = decodeOutcome(f, last, seed);
  if (disabled) return constant(decisionOf(head, off, 'DISABLED'), client);
  if (gates === undefined && rules === undefined && typeof outcome === 'number') {
    return constant(decisionOf(head, outcome, 'STATIC'), client);
  }
  // Field by field: what is spread would lie in a store of its own.
  const targeting: Targeting = {
    client,
    constant: undefined,
    split: gates === undefined && rules === undefined && isSplitOfUsers(outcome) ? outcome : undefined,
    gates,
    rules,
    outcome,
    version,
    revision,
    variations,
    off,
    offlineDefault,
  };
  return targeting;
}

export const constant = (decision: Decision, client: boolean): Flag => ({
  client,
  constant: decision,
});

export function decodeSegment({ k, r, b, i, x, u }: Fields, links: Links): Segment {
  integer(r, 'r', 0, Number.MAX_SAFE_INTEGER);
  if (typeof k !== 'string' || !k.startsWith(limit.SEGMENT_PREFIX)) return refuse('k', k);
  return {
    name: name(k.slice(limit.SEGMENT_PREFIX.length), 'k'),
    kind: kind(b),
    included: keys(optionalList(i, 'i', limit.MAX_MEMBERS)),
    excluded: keys(optionalList(x, 'x', limit.MAX_MEMBERS)),
    rules: optionalList(u, 'u', limit.MAX_RULES).map((clauses) => decodeClauses(clauses, links)),
  };
}

function decodeVariations(value: unknown): Variations {
  const variations = list(value, 'v', 1, limit.MAX_VARIATIONS);
  const flat: JsonValue[] = new Array(2 * variations.length);
  for (let at = 0; at < variations.length; at++) {
    const one = list(variations[at], 'v', 3, 3) as readonly [string, JsonValue, string];
    flat[2 * at] = name(one[0], 'v');
    flat[2 * at + 1] = one[1];
    if (!limit.VARIATION_ID_PATTERN.test(text(one[2], 'v', 8))) refuse('v', one[2]);
    if (one[1] === null) refuse('v', null);
    checkJson(one[1], limit.MAX_VALUE_DEPTH);
    for (let other = 0; other < at; other++) {
      const before = variations[other] as typeof one;
      if (before[0] === one[0] || before[2] === one[2] || typeof before[1] !== typeof one[1]) refuse('v', one[0]);
    }
  }
  return flat;
}

function decodeGates({ p, i, h, l }: Fields, last: number, links: Links): Gates | undefined {
  if (p === undefined && i === undefined && h === undefined && l === undefined) return undefined;
  return {
    prerequisites: optionalList(p, 'p', limit.MAX_PREREQUISITES).map((one) => {
      const tuple = list(one, 'p', 2, 2);
      const key = flagKey(tuple[0], 'p');
      const variations = list(tuple[1], 'p', 1, limit.MAX_VARIATIONS).map((each) => name(each, 'p'));
      const metadata = Object.freeze({ prerequisiteFailed: key });
      return { key, flag: links.flag(key), variations, metadata, stopped: undefined };
    }),
    targets: optionalList(i, 'i', limit.MAX_TARGETS).map((one) => decodeTarget(one, last)),
    slices: [...(h === undefined ? NONE : [decodeHoldout(h)]), ...(l === undefined ? NONE : [decodeLayer(l)])],
  };
}

function decodeTarget(value: unknown, last: number): Target {
  const tuple = list(value, 'i', 2, 3);
  return {
    outcome: integer(tuple[0], 'i', 0, last),
    kind: kind(tuple[2]),
    keys: keys(list(tuple[1], 'i', 1, limit.MAX_TARGET_KEYS)),
  };
}

function decodeHoldout(value: unknown): Slice {
  const tuple = list(value, 'h', 3, 4);
  return decodeSlice('holdout', tuple, [integer(tuple[2], 'h', 0, BUCKETS), BUCKETS], true);
}

function decodeLayer(value: unknown): Slice {
  const tuple = list(value, 'l', 3, 4);
  const ranges = list(tuple[2], 'l', 0, limit.MAX_RANGES) as readonly number[];
  if (ranges.length % 2 !== 0) refuse('l', ranges);
  let from = 0;
  for (let at = 0; at < ranges.length; at++) {
    // A start may touch the end before it; an end lies above its start.
    from = integer(ranges[at], 'l', from + (at % 2), BUCKETS);
  }
  return decodeSlice('layer', tuple, ranges, false);
}

const decodeSlice = (what: string, tuple: readonly unknown[], ranges: readonly number[], open: boolean): Slice => ({
  metadata: Object.freeze({ [what]: name(tuple[0], what) }),
  stopped: undefined,
  seed: saltSeed(text(tuple[1], what, limit.MAX_SALT)),
  kind: kind(tuple[3]),
  ranges,
  open,
});

/** From the last rule to the first, as each holds the next. */
function decodeRules(value: unknown, last: number, seed: number | undefined, links: Links): Rule | undefined {
  const rules = list(value, 'u', 1, limit.MAX_RULES);
  let next: Rule | undefined;
  for (let at = rules.length - 1; at >= 0; at--) {
    const tuple = list(rules[at], 'u', 3, 3);
    const id = name(tuple[0], 'u');
    for (let other = next; other !== undefined; other = other.next) if (other.id === id) refuse('u', id);
    next = { clauses: decodeClauses(tuple[1], links), outcome: decodeOutcome(tuple[2], last, seed), id, next };
  }
  return next;
}

function decodeOutcome(value: unknown, last: number, seed: number | undefined): number | Split {
  if (!Array.isArray(value)) return integer(value, 'f', 0, last);
  const tuple = list(value, 'f', 2, 3);
  const ranges = list(tuple[1], 'f', 2, limit.MAX_RANGES);
  if (ranges.length % 2 !== 0 || seed === undefined) return refuse('f', ranges);
  let next: Range | undefined;
  let end = integer(ranges[ranges.length - 1], 'f', BUCKETS, BUCKETS);
  for (let at = ranges.length - 2; at > 0; at -= 2) {
    next = { served: integer(ranges[at], 'f', 0, last), end, next };
    end = integer(ranges[at - 1], 'f', 1, end - 1);
  }
  const served = integer(ranges[0], 'f', 0, last);
  return { served, end, next, kind: kind(tuple[2]), seed, rest: integer(tuple[0], 'f', 0, last) };
}

/** A split of one range is for those without a key, too. */
const isSplitOfUsers = (outcome: number | Split): outcome is Split =>
  typeof outcome === 'object' && outcome.kind === undefined && outcome.next !== undefined;

function decodeClauses(value: unknown, links: Links): Clause {
  const clauses = list(value, 'u', 1, limit.MAX_CLAUSES);
  let next: Clause | undefined;
  for (let at = clauses.length - 1; at >= 0; at--) next = decodeClause(clauses[at], links, next);
  return next as Clause;
}

function decodeClause(value: unknown, links: Links, next: Clause | undefined): Clause {
  const tuple = list(value, 'u', 2, 5);
  const where = tuple[1];
  const ofSegments = tuple[0] === 'segment';
  const markedBits = tuple[ofSegments ? 2 : 3];
  const bits = markedBits === undefined ? 0 : integer(markedBits, 'u', 0, NEGATED | IGNORES_CASE);
  if (ofSegments) {
    list(tuple, 'u', 2, 3);
    const names = list(where, 'u', 1, limit.MAX_CLAUSE_VALUES);
    const operand = names.map((one) => links.segment(name(one, 'u')));
    return { operator: undefined, operand, path: undefined, marks: bits, next };
  }
  const operator = operatorNamed(tuple[0]) ?? refuse('u', tuple[0]);
  const of = kind(tuple[4]);
  const path = decodePath(where, of);
  const operands = decodeOperands(tuple[2], operator, (bits & IGNORES_CASE) !== 0);
  const ofPlace = path === 'region' || path === 'cloud' || path === 'pop';
  const many = operands.length > 1;
  const marks = bits + (ofPlace ? OF_PLACE : 0);
  if (many && operator === membership) {
    return operands.length > SHORT_LIST
      ? { operator: setMembership, operand: new Set(operands), path, marks, next }
      : { operator: listMembership, operand: operands, path, marks, next };
  }
  return {
    operator,
    operand: many ? operands : operands[0],
    path,
    marks: marks + (many ? MANY : 0),
    next,
  };
}

/** The operands take the place of the values in their list. */
function decodeOperands(value: unknown, operator: Operator, ignoreCase: boolean): readonly Operand[] {
  const least = operator === exists ? 0 : 1;
  const values = list(value, 'u', least, least * limit.MAX_CLAUSE_VALUES) as Operand[];
  for (let at = 0; at < values.length; at++) {
    const one: unknown = values[at];
    const bounded = typeof one === 'string' ? one.length <= limit.MAX_CLAUSE_TEXT : typeof one === 'boolean';
    if (!bounded && !Number.isFinite(one)) refuse('u', one);
    values[at] = operator.read(one, ignoreCase) ?? refuse('u', one);
  }
  return values;
}

/** One name as such; a list of one is the same. A kind's attributes lie under the property of its name. */
function decodePath(value: unknown, of: string | undefined): string | readonly string[] {
  if (!Array.isArray(value)) return of === undefined ? pathPart(value) : [of, pathPart(value)];
  const parts = list(value, 'u', 1, limit.MAX_PATH).map(pathPart);
  if (of !== undefined) return [of, ...parts];
  return parts.length === 1 ? (parts[0] as string) : parts;
}

function pathPart(value: unknown): string {
  const part = text(value, 'u', limit.MAX_PATH_NAME);
  return limit.isSafePart(part) ? part : refuse('u', part);
}

function keys(members: readonly unknown[]): ReadonlySet<string> {
  if (members.length === 0) return NO_KEYS;
  const set = new Set<string>();
  for (const one of members) set.add(text(one, 'key', limit.MAX_MEMBER));
  return set;
}
