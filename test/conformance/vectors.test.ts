import { expect, it } from 'vitest';
import { coreEvaluator } from '../vectors/core-evaluator.ts';
import { loadVectors } from '../vectors/load.ts';
import { runVectors } from '../vectors/run.ts';

it('decides every golden vector in Node as the oracle does', async () => {
  const { passed, failed } = runVectors(await loadVectors(), coreEvaluator);
  expect(failed).toEqual([]);
  expect(passed).toBeGreaterThan(10_000);
});
