/** Items in words: one a line, or one whole. */
import { SECTIONS } from '#control/item';
import type { AuthoredFlag, AuthoredOutcome, AuthoredSegment } from '#schema/authored';
import type { ItemAnswer } from './answers.ts';
import { plural, safeTable } from './print.ts';
import { safeYaml } from './safe-yaml.ts';

export const ITEM_HEAD = ['key', 'state', 'what', 'owner', 'project', 'tags', 'revision'] as const;

export const itemRow = (item: ItemAnswer): string[] => [
  item.key,
  stateOf(item),
  whatOf(item),
  item.people.owner ?? '-',
  item.people.project ?? '-',
  item.people.tags.join(', ') || '-',
  String(item.revision),
];

export function itemText(item: ItemAnswer): string {
  const { kind, key, revision, people, body } = item;
  const rows = [
    [kind, key],
    ['state', stateOf(item)],
    ['revision', String(revision)],
    ['project', people.project ?? '-'],
    ['owner', people.owner ?? '-'],
    ['tags', people.tags.join(', ') || '-'],
  ];
  return `${safeTable(rows)}\n\n${safeYaml(body).trimEnd()}`;
}

/** As a file of its own, in the form of `flags/*.yaml`. */
export const itemYaml = ({ kind, key, body }: ItemAnswer): string => safeYaml({ [SECTIONS[kind]]: { [key]: body } });

function stateOf({ kind, archived, body }: ItemAnswer): string {
  if (archived) return 'archived';
  return kind === 'flag' ? ((body as AuthoredFlag).enabled ? 'on' : 'off') : 'live';
}

function whatOf({ kind, body }: ItemAnswer): string {
  switch (kind) {
    case 'flag':
      return flagWhat(body as AuthoredFlag);
    case 'segment': {
      const { included, excluded, rules } = body as AuthoredSegment;
      return `${included.length} in, ${excluded.length} out, ${plural(rules.length, 'rule')}`;
    }
    case 'layer':
      return plural(Object.keys((body as { readonly slices: object }).slices).length, 'slice');
    case 'holdout':
      return `${(body as { readonly percent: number }).percent} %`;
    default:
      return kind satisfies never;
  }
}

/** `control, v2 25 %; 2 rules` */
function flagWhat({ fallthrough, rules, targets }: AuthoredFlag): string {
  return [
    outcomeWhat(fallthrough),
    ...(rules.length > 0 ? [plural(rules.length, 'rule')] : []),
    ...(targets.length > 0 ? [plural(targets.length, 'target')] : []),
  ].join('; ');
}

function outcomeWhat({ serve, split }: AuthoredOutcome): string {
  if (split === undefined) return serve ?? '-';
  const weights = Object.entries(split.weights).map(([variation, percent]) => `${variation} ${percent} %`);
  return [split.rest, ...weights].join(', ');
}
