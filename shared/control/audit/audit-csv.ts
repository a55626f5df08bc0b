/** The log for spreadsheets: a row for each entry, in which nothing is a formula and nothing breaks a line. Not for verifying. */
import type { AuditLeaf } from '#schema/audit';
import { printable } from './printable.ts';

const COLUMNS: Readonly<Record<string, (leaf: AuditLeaf) => string | undefined>> = {
  seq: ({ seq }) => String(seq),
  time: ({ time }) => time,
  action: ({ entry }) => entry.action,
  actor: ({ entry }) => entry.actor.id,
  person: ({ entry }) => entry.actor.person,
  kind: ({ entry }) => entry.actor.kind,
  roles: ({ entry }) => entry.actor.roles.join(' '),
  via: ({ entry }) => entry.actor.via,
  target: ({ entry }) =>
    entry.target
      .map(({ kind, environment, key }) => [kind, environment, key].filter((one) => one !== undefined).join('/'))
      .join(' '),
  justification: ({ entry }) => entry.justification,
  approvals: ({ entry }) => entry.approvals.map(({ id }) => id).join(' '),
  ticket: ({ entry }) => entry.ticket,
  request: ({ entry }) => entry.request,
  old: ({ entry }) => JSON.stringify(entry.old),
  new: ({ entry }) => JSON.stringify(entry.new),
};

/** RFC 4180: lines end with CR LF. */
export const csvHead = (): string => row(Object.keys(COLUMNS));

export const csvRow = (leaf: AuditLeaf): string => row(Object.values(COLUMNS).map((read) => read(leaf) ?? ''));

const row = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

/** What spreadsheets take for a formula, its full-width form too. */
const FORMULA = /^\s*[=+\-@|%＝＋－＠]/u;

function cell(text: string): string {
  const shown = printable(text);
  return `"${(FORMULA.test(shown) ? `'${shown}` : shown).replaceAll('"', '""')}"`;
}
