/** `npm run check`: the whole gate, step by step. Ends with `N passed, N failed`; the exit code says the same. */
import { spawnSync } from 'node:child_process';
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

const HELP = `Usage: npm run check [-- --only <text>]

Runs the whole gate: ${STEPS.map(({ name }) => name).join('; ')}.

  --only <text>  only the steps whose names contain it`;

const values = readOptions({ only: { type: 'string' }, help: { type: 'boolean' } }, HELP);
if (values.help) console.log(HELP);
else process.exitCode = run(STEPS.filter(({ name }) => name.includes(values.only ?? '')));

function run(steps: readonly Step[]): number {
  const results = steps.map(({ name, command: [program, ...args] }) => {
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(program as string, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    const passed = status === 0;
    console.log(`${passed ? 'passed' : 'FAILED'}  ${seconds.padStart(6)} s  ${name}`);
    if (!passed) console.log(`${stdout}${stderr}`);
    return passed;
  });
  const failed = results.filter((passed) => !passed).length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
  return failed === 0 && results.length > 0 ? 0 : 1;
}
