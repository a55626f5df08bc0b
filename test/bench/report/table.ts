/** Tables of text, aligned, that are also Markdown. */

/** The first column is left-aligned, the others right-aligned. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number);
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((_, at) => pad(cells[at] ?? '', at)).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** With thousands separated; small numbers with their decimals. */
export const figure = (value: number | undefined): string =>
  value === undefined ? '-' : value.toLocaleString('en-US', { maximumFractionDigits: value < 1_000 ? 1 : 0 });

export const ratio = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(2));
