import { pathToFileURL } from 'node:url';
import { loadOracle, type Observer, type OracleDecision } from './oracle.ts';
import { createRandom, randomContext, randomPlace, randomRuleset } from './random-cases.ts';

/** How often each operator gave each verdict, and each reason was given. */
export type Coverage = {
  readonly operators: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly reasons: Readonly<Record<string, number>>;
  readonly pairs: number;
  readonly seconds: number;
};

const FLAGS = 30;
const CONTEXTS = 100;

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function reasonOf(decision: OracleDecision): string {
  return [decision.reason, decision.errorCode, ...Object.keys(decision.metadata ?? {})].filter(Boolean).join(' ');
}

/** Evaluates at least `pairs` random pairs of flag and context with the oracle alone, and reports what they reached. */
export async function measureCoverage(seed: number, pairs: number): Promise<Coverage> {
  const operators: Record<string, Record<string, number>> = {};
  const reasons: Record<string, number> = {};
  const observe: Observer = (operator, verdict) => {
    operators[operator] ??= {};
    count(operators[operator], verdict);
  };
  const load = await loadOracle(observe);
  const random = createRandom(seed);
  const start = performance.now();
  let done = 0;
  while (done < pairs) {
    const oracle = load(randomRuleset(random, FLAGS));
    for (let index = 0; index < CONTEXTS; index++) {
      const context = randomContext(random);
      const place = randomPlace(random);
      for (const key of oracle.keys) count(reasons, reasonOf(oracle.evaluate(key, context, place)));
      done += oracle.keys.length;
    }
  }
  return { operators, reasons, pairs: done, seconds: (performance.now() - start) / 1_000 };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { operators, reasons, pairs, seconds } = await measureCoverage(1, Number(process.argv[2] ?? 100_000));
  console.table(operators);
  console.table(reasons);
  console.log(`${pairs} pairs in ${seconds.toFixed(1)} s`);
}
