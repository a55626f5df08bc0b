/** `npm run bench:edge`: measures, prints, and on a whole run writes `results/`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createSigner } from '../../unit/fixtures/signing.ts';
import { allMet } from '../report/targets.ts';
import { edgeBundle } from './bundle.ts';
import { FIRST_CASES, type FirstRow, measureFirst } from './first-decision.ts';
import { markdown } from './markdown.ts';
import { measureRequests, REQUEST_CASES, type RequestRow, WAYS } from './requests.ts';
import { outcomesOf } from './targets.ts';

const HELP = `Usage: npm run bench:edge -- [options]

  --quick  one process per subject and fewer rounds: rough figures
  --check  exit with 1 where a target is missed
  --help   this text

A run that is not quick (about ten minutes) writes test/bench/edge/results/latest.json and latest.md. Linux only: it reads /proc.
`;

const WHOLE = { sets: 3, rounds: 8, requests: 5_000 };
const QUICK = { sets: 1, rounds: 4, requests: 2_000 };
const RESULTS = new URL('./results/', import.meta.url);

async function run(quick: boolean): Promise<boolean> {
  const effort = quick ? QUICK : WHOLE;
  const signer = await createSigner();
  const requests: RequestRow[] = [];
  for (const way of WAYS) {
    for (const name of REQUEST_CASES) {
      console.error(`requests: ${name}, ${way} ...`);
      requests.push(...(await measureRequests(name, way, effort, signer)));
    }
  }
  const first: FirstRow[] = [];
  for (const name of FIRST_CASES) {
    console.error(`${name} ...`);
    first.push(...(await measureFirst(name, effort.sets, signer)));
  }
  const figures = { requests, first, bundle: await edgeBundle() };
  const outcomes = outcomesOf(figures);
  const text = markdown(versions(), figures, outcomes);
  console.log(text);
  if (!quick) {
    mkdirSync(RESULTS, { recursive: true });
    writeFileSync(
      new URL('latest.json', RESULTS),
      `${JSON.stringify({ versions: versions(), ...figures }, null, 1)}\n`,
    );
    writeFileSync(new URL('latest.md', RESULTS), text);
  }
  return allMet(outcomes);
}

function versions(): string {
  const { version } = JSON.parse(readFileSync('node_modules/workerd/package.json', 'utf8')) as { version: string };
  return `workerd ${version}, driven by Node ${process.version}`;
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(HELP);
else if (!(await run(values.quick)) && values.check) process.exitCode = 1;
