/** Entries of the audit log in words. */
import type { AuditEntry, AuditLeaf } from '#schema/audit';
import { lineDiff } from './line-diff.ts';
import { safeTable } from './print.ts';
import { safeYaml } from './safe-yaml.ts';

export const ENTRY_HEAD = ['entry', 'time', 'action', 'by', 'through', 'what', 'reason'] as const;

/** As the API shows it: what the state is made of is left out. */
export type EntryAnswer = Omit<AuditEntry, 'events'> & Pick<AuditLeaf, 'seq' | 'time'>;

type Target = EntryAnswer['target'][number];

export const entryRow = ({ seq, time, ...entry }: EntryAnswer): string[] => [
  String(seq),
  time,
  entry.action,
  entry.actor.person,
  entry.actor.via,
  targetsText(entry.target),
  (entry.justification ?? '-').split('\n', 1)[0] as string,
];

export function entryText({ seq, time, ...entry }: EntryAnswer): string {
  const { action, actor, target, justification, approvals, ticket, request, publishes = [] } = entry;
  const rows = [
    ['entry', String(seq)],
    ['time', time],
    ['action', action],
    [
      'by',
      `${actor.person} (${actor.id}) through ${actor.via}${actor.roles.length === 0 ? '' : `, as ${actor.roles.join(', ')}`}`,
    ],
    ...target.slice(0, MAX_TARGETS).map((one) => ['what', targetText(one)]),
    ...(target.length > MAX_TARGETS ? [['what', `and ${target.length - MAX_TARGETS} more`]] : []),
    ...(justification === undefined ? [] : [['reason', justification]]),
    ...approvals.map(({ person, roles, time: at }) => ['approved by', `${person} (${roles.join(', ')}), ${at}`]),
    ...(ticket === undefined ? [] : [['ticket', ticket]]),
    ...(request === undefined ? [] : [['request', request]]),
    ...publishes.map(({ environment }) => ['publishes', environment]),
  ];
  const diff = changedLines(entry.old, entry.new);
  return [safeTable(rows), ...(diff.length === 0 ? [] : ['', ...diff])].join('\n');
}

/** As many are named of a change of many. */
const MAX_TARGETS = 20;

function changedLines(old: unknown, next: unknown): string[] {
  const text = (value: unknown): string => (value === null || value === undefined ? '' : safeYaml(value));
  return lineDiff(text(old), text(next));
}

function targetsText(targets: readonly Target[]): string {
  const [first] = targets;
  if (first === undefined) return '-';
  return targets.length === 1 ? targetText(first) : `${targetText(first)} and ${targets.length - 1} more`;
}

const targetText = ({ kind, key, environment }: Target): string =>
  [kind, ...(key === undefined ? [] : [key]), ...(environment === undefined ? [] : [`in ${environment}`])].join(' ');
