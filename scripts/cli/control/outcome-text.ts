/** What came of a change, or would come of it, in words. */
import { printable } from '#control/audit/printable';
import type { Effect } from '#control/state';
import type { Operation } from '#schema/control-operation';
import type { DryRunAnswer, WriteAnswer } from './answers.ts';
import { flagsText, itemsText, missingText, recordsText, requirementsText } from './diff-text.ts';
import { plural, safeTable } from './print.ts';

export function outcomeText(answer: WriteAnswer): string {
  switch (answer.status) {
    case 'unchanged':
      return 'nothing to do: everything is like that already';
    case 'applied':
      return [...effectsText(answer.effects ?? []), `applied: entry ${answer.seq} of the log`].join('\n');
    case 'declined':
    case 'withdrawn':
      return `${answer.status}: entry ${answer.seq} of the log`;
    case 'open':
    case 'approved':
    case 'scheduled':
    case 'voided':
      return requestText(answer);
    default:
      return answer satisfies never;
  }
}

/** A flag a line, or how many where they are many. */
const MAX_EFFECTS = 20;

function effectsText(effects: readonly Effect[]): string[] {
  const rows = effects.flatMap(({ environment, flags }) =>
    Object.entries(flags).map(([flag, kind]) => [environment, flag, kind]),
  );
  if (rows.length === 0) return [];
  return rows.length > MAX_EFFECTS ? [`${plural(rows.length, 'flag')} may serve something else`] : [safeTable(rows)];
}

type Waiting = Extract<WriteAnswer, { readonly request: object }>;

function requestText({ status, request, seq }: Waiting): string {
  const id = printable(request.id);
  const missing = (request.missing ?? []).map((one) => `  missing: ${missingText(one)}`);
  return [
    `${WAITS[status]}: change request ${id}, entry ${seq} of the log`,
    ...missing,
    `npm run lockstep -- cr show ${id}`,
  ].join('\n');
}

const WAITS: Readonly<Record<Waiting['status'], string>> = {
  open: 'waits for approval',
  approved: 'approved, and not applied yet',
  scheduled: 'approved, and waits for its time',
  voided: 'void, since what it was made on is another by now: amend it',
};

/** `operations` where the caller knows them: what is no item shows there. */
export function dryRunText(answer: DryRunAnswer, operations: readonly Operation[] = []): string {
  const { items, flags, requirements, missing, isReturn, refusal, message } = answer;
  return [
    ...itemsText(items),
    ...recordsText(operations),
    ...flagsText(flags),
    ...(isReturn ? ['this goes back to what served before: it needs no approval'] : []),
    ...section(requirementsText(requirements)),
    ...section(missing.map((one) => `must approve: ${missingText(one)}`)),
    '',
    refusal === null
      ? `nothing was changed; this would ${missing.length === 0 ? 'be applied at once' : 'become a change request'}`
      : `nothing was changed; this would be refused: ${printable(message ?? refusal.code)}`,
  ].join('\n');
}

const section = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : ['', ...lines]);
