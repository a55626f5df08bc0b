/** What an item or its entry uses, by id. */
import { referencesOf } from '#ruleset/write/revisions';
import type { AuthoredClause } from '#schema/authored';
import type { Entry, FlagEntry } from '#schema/entry';
import { type Content, itemId } from './item.ts';

/** Of an entry: also the holdout and the layer, which have no entries of their own. */
export function usesOfEntry(entry: Entry): ReadonlySet<string> {
  const { h, l } = entry as FlagEntry;
  return new Set([
    ...referencesOf(entry),
    ...(h === undefined ? [] : [itemId('holdout', h[0])]),
    ...(l === undefined ? [] : [itemId('layer', l[0])]),
  ]);
}

export function usesOfContent(content: Content): ReadonlySet<string> {
  switch (content.kind) {
    case 'flag': {
      const { prerequisites, rules, holdout } = content.body;
      return new Set([
        ...prerequisites.map(({ flag }) => flag),
        ...rules.flatMap(({ when }) => segmentsIn(when)),
        ...(holdout === undefined ? [] : [itemId('holdout', holdout)]),
      ]);
    }
    case 'segment':
      return new Set(content.body.rules.flatMap(({ when }) => segmentsIn(when)));
    case 'layer':
      return new Set(Object.keys(content.body.slices));
    case 'holdout':
      return new Set();
    default:
      return content satisfies never;
  }
}

const segmentsIn = (clauses: readonly AuthoredClause[]): string[] =>
  clauses.flatMap((clause) => ('segment' in clause ? clause.segment.map((name) => itemId('segment', name)) : []));
