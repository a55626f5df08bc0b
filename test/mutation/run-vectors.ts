/** What a mutant has to survive: every golden vector, in plain Node. Exits with 1 at the first file that it fails; prints nothing. */
import { readFileSync } from 'node:fs';
import { coreEvaluator } from '../vectors/core-evaluator.ts';
import type { VectorIndex } from '../vectors/load.ts';
import { runVectors, type VectorFile } from '../vectors/run.ts';

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8'));
}

/** From the last to the first: the random ones, which go everywhere, come last in the index and kill soonest. */
const survives = readJson<VectorIndex>('index.json').files.toReversed().every(({ file }) => {
  return runVectors([readJson<VectorFile>(file)], coreEvaluator).failed.length === 0;
});
process.exitCode = survives ? 0 : 1;
