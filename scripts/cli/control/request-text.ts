/** Change requests in words. */
import { printable } from '#control/audit/printable';
import type { ChangeDiff } from '#control/diff-change';
import type { MissingApproval } from '#control/refusal';
import type { Requirement } from '#control/state';
import type { When } from '#schema/control-command';
import type { Operation } from '#schema/control-operation';
import { flagsText, itemsText, missingText, recordsText, requirementsText } from './diff-text.ts';
import { plural, safeTable } from './print.ts';

interface PartyAnswer {
  readonly id: string;
  readonly person: string;
}

export interface RequestAnswer {
  readonly id: string;
  readonly status: string;
  readonly hash: string;
  readonly change: {
    readonly operations: readonly Operation[];
    readonly justification: string;
    readonly apply?: Exclude<When, object> | { readonly at: string };
    readonly ticket?: string;
  };
  readonly editors: readonly PartyAnswer[];
  readonly approvals: readonly { readonly by: PartyAnswer; readonly roles: readonly string[] }[];
  readonly openedAt: string;
  readonly requirements: readonly Requirement[];
  readonly held?: { readonly code: string };
}

/** One that was asked for by its id. */
export interface RequestDetail extends RequestAnswer {
  readonly missing: readonly MissingApproval[];
  /** Null where it could not be applied as things stand. */
  readonly diff: Pick<ChangeDiff, 'items' | 'flags' | 'isReturn'> | null;
  /** Why it could not. */
  readonly message: string | null;
}

export const REQUEST_HEAD = ['id', 'status', 'by', 'opened', 'change', 'reason'] as const;

export const requestRow = ({ id, status, editors, openedAt, change }: RequestAnswer): string[] => [
  id,
  status,
  editors[0]?.person ?? '-',
  openedAt,
  operationsText(change.operations),
  firstLine(change.justification),
];

export function requestText(request: RequestDetail): string {
  const { change, diff, message, requirements } = request;
  return [
    safeTable(headRows(request)),
    '',
    ...(diff === null ? [] : itemsText(diff.items)),
    ...recordsText(change.operations),
    ...(diff === null ? [`as things stand it cannot be applied: ${printable(message ?? '')}`] : flagsText(diff.flags)),
    ...(diff?.isReturn ? ['this goes back to what served before: it needs no approval'] : []),
    '',
    ...requirementsText(requirements),
  ]
    .join('\n')
    .trimEnd();
}

function headRows({ id, status, hash, change, editors, approvals, openedAt, missing, held }: RequestDetail) {
  return [
    ['change request', id],
    ['status', status],
    ...editors.map(({ person, id: identity }, at) => [at === 0 ? 'by' : 'amended by', `${person} (${identity})`]),
    ['opened', openedAt],
    ['reason', change.justification],
    ...(change.ticket === undefined ? [] : [['ticket', change.ticket]]),
    ['takes effect', whenText(change.apply)],
    ['hash', hash],
    ...approvals.map(({ by, roles }) => ['approved by', `${by.person} (${roles.join(', ')})`]),
    ...missing.map((one) => ['missing', missingText(one)]),
    ...(held === undefined ? [] : [['held', held.code]]),
  ];
}

function whenText(apply: RequestAnswer['change']['apply']): string {
  if (apply === undefined || apply === 'when-approved') return 'once it is approved';
  return apply === 'by-hand' ? 'when somebody applies it' : `not before ${apply.at}`;
}

function operationsText(operations: readonly Operation[]): string {
  const [first] = operations;
  if (first === undefined) return '-';
  return operations.length === 1 ? `${first.op} ${first.kind} ${first.key}` : plural(operations.length, 'operation');
}

const MAX_REASON = 60;

function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] as string;
  return line.length > MAX_REASON ? `${line.slice(0, MAX_REASON - 1)}…` : line;
}
