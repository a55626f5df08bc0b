/** `npm run check`: the whole gate, step by step. Ends with `N passed, N failed`; the exit code says the same. */
import { execFile } from 'node:child_process';
import { readOptions } from './cli/read-options.ts';

interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

const node = (script: string, ...args: string[]): readonly string[] => [process.execPath, script, ...args];
const bin = (name: string, ...args: string[]): readonly string[] => [`node_modules/.bin/${name}`, ...args];

const STEPS: readonly Step[] = [
  { name: 'format, lint, arrows', command: bin('biome', 'ci', '--error-on-warnings', '.') },
  ...['tsconfig.pure.json', 'tsconfig.json', 'workers', 'workers/akamai', 'workers/relay', 'test/workers'].map(
    (project) => ({
      name: `types: ${project}`,
      command: bin('tsc', '-p', project),
    }),
  ),
  { name: 'generated: env types', command: node('scripts/generate-env.ts', '--check') },
  { name: 'generated: vectors', command: node('test/vectors/generate.ts', '--check') },
  { name: 'flags lint', command: node('scripts/cli/lockstep.ts', 'lint', 'flags') },
  { name: 'bundle budgets', command: node('scripts/check-bundles.ts') },
  { name: 'tests', command: node('node_modules/vitest/vitest.mjs', 'run') },
];

const HELP = `Usage: npm run check [-- --only <text>] [--skip <text>]

Runs the whole gate: ${STEPS.map(({ name }) => name).join('; ')}.

  --only <text>  only the steps whose names contain it
  --skip <text>  none of the steps whose names contain it`;

/** Tests wait for clocks: they have the machine to themselves, when all else is done. */
const ALONE = 'tests';
const LANES = 2;
const MAX_OUTPUT_BYTES = 2 ** 28;

const values = readOptions({ only: { type: 'string' }, skip: { type: 'string' }, help: { type: 'boolean' } }, HELP);
if (values.help) console.log(HELP);
else process.exitCode = await run(STEPS.filter(({ name }) => isMeant(name)));

function isMeant(name: string): boolean {
  return name.includes(values.only ?? '') && (values.skip === undefined || !name.includes(values.skip));
}

async function run(steps: readonly Step[]): Promise<number> {
  const queue = steps.filter(({ name }) => name !== ALONE);
  const lanes = await Promise.all(Array.from({ length: LANES }, () => runAll(queue)));
  const last = await runAll(steps.filter(({ name }) => name === ALONE));
  const results = [...lanes.flat(), ...last];
  const failed = results.filter((passed) => !passed).length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
  return failed === 0 && results.length > 0 ? 0 : 1;
}

/** Takes one after another, until there are no more: whoever shares the queue takes others. */
async function runAll(queue: Step[]): Promise<readonly boolean[]> {
  const results: boolean[] = [];
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) results.push(await runStep(step));
  return results;
}

function runStep({ name, command: [program, ...args] }: Step): Promise<boolean> {
  const started = performance.now();
  return new Promise((resolve) => {
    execFile(program as string, args, { maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      const seconds = ((performance.now() - started) / 1_000).toFixed(1);
      console.log(`${error === null ? 'passed' : 'FAILED'}  ${seconds.padStart(6)} s  ${name}`);
      if (error !== null) console.log(`${stdout}${stderr}${stdout === '' && stderr === '' ? error.message : ''}`);
      resolve(error === null);
    });
  });
}
