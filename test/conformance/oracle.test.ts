import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { operators } from '#core/operators';
import { measureCoverage } from '../oracle/coverage.ts';
import { loadOracle } from '../oracle/oracle.ts';
import {
  createRandom,
  hostileContext,
  type Random,
  randomContext,
  randomPlace,
  randomRuleset,
  withSeeds,
} from '../oracle/random-cases.ts';
import { coreEvaluator } from '../vectors/core-evaluator.ts';
import { isSame } from '../vectors/run.ts';

const FLAGS = 30;
const CONTEXTS = 250;

/** Compares core and oracle on `pairs` random pairs of flag and context; the first difference ends it. */
async function differences(seed: number, pairs: number, contextOf: (random: Random) => unknown): Promise<unknown[]> {
  const load = await loadOracle();
  const random = createRandom(seed);
  for (let done = 0; done < pairs; ) {
    const ruleset = withSeeds(random, randomRuleset(random, FLAGS));
    const oracle = load(ruleset);
    const evaluate = coreEvaluator(ruleset);
    for (let nth = 0; nth < CONTEXTS; nth++) {
      const context = contextOf(random);
      const place = randomPlace(random);
      for (const key of oracle.keys) {
        const [expected, actual] = [oracle.evaluate(key, context, place), evaluate(key, context, place)];
        if (!isSame(expected, actual)) return [{ seed, done, key, context: shown(context), place, expected, actual }];
      }
      done += oracle.keys.length;
    }
  }
  return [];
}

/** A context that may throw when it is read, for a message. */
function shown(context: unknown): string {
  const fields = Object.entries(Object.getOwnPropertyDescriptors(Object(context)));
  return fields
    .map(([name, { value }]) => `${name}: ${value === undefined ? 'unreadable' : inspect(value)}`)
    .join(', ');
}

it('agrees with the oracle on 1,000,000 random pairs of flag and context', async () => {
  expect(await differences(20_261_123, 1_000_000, randomContext)).toEqual([]);
}, 180_000);

it('agrees with the oracle on contexts that JSON cannot carry', async () => {
  expect(await differences(7, 100_000, hostileContext)).toEqual([]);
}, 300_000);

it('draws random pairs in which every operator says yes, no and not applicable', async () => {
  const { operators: counts } = await measureCoverage(1, 100_000);
  for (const operator of Object.keys(operators)) {
    expect(Object.keys(counts[operator] ?? {}).length, operator).toBeGreaterThanOrEqual(operator === 'exists' ? 2 : 3);
  }
});
