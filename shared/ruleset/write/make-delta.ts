/** Writes the difference between two versions of a ruleset: `shared/ruleset/delta.ts` says what it looks like. */

import { changedKeys } from '#ruleset/changed-keys';
import type { Delta } from '#ruleset/delta';
import { findLine, indexLines } from '#ruleset/lines';

export function makeDelta(base: string, baseLines: string, header: string, lines: string): Delta {
  const starts = indexLines(lines);
  const lineOf = (key: string): string => {
    const at = findLine(lines, starts, key, 0);
    return at < 0 ? `{"k":"${key}"}\n` : lines.slice(starts[at] as number, starts[at + 1] as number);
  };
  return { header, base, changes: changedKeys(baseLines, lines).map(lineOf).join('') };
}

export const writeDelta = ({ header, base, changes }: Delta): string => `${header}\n{"base":"${base}"}\n${changes}`;
