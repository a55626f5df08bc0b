/** Writes the difference between two versions of a ruleset: `shared/ruleset/delta.ts` says what it looks like. */

import { changedKeys } from '#ruleset/changed-keys';
import { type Delta, lineIn } from '#ruleset/delta';

export function makeDelta(base: string, baseLines: string, header: string, lines: string): Delta {
  const lineOf = (key: string): string => lineIn(lines, key) ?? `{"k":"${key}"}\n`;
  return { header, base, changes: changedKeys(baseLines, lines).map(lineOf).join('') };
}

export const writeDelta = ({ header, base, changes }: Delta): string => `${header}\n{"base":"${base}"}\n${changes}`;
