/** `npm run sim:guardrails`: how the statistics of the rollout controller behave, from fixed seeds; writes the tables and charts of the docs. */
import { readOptions } from './cli/read-options.ts';
import { outcomesOf, targetTable } from './sim/report/targets.ts';
import { writeDocs } from './sim/report/write-docs.ts';
import { runAll } from './sim/results.ts';
import { openStore } from './sim/store.ts';

const STORE = '.lockstep/sim-guardrails.jsonl';

const HELP = `Usage: npm run sim:guardrails [-- options]

Runs the whole grid and writes the tables of docs/guardrails.md and docs/charts/*.svg. Cells that were run before with the same code are
taken from ${STORE}: a run that was broken off goes on where it was.

  --quick  a few cells with few runs, in seconds; writes nothing
  --fresh  runs every cell anew
  --check  exits with 1 where a target is missed`;

const values = readOptions(
  { quick: { type: 'boolean' }, fresh: { type: 'boolean' }, check: { type: 'boolean' }, help: { type: 'boolean' } },
  HELP,
);
if (values.help) console.log(HELP);
else await run(values.quick ?? false, values.fresh ?? false, values.check ?? false);

async function run(quick: boolean, fresh: boolean, check: boolean): Promise<void> {
  const started = performance.now();
  const results = await runAll(quick, quick ? null : openStore(STORE, fresh), (text) => console.error(text));
  const outcomes = outcomesOf(results, quick);
  console.log(targetTable(outcomes));
  console.log(`\n${((performance.now() - started) / 1_000).toFixed(0)} s`);
  if (!quick) writeDocs('.', results);
  if (check && outcomes.some(({ met }) => !met)) process.exitCode = 1;
}
