/** Writes the difference between two versions of a ruleset: `shared/ruleset/delta.ts` says what it looks like. */
import type { Delta } from '#ruleset/delta';
import { indexLines, keyAt } from '#ruleset/lines';

export function makeDelta(base: string, baseLines: string, header: string, lines: string): Delta {
  const before = linesByKey(baseLines);
  const after = linesByKey(lines);
  const changed = [...after].filter(([key, line]) => before.get(key) !== line);
  const removed = [...before.keys()].filter((key) => !after.has(key)).map((key) => [key, `{"k":"${key}"}`] as const);
  const inOrder = [...changed, ...removed].sort(([a], [b]) => (a < b ? -1 : 1));
  return { header, base, changes: inOrder.map(([, line]) => `${line}\n`).join('') };
}

export const writeDelta = ({ header, base, changes }: Delta): string => `${header}\n{"base":"${base}"}\n${changes}`;

/** Each line, without its line feed. */
export function linesByKey(lines: string): Map<string, string> {
  const starts = indexLines(lines);
  const byKey = new Map<string, string>();
  for (let at = 0; at < starts.length - 1; at++) {
    const start = starts[at] as number;
    byKey.set(keyAt(lines, start) as string, lines.slice(start, (starts[at + 1] as number) - 1));
  }
  return byKey;
}
