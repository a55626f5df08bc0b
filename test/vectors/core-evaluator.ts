/** The core as the vectors' runner takes it. Pure, so that the same file runs in Node, workerd and a browser. */
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { readLines } from '#ruleset/reader';
import type { VectorEvaluator, VectorFile } from './run.ts';

export function coreEvaluator({ version, entries }: VectorFile['ruleset']): VectorEvaluator {
  const reader = readLines(vectorLines(entries), version);
  return (flag, context, place) => evaluate(reader, flag, createContext(context, place));
}

/** The entries as they are, also those that no compiler would write. */
const vectorLines = (entries: VectorFile['ruleset']['entries']): string =>
  entries.map((entry) => `${escaped(JSON.stringify(entry))}\n`).join('');

const escaped = (json: string): string =>
  json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
