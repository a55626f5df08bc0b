/** What a change does, for the person who is about to submit or to approve it. */
import { printable } from '#control/audit/printable';
import type { FlagDiff, ItemDiff } from '#control/diff-change';
import type { MissingApproval } from '#control/refusal';
import type { Requirement } from '#control/state';
import type { Operation } from '#schema/control-operation';
import { lineDiff } from './line-diff.ts';
import { safeTable } from './print.ts';
import { safeYaml } from './safe-yaml.ts';

/** As many items are shown with their contents; of the others, their names. */
const SHOWN = 30;

export function itemsText(items: readonly ItemDiff[]): string[] {
  const shown = items.slice(0, SHOWN).flatMap(itemText);
  const rest = items.slice(SHOWN).map((item) => [headOf(item), fieldsOf(item), ...archiveOf(item)].join('  '));
  return rest.length === 0 ? shown : [...shown, ...rest, ''];
}

function itemText(item: ItemDiff): string[] {
  const [old, next] = [pick(item.old, item.fields), pick(item.new, item.fields)];
  if (item.new === null) return [`${headOf(item)}  is taken away`, ''];
  return [
    [headOf(item), ...(item.old === null ? ['is new'] : []), ...archiveOf(item)].join('  '),
    ...lineDiff(old, next).map((line) => `  ${line}`),
    '',
  ];
}

const headOf = ({ kind, key, environment }: ItemDiff): string =>
  `${kind} ${printable(key)} in ${printable(environment)}`;

const archiveOf = ({ archived }: ItemDiff): string[] => (archived ? ['in the archive'] : []);

const fieldsOf = ({ old, new: next, fields }: ItemDiff): string =>
  old === null ? 'is new' : next === null ? 'is taken away' : printable(fields.join(', '));

function pick(body: object | null, fields: readonly string[]): string {
  if (body === null) return '';
  const all = body as Readonly<Record<string, unknown>>;
  const chosen = fields.filter((field) => Object.hasOwn(all, field)).map((field) => [field, all[field]]);
  return chosen.length === 0 ? '' : safeYaml(Object.fromEntries(chosen));
}

const ITEMS: ReadonlySet<string> = new Set(['flag', 'segment', 'layer', 'holdout'] satisfies Operation['kind'][]);

/** What a change does besides items: nobody approves a policy unseen. */
export function recordsText(operations: readonly Operation[]): string[] {
  return operations
    .filter(({ kind }) => !ITEMS.has(kind))
    .flatMap(({ op, kind, key, base, ...rest }) => [
      `${op} ${kind} ${printable(key)}${base === 0 ? '' : ` (revision ${base})`}`,
      ...(Object.keys(rest).length === 0 ? [] : lineDiff('', safeYaml('body' in rest ? rest.body : rest))),
      '',
    ]);
}

/** `production  pricing.fare  move  20 % of units move in fallthrough` */
export function flagsText(flags: readonly FlagDiff[]): string[] {
  if (flags.length === 0) return ['no flag serves anything else'];
  const rows = flags.map((one) => [
    one.environment,
    one.flag,
    one.class,
    [throughText(one), movedText(one)].filter(Boolean).join('; '),
  ]);
  return [safeTable([['environment', 'flag', 'class', ''], ...rows])];
}

/** What brings it about, where that is not the flag alone. */
const throughText = ({ flag, through }: FlagDiff): string => {
  const others = through.filter((id) => id !== flag);
  return others.length === 0 ? '' : `through ${others.join(', ')}`;
};

const movedText = ({ moved }: FlagDiff): string =>
  moved.map(({ where, buckets }) => `${buckets / 1_000} % of units move in ${where}`).join(', ');

export function requirementsText(requirements: readonly Requirement[]): string[] {
  const rows = requirements.map(
    ({ policy, environment, namespaces, approvals: { count, roles }, ticket, training }) => [
      policy,
      whereText(environment, namespaces),
      [
        count === 0 ? 'no approval' : `${count} of ${roles.join(' or ')}`,
        ...(ticket ? ['an open ticket'] : []),
        ...(training.length > 0 ? [`training ${training.join(', ')}`] : []),
      ].join(', '),
    ],
  );
  return rows.length === 0 ? [] : [safeTable([['policy', 'for', 'asks for'], ...rows])];
}

/** `1 of pricing-on-call or release-manager (policy pricing, for pricing in production)` */
export const missingText = ({ missing, roles, policy, environment, namespaces }: MissingApproval): string =>
  printable(`${missing} of ${roles.join(' or ')} (policy ${policy}, for ${whereText(environment, namespaces)})`);

const whereText = (environment: string | null, namespaces: readonly string[]): string =>
  environment === null ? 'the whole organisation' : `${namespaces.join(', ')} in ${environment}`;
