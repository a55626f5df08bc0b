/** What a command says: text for people, or JSON for programs. Nothing of what others wrote gets at the terminal. */
import { printable } from '#control/audit/printable';
import { table } from '../table.ts';
import { safeJson } from './safe-json.ts';

export function print(json: boolean | undefined, value: unknown, text: () => string): void {
  console.log(json ? safeJson(value) : text());
}

/** Cells that others wrote, aligned. */
export const safeTable = (rows: readonly (readonly string[])[]): string => table(rows.map((row) => row.map(printable)));

/** A line for each thing that there is, or a sentence where there is none. */
export const listText = (head: readonly string[], rows: readonly (readonly string[])[], none: string): string =>
  rows.length === 0 ? none : safeTable([head, ...rows]);

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
