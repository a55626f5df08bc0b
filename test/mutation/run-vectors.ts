/**
 * What a mutant has to survive: every golden vector, flag by flag and in bulk (section 8 of `docs/evaluation.md`).
 * Exits with 1 at the first file that is decided otherwise; prints nothing.
 */
import { readFileSync } from 'node:fs';
import { createContext } from '#core/context';
import type { Decision } from '#core/decision';
import { evaluateAll } from '#core/evaluate';
import { readerOf } from '../unit/fixtures/lines.ts';
import { coreEvaluator } from '../vectors/core-evaluator.ts';
import type { VectorIndex } from '../vectors/load.ts';
import { runVectors, type VectorEvaluator, type VectorFile } from '../vectors/run.ts';

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8'));
}

/** Evaluates all flags for each context, once, and picks those that are asked for. */
function bulkEvaluator({ version, entries }: VectorFile['ruleset']): VectorEvaluator {
  const reader = readerOf(entries, version);
  const indices = new Map(reader.flagKeys().map((key, index) => [key, index]));
  const known = new Map<string, Decision[]>();
  return (flag, context, place) => {
    const question = JSON.stringify([context, place]);
    const decisions = known.get(question) ?? evaluateAll(reader, createContext(context, place));
    known.set(question, decisions);
    return decisions[indices.get(flag) as number];
  };
}

/** Flags that there are: to a bulk evaluation the others are no question. */
function inBulk(file: VectorFile): VectorFile {
  const keys = new Set(file.ruleset.entries.map(({ k }) => k).filter((key) => !key.startsWith('segment:')));
  return { ...file, cases: file.cases.filter(({ flag }) => keys.has(flag)) };
}

function survives(file: VectorFile): boolean {
  if (runVectors([file], coreEvaluator).failed.length > 0) return false;
  return runVectors([inBulk(file)], bulkEvaluator).failed.length === 0;
}

/** From the last to the first: the random files, which go everywhere, stand at the end and kill soonest. */
const { files } = readJson<VectorIndex>('index.json');
process.exitCode = files.toReversed().every(({ file }) => survives(readJson(file))) ? 0 : 1;
