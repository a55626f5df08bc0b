/** Ranges that operations bring along. They are in force as they are, or refused: those that the weights would make others of are a mistake. */
import { canonicalJson } from '#ruleset/canonical-json';
import type { Allocation } from '#ruleset/write/allocate';
import { kindOf, type NamedSplit, splitsOf } from '#ruleset/write/compile-split';
import type { Issue } from '#ruleset/write/issue';
import type { AuthoredFlag } from '#schema/authored';
import type { Operation } from '#schema/control-operation';
import type { FlagRanges, LayerRanges } from '#schema/control-ranges';
import type { Entry, FlagEntry } from '#schema/entry';
import { SECTIONS } from './item.ts';
import { rangesOfFlag } from './item-ranges.ts';
import { get } from './persistent-map.ts';
import type { EnvironmentState } from './state.ts';

/** By the key of a flag or a layer. */
export interface GivenRanges {
  readonly flags: ReadonlyMap<string, FlagRanges>;
  readonly layers: ReadonlyMap<string, LayerRanges>;
}

export const NO_RANGES: GivenRanges = { flags: new Map(), layers: new Map() };

export function givenRanges(operations: readonly Operation[], environment: string): GivenRanges {
  const flags = new Map<string, FlagRanges>();
  const layers = new Map<string, LayerRanges>();
  for (const one of operations) {
    if (!('ranges' in one) || one.ranges === undefined || one.environment !== environment) continue;
    if (one.kind === 'flag') flags.set(one.key, one.ranges);
    else layers.set(one.key, one.ranges);
  }
  return { flags, layers };
}

/** What a flag's splits begin with: those that are given, and for the others those that it has. */
export function splitsToBeginWith(
  body: AuthoredFlag,
  given: FlagRanges | undefined,
  previous: FlagEntry | undefined,
): readonly NamedSplit[] {
  const kept = previous === undefined ? [] : splitsOf(previous);
  if (given === undefined) return kept;
  const outcomes = [{ id: undefined, split: body.fallthrough.split }, ...body.rules];
  const brought = outcomes.flatMap(({ id: rule, split }): NamedSplit[] => {
    const allocation = rule === undefined ? given.fallthrough : ruleRanges(given, rule);
    return split === undefined || allocation === undefined ? [] : [{ rule, kind: kindOf(split), allocation }];
  });
  return [...brought, ...kept];
}

const ruleRanges = ({ rules = {} }: FlagRanges, rule: string): Allocation | undefined =>
  Object.hasOwn(rules, rule) ? rules[rule] : undefined;

/** `compiled` has null for what is not there. */
export function rangeIssues(
  { items }: Pick<EnvironmentState, 'items'>,
  { flags, layers }: GivenRanges,
  compiled: ReadonlyMap<string, Entry | null>,
): Issue[] {
  const entryOf = (flag: string): FlagEntry | undefined => (compiled.get(flag) ?? undefined) as FlagEntry | undefined;
  const ofFlags = [...flags].flatMap(([key, { fallthrough, rules = {} }]) => {
    const item = get(items, key);
    const found = (item?.kind === 'flag' && rangesOfFlag(item.body, entryOf(key))) || {};
    return [
      ...unfit([SECTIONS.flag, key, 'ranges', 'fallthrough'], fallthrough, found.fallthrough),
      ...Object.entries(rules).flatMap(([rule, given]) =>
        unfit([SECTIONS.flag, key, 'ranges', 'rules', rule], given, ruleRanges(found, rule)),
      ),
    ];
  });
  const ofLayers = [...layers].flatMap(([key, slices]) =>
    Object.entries(slices).flatMap(([flag, given]) => {
      const layer = entryOf(flag)?.l;
      return unfit([SECTIONS.layer, key, 'ranges', flag], given, layer?.[0] === key ? layer[2] : undefined);
    }),
  );
  return [...ofFlags, ...ofLayers];
}

const unfit = (path: Issue['path'], given: unknown, found: unknown): Issue[] =>
  given === undefined || (found !== undefined && canonicalJson(given) === canonicalJson(found))
    ? []
    : [{ path, message: 'must be apart from each other, as large as the weights say, and in the fewest pieces' }];
