/**
 * The mutants that Stryker has no mutators for: each number one up and one down, each bitwise operator exchanged.
 * Lists those that the golden vectors do not kill; file names as arguments narrow it down.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

type Mutant = { readonly file: string; readonly at: number; readonly from: string; readonly to: string };
type Outcome = 'killed' | 'timed out' | 'survived';

const CORE = new URL('../../shared/core/', import.meta.url);
/** Types alone, and what no evaluation calls: as in `stryker.config.json`. */
const LEFT_OUT = ['base64url.ts', 'decision.ts', 'explain.ts'];
const PROCESSES = 2;
const TIMEOUT_MS = 10_000;

const OTHER_OPERATORS: Readonly<Record<string, readonly string[]>> = {
  '|': ['&'],
  '|=': ['&='],
  '&': ['|'],
  '^': ['|', '&'],
  '<<': ['>>'],
  '>>': ['>>>', '<<'],
  '>>>': ['>>', '<<'],
};

/** Comments, texts and regular expressions first, so that nothing in them counts as a number or an operator. */
const TOKEN = new RegExp(
  [
    /\/\/.*|\/\*[\s\S]*?\*\//,
    /'(?:\\.|[^'\\])*'|`[^`]*`/,
    /(?<=[=(:?]\s*)\/(?:\\.|\[[^\]]*\]|[^/\n])+\//,
    /[A-Za-z_]\w*/,
    /(?<number>0x[\da-f_]+|\d[\d_]*)/,
    /(?<operator>\|\||&&|>>>|>>|<<|\|=|[|&^])/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

function alternatives(number: string | undefined, operator: string | undefined): readonly string[] {
  if (operator !== undefined) return OTHER_OPERATORS[operator] ?? [];
  if (number === undefined) return [];
  const value = Number(number.replaceAll('_', ''));
  return [String(value + 1), `(${value - 1})`];
}

/** Types are stripped first, and leave blanks: what is found keeps its place. */
function mutantsOf(file: string): Mutant[] {
  const code = stripTypeScriptTypes(readFileSync(new URL(file, CORE), 'utf8'));
  return [...code.matchAll(TOKEN)].flatMap(({ 0: from, groups, index: at }) =>
    alternatives(groups?.['number'], groups?.['operator']).map((to) => ({ file, at, from, to })),
  );
}

function run(mutant: Mutant): Promise<Outcome> {
  const args = ['--import', here('mutate-module.ts'), here('run-vectors.ts')];
  const env = { ...process.env, MUTANT: JSON.stringify({ ...mutant, url: new URL(mutant.file, CORE).href }) };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' }, (error) => {
      resolve(error === null ? 'survived' : error.killed ? 'timed out' : 'killed');
    });
  });
}

function describe({ file, at, from, to }: Mutant): string {
  const before = readFileSync(new URL(file, CORE), 'utf8').slice(0, at).split('\n');
  return `shared/core/${file}:${before.length}:${(before.at(-1) ?? '').length + 1}: ${from} -> ${to}`;
}

const named = process.argv.slice(2);
const files = readdirSync(CORE).filter((file) => !LEFT_OUT.includes(file));
const mutants = files.filter((file) => named.length === 0 || named.includes(file)).flatMap(mutantsOf);
const counts: Record<Outcome, number> = { killed: 0, 'timed out': 0, survived: 0 };
const queue = mutants.values();

async function work(): Promise<void> {
  for (const mutant of queue) {
    const outcome = await run(mutant);
    counts[outcome]++;
    if (outcome === 'survived') console.log(describe(mutant));
  }
}

await Promise.all(Array.from({ length: PROCESSES }, work));
console.log(`${mutants.length} mutants:`, counts);
