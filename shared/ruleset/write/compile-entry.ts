/** One authored flag or segment to its entry, with revision 0: `revisions.ts` stamps it. */

import type { JsonValue } from '#core/decision';
import { BUCKETS } from '#core/limits';
import { canonicalJson } from '#ruleset/canonical-json';
import type { Authored, AuthoredClause, AuthoredFlag, AuthoredSegment } from '#schema/authored';
import { BOOLEANS, type ClauseEntry, type Entry, type FlagEntry, type SegmentEntry } from '#schema/entry';
import { SEGMENT_PREFIX } from '#schema/limits';
import { type Allocation, allocate } from './allocate.ts';
import { bucketsOf, compileOutcome, type NamedSplit } from './compile-split.ts';
import { variationId } from './digest.ts';
import { seedOf } from './seeds.ts';

/** The variations of a flag; of a boolean flag that declares none, `off` and `on`. */
export const variationsOf = (flag: AuthoredFlag): readonly (readonly [string, JsonValue])[] =>
  flag.variations === undefined && flag.type === 'boolean'
    ? BOOLEANS.map(([name, value]) => [name, value])
    : Object.entries(flag.variations ?? {});

export interface FlagSurroundings {
  readonly authored: Authored;
  /** The layer ranges of each flag that is in one. */
  readonly layers: ReadonlyMap<string, NonNullable<FlagEntry['l']>>;
  /** The splits that it had, whose units stay where the weights let them. */
  readonly earlier: readonly NamedSplit[];
}

export function compileFlag(key: string, flag: AuthoredFlag, around: FlagSurroundings): FlagEntry {
  const variations = variationsOf(flag).map(([name, value]): [string, JsonValue, string] => [
    name,
    value,
    variationId(value),
  ]);
  const names = variations.map(([name]) => name);
  const indexOf = (name: string | undefined): number | undefined =>
    name === undefined ? undefined : names.indexOf(name);
  const splitOf = (rule: string | undefined): NamedSplit | undefined => around.earlier.find((one) => one.rule === rule);
  const rules = flag.rules.map((rule): [string, ClauseEntry[], FlagEntry['f']] => [
    rule.id,
    rule.when.map(compileClause),
    compileOutcome(rule, names, splitOf(rule.id)),
  ]);
  const fallthrough = compileOutcome(flag.fallthrough, names, splitOf(undefined));
  const splits = [fallthrough, ...rules.map(([, , outcome]) => outcome)].some(Array.isArray);
  const off = indexOf(flag.off);
  const offlineDefault = indexOf(flag.offlineDefault);
  const holdout = flag.holdout === undefined ? undefined : around.authored.holdouts[flag.holdout];
  return without({
    k: key,
    r: 0,
    v: canonicalJson(variations) === canonicalJson(BOOLEANS) ? undefined : variations,
    z: splits ? seedOf(flag.salt) : undefined,
    e: flag.enabled ? undefined : 0,
    o: off,
    d: offlineDefault === off ? undefined : offlineDefault,
    c: flag.consistency === 'session' ? 1 : undefined,
    n: flag.visibility === 'client' ? 1 : undefined,
    p: some(flag.prerequisites.map(({ flag: required, variations: anyOf }): [string, string[]] => [required, anyOf])),
    i: some(flag.targets.map(({ variation, keys, kind }) => withKind([names.indexOf(variation), sorted(keys)], kind))),
    h:
      holdout === undefined
        ? undefined
        : withKind([flag.holdout as string, holdout.salt, bucketsOf(holdout.percent)], holdout.by),
    l: around.layers.get(key),
    u: some(rules),
    f: fallthrough,
  });
}

export function compileSegment(name: string, segment: AuthoredSegment): SegmentEntry {
  return without({
    k: SEGMENT_PREFIX + name,
    r: 0,
    b: segment.kind === 'user' ? undefined : segment.kind,
    i: some(sorted(segment.included)),
    x: some(sorted(segment.excluded)),
    u: some(segment.rules.map(({ when }) => when.map(compileClause))),
  });
}

/** By layer and flag, ranges to begin with in the place of those that the flag has. */
export type GivenSlices = ReadonlyMap<string, Readonly<Record<string, readonly number[]>>>;

/** The slice of every flag in a layer. Growth comes from the buckets that no flag has, so it takes nobody from another. */
export function compileLayers(
  { layers }: Pick<Authored, 'layers'>,
  before: ReadonlyMap<string, Entry>,
  given: GivenSlices = new Map(),
): Map<string, NonNullable<FlagEntry['l']>> {
  const slices = new Map<string, NonNullable<FlagEntry['l']>>();
  for (const [name, { salt, by, slices: percents }] of Object.entries(layers)) {
    const buckets = new Map(Object.entries(percents).map(([key, percent]) => [key, bucketsOf(percent)]));
    const rangesBefore = (key: string): readonly number[] =>
      given.get(name)?.[key] ?? rangesIn(before.get(key) as FlagEntry | undefined, name, salt);
    const allocation = allocate(earlierAllocation(buckets.keys(), rangesBefore), { rest: NOBODY, buckets });
    for (const key of buckets.keys()) slices.set(key, withKind([name, salt, rangesOf(allocation, key)], by));
  }
  return slices;
}

/** No flag key: what is left of a layer. */
const NOBODY = '';

function rangesIn(entry: FlagEntry | undefined, name: string, salt: string): readonly number[] {
  const layer = entry?.l;
  return layer === undefined || layer[0] !== name || layer[1] !== salt ? [] : layer[2];
}

function earlierAllocation(keys: Iterable<string>, rangesBefore: (key: string) => readonly number[]): Allocation {
  const taken = [...keys].flatMap((key) => {
    const ranges = rangesBefore(key);
    return ranges.flatMap((start, at) => (at % 2 === 0 ? [{ key, start, end: ranges[at + 1] as number }] : []));
  });
  const allocation: [string, number][] = [];
  for (const { key, start, end } of taken.sort((a, b) => a.start - b.start)) {
    const last = allocation.at(-1)?.[1] ?? 0;
    // A return may have given back what another flag had been given meanwhile: whoever begins first keeps it.
    if (end <= last) continue;
    if (last < start) allocation.push([NOBODY, start]);
    allocation.push([key, end]);
  }
  return allocation.at(-1)?.[1] === BUCKETS ? allocation : [...allocation, [NOBODY, BUCKETS]];
}

const rangesOf = (allocation: Allocation, key: string): number[] =>
  allocation.flatMap(([name, end], at) => (name === key ? [allocation[at - 1]?.[1] ?? 0, end] : []));

function compileClause(clause: AuthoredClause): ClauseEntry {
  if ('segment' in clause) return clause.not ? ['segment', clause.segment, 1] : ['segment', clause.segment];
  const { attribute, op, values, kind, not, ignoreCase } = clause;
  const path = attribute.length === 1 ? (attribute[0] as string) : attribute;
  const bits = (not ? 1 : 0) + (ignoreCase ? 2 : 0);
  const base = [op === 'equals' ? 'in' : op, path, values] as const;
  if (kind !== 'user') return [...base, bits, kind];
  return bits === 0 ? [...base] : [...base, bits];
}

/** A tuple whose last element, the kind, is left out for `user`. */
const withKind = <T extends readonly unknown[]>(tuple: [...T], kind: string): [...T, string?] =>
  kind === 'user' ? tuple : [...tuple, kind];

const some = <T>(list: readonly T[]): T[] | undefined => (list.length === 0 ? undefined : [...list]);

const sorted = (keys: readonly string[]): string[] => [...new Set(keys)].sort();

/** The same object without the fields that hold undefined. */
function without<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
