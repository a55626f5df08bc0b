/** `npm run chaos`: the chaos suite, so many times in a row, and what became of each of its tests. */
import { startVitest, type TestCase } from 'vitest/node';
import { readOptions } from '../../scripts/cli/read-options.ts';
import { table } from '../../scripts/cli/table.ts';

const HELP = `Usage: npm run chaos [-- --times <n>] [--only <text>]

Kills, cuts, fills and corrupts, as \`npm test\` does once; again and again, for what goes wrong one time in many.

  --times <n>    how many times in a row; 1 by default
  --only <text>  only the tests whose names contain it`;

interface Tally {
  passed: number;
  readonly seconds: number[];
}

async function run(times: number, only: string | undefined): Promise<boolean> {
  const tallies = new Map<string, Tally>();
  let failed = 0;
  const started = performance.now();
  for (let time = 1; time <= times; time++) {
    const from = performance.now();
    const isGood = await once(only, (test) => count(tallies, test));
    if (!isGood) failed++;
    console.error(`${isGood ? 'passed' : 'FAILED'}  ${secondsSince(from)} s  run ${time} of ${times}`);
  }
  console.log(`\n${summary(tallies, times)}`);
  const all = tallies.size > 0 && failed === 0;
  console.log(`\n${times - failed} of ${times} runs passed, ${tallies.size} tests each, in ${secondsSince(started)} s`);
  return all;
}

/** The whole suite; whether all of it passed, and nothing failed outside of any test. */
async function once(only: string | undefined, ended: (test: TestCase) => void): Promise<boolean> {
  const vitest = await startVitest([], {
    ...{ project: ['chaos'], watch: false },
    ...(only !== undefined && { testNamePattern: only.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') }),
    reporters: [
      {
        onTestCaseResult(test) {
          const { state, errors = [] } = test.result();
          if (state === 'skipped') return;
          ended(test);
          console.error(`  ${state}  ${secondsOf(test).toFixed(1).padStart(6)} s  ${test.fullName}`);
          for (const error of errors) console.error(error.stack ?? error.message);
        },
        onTestRunEnd(modules, errors) {
          for (const error of [...errors, ...modules.flatMap((one) => one.errors())]) console.error(error.stack);
        },
      },
    ],
  });
  const isGood = vitest.state.getCountOfFailedTests() === 0 && vitest.state.getUnhandledErrors().length === 0;
  const isWhole = vitest.state.getTestModules().every((one) => one.state() !== 'failed');
  await vitest.close();
  return isGood && isWhole;
}

function count(tallies: Map<string, Tally>, test: TestCase): void {
  const tally = tallies.get(test.fullName) ?? { passed: 0, seconds: [] };
  if (test.result().state === 'passed') tally.passed++;
  tally.seconds.push(secondsOf(test));
  tallies.set(test.fullName, tally);
}

const secondsOf = (test: TestCase): number => (test.diagnostic()?.duration ?? 0) / 1_000;

const secondsSince = (from: number): string => ((performance.now() - from) / 1_000).toFixed(1);

function summary(tallies: ReadonlyMap<string, Tally>, times: number): string {
  const rows = [...tallies].map(([name, { passed, seconds }]) => [
    `${passed} of ${times}`,
    median(seconds).toFixed(1).padStart(6),
    name,
  ]);
  return table([['passed', 'median', 'test'], ...rows]);
}

const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;

const options = { times: { type: 'string' }, only: { type: 'string' }, help: { type: 'boolean' } } as const;
const { times = '1', only, help } = readOptions(options, HELP);
if (help) console.log(HELP);
else if (!/^[1-9]\d{0,3}$/.test(times)) {
  console.error(`--times takes a whole number from 1 on\n\n${HELP}`);
  process.exitCode = 1;
} else process.exitCode = (await run(Number(times), only)) ? 0 : 1;
