/** The ranges that a flag's splits and a layer's slices have come to, as an export has them. */
import { canonicalJson } from '#ruleset/canonical-json';
import { compileLayers } from '#ruleset/write/compile-entry';
import { allocationOf, splitsOf } from '#ruleset/write/compile-split';
import type { AuthoredFlag, AuthoredOutcome } from '#schema/authored';
import type { FlagRanges, LayerRanges } from '#schema/control-ranges';
import type { Entry, FlagEntry } from '#schema/entry';
import type { AuthoredLayer, Content, Item } from './item.ts';
import { get } from './persistent-map.ts';
import type { Payload } from './state.ts';

/** An environment, or what is to be one. */
export interface Compiled {
  readonly payload: Pick<Payload, 'entries'>;
}

/** Undefined of what has none: a segment, a holdout, a flag without a split. */
export function rangesOfItem(
  { payload }: Compiled,
  { key, ...content }: Content & Pick<Item, 'key'>,
): FlagRanges | LayerRanges | undefined {
  switch (content.kind) {
    case 'flag':
      return rangesOfFlag(content.body, get(payload.entries, key) as FlagEntry | undefined);
    case 'layer':
      return rangesOfLayer(key, content.body, payload);
    case 'segment':
    case 'holdout':
      return undefined;
    default:
      return content satisfies never;
  }
}

/** As it compiles to, which need not be what it serves: a return may have brought something back that its item is not. */
export function rangesOfFlag(body: AuthoredFlag, entry: FlagEntry | undefined): FlagRanges | undefined {
  if (entry === undefined) return undefined;
  const earlier = splitsOf(entry);
  const rangesOf = ({ split }: AuthoredOutcome, rule?: string): [string, number][] | undefined =>
    split &&
    allocationOf(
      split,
      earlier.find((one) => one.rule === rule),
    ).map(([name, end]) => [name, end]);
  const fallthrough = rangesOf(body.fallthrough);
  const rules = body.rules.flatMap((rule) => {
    const ranges = rangesOf(rule, rule.id);
    return ranges === undefined ? [] : [[rule.id, ranges] as const];
  });
  if (fallthrough === undefined && rules.length === 0) return undefined;
  return { ...(fallthrough && { fallthrough }), ...(rules.length > 0 && { rules: Object.fromEntries(rules) }) };
}

function rangesOfLayer(key: string, body: AuthoredLayer, { entries }: Compiled['payload']): LayerRanges {
  const before = new Map(
    Object.keys(body.slices).flatMap((flag): [string, Entry][] => {
      const entry = get(entries, flag);
      return entry === undefined ? [] : [[flag, entry]];
    }),
  );
  const slices = compileLayers({ layers: { [key]: body } }, before);
  return Object.fromEntries([...slices].map(([flag, [, , ranges]]) => [flag, [...ranges]]));
}

/** Whether an item has the ranges that are given, and no others. */
export const hasRanges = (environment: Compiled, item: Item, given: FlagRanges | LayerRanges | undefined): boolean =>
  given === undefined || canonicalJson(given) === canonicalJson(rangesOfItem(environment, item) ?? {});
