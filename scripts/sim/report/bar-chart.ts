/** Horizontal bars as SVG, light and dark by what the reader prefers. No library: a chart is a few rectangles and words. */

export interface Bar {
  readonly label: string;
  /** Null: never, drawn to the end and hatched by a lighter tone. */
  readonly value: number | null;
  readonly text: string;
  /** 0 is Lockstep. */
  readonly tone: 0 | 1 | 2 | 3;
}

export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface BarChart {
  readonly title: string;
  readonly subtitle: string;
  readonly groups: readonly BarGroup[];
  /** From the left to the right edge; logarithmic where `from` is above 0. */
  readonly from: number;
  readonly to: number;
  readonly mark?: { readonly value: number; readonly text: string };
}

const WIDTH = 800;
const LEFT = 290;
const RIGHT = 110;
const ROW = 24;
const GROUP = 30;
const HEAD = 62;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .quiet { fill: #59636e }
  .axis { stroke: #8b949e; stroke-width: 1 }
  .mark { stroke: #cf222e; stroke-width: 1.5; stroke-dasharray: 4 3 }
  .never { opacity: 0.35 }
  .t0 { fill: #1a7f37 } .t1 { fill: #6e7781 } .t2 { fill: #bf8700 } .t3 { fill: #cf222e }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .quiet { fill: #9198a1 } .axis { stroke: #656c76 } .mark { stroke: #f85149 }
    .t0 { fill: #3fb950 } .t1 { fill: #9198a1 } .t2 { fill: #d29922 } .t3 { fill: #f85149 }
  }`;

export function barChart({ title, subtitle, groups, from, to, mark }: BarChart): string {
  const height = HEAD + groups.reduce((sum, { bars }) => sum + GROUP + bars.length * ROW, 0) + 16;
  const scale = (value: number): number =>
    LEFT + (WIDTH - LEFT - RIGHT) * share(Math.min(to, Math.max(from, value)), from, to);
  const parts: string[] = [];
  const markAt = mark === undefined ? null : Math.round(scale(mark.value));
  let y = HEAD;
  for (const group of groups) {
    parts.push(text(12, y + 18, group.title, 'quiet'));
    y += GROUP;
    const below = y + group.bars.length * ROW;
    parts.push(`<line class="axis" x1="${LEFT}" y1="${y}" x2="${LEFT}" y2="${below}"/>`);
    if (markAt !== null) parts.push(`<line class="mark" x1="${markAt}" y1="${y}" x2="${markAt}" y2="${below}"/>`);
    for (const bar of group.bars) {
      parts.push(...drawn(bar, y, scale(bar.value ?? to), markAt));
      y += ROW;
    }
  }
  if (mark !== undefined) parts.push(text((markAt ?? 0) + 5, HEAD + 18, mark.text, 'quiet'));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    text(12, 24, title, 'title'),
    text(12, 44, subtitle, 'quiet'),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

const share = (value: number, from: number, to: number): number =>
  from > 0 ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);

/** About as wide as a figure is written. */
const FIGURE = 60;

function drawn({ label, value, text: said, tone }: Bar, y: number, end: number, markAt: number | null): string[] {
  // A figure that the mark would cross stands behind it.
  const isCrossed = markAt !== null && end <= markAt && end + FIGURE > markAt;
  const width = Math.max(1, end - LEFT).toFixed(1);
  return [
    `<text x="${LEFT - 8}" y="${y + 15}" text-anchor="end">${escaped(label)}</text>`,
    `<rect class="t${tone}${value === null ? ' never' : ''}" x="${LEFT}" y="${y + 3}" width="${width}" height="${ROW - 8}" rx="2"/>`,
    text(Math.round((isCrossed ? markAt : end) + 6), y + 15, said, ''),
  ];
}

const text = (x: number, y: number, words: string, kind: string): string =>
  `<text${kind === '' ? '' : ` class="${kind}"`} x="${x}" y="${y}">${escaped(words)}</text>`;

const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
