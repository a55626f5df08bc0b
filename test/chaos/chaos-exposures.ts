/** `npm run chaos:exposures`: a million exposures and everything that can go wrong with them; what was told beside what was counted. */
import { createProgress } from '../../scripts/cli/progress.ts';
import { readOptions } from '../../scripts/cli/read-options.ts';
import { endAll } from '../e2e/fixtures/processes.ts';
import { isExact, reportText, rowsOf } from './exposures/report.ts';
import { runExposures } from './exposures/run-exposures.ts';
import { QUICK, WHOLE } from './exposures/sizes.ts';

const HELP = `Usage: npm run chaos:exposures [-- --exposures <n>] [--outcomes <n>] [--seed <n>] [--quick] [--json]

Sends exposures and outcomes through three POPs and three regions while emitters, ingest, inboxes and shards are killed, beacons are lost,
doubled and late, clocks are wrong, a region and ingest are away, a disk is full; then holds ingest's counts against what users were told.

  --exposures <n>  how many; ${WHOLE.exposures} by default
  --outcomes <n>   how many; ${WHOLE.outcomes} by default
  --seed <n>       of the visits and the faults; 7 by default
  --quick          ${QUICK.exposures} exposures and ${QUICK.outcomes} outcomes
  --json           the result as JSON

Exit codes: 0 every count is what was told, less the tails of emitters that were killed; 1 something is not`;

/** A page view costs two hundred times what an exposure in a batch does. */
const PAGE_SHARE = 0.03;

const { exposures, outcomes, seed, quick, json, help } = readOptions(
  {
    ...{ exposures: { type: 'string' }, outcomes: { type: 'string' }, seed: { type: 'string' } },
    ...{ quick: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  } as const,
  HELP,
);
const size = quick ? QUICK : WHOLE;
const wanted = {
  exposures: exposures ?? String(size.exposures),
  outcomes: outcomes ?? String(size.outcomes),
  seed: seed ?? '7',
};
const wrong = Object.entries(wanted).find(([, text]) => !/^[1-9]\d{0,7}$/.test(text))?.[0];
const isTooMany = Number(wanted.outcomes) > Number(wanted.exposures) / 4;

if (help) console.log(HELP);
else if (wrong !== undefined || isTooMany) {
  const why =
    wrong === undefined
      ? '--outcomes takes at most a quarter of --exposures'
      : `--${wrong} takes a whole number from 1 on`;
  console.error(`${why}\n\n${HELP}`);
  process.exitCode = 1;
} else await run();

async function run(): Promise<void> {
  // What was started does not outlive a run that is interrupted.
  process.on('exit', endAll);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const progress = createProgress();
  const asked = { exposures: Number(wanted.exposures), outcomes: Number(wanted.outcomes), seed: Number(wanted.seed) };
  const pageViews = Math.min(size.pageViews, Math.ceil(asked.exposures * PAGE_SHARE));
  const result = await runExposures({ ...size, ...asked, pageViews, progress: progress.tell }).finally(progress.end);
  const rows = rowsOf(result);
  console.log(json ? JSON.stringify({ ...asked, isExact: isExact(rows), rows }, null, 2) : reportText(result));
  process.exitCode = isExact(rows) ? 0 : 1;
}
