/** Tables as biome and people like them, and figures in them. */

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, at) => Math.max(3, ...all.map((row) => (row[at] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, at) => pad(row[at] ?? '', width, at)).join(' | ')} |`;
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

const pad = (text: string, width: number, at: number): string => (at === 0 ? text.padEnd(width) : text.padStart(width));

/** Of runs, in percent. */
export const percent = (part: number): string => `${(100 * part).toFixed(part > 0 && part < 0.0995 ? 1 : 0)} %`;

/** With two decimals: of small rates. */
export const smallPercent = (part: number): string => `${(100 * part).toFixed(2)} %`;

/** Null: not within the stage. */
export const seconds = (time: number | null | undefined): string =>
  time === null || time === undefined ? '-' : `${time < 10 ? time.toFixed(1) : Math.round(time)} s`;

export const placeTitle = ({ traffic, base }: { readonly traffic: number; readonly base: number }): string =>
  `${traffic}/s, ${base * 100} %`;
