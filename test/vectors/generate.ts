import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadHash } from '../oracle/hash.ts';
import { loadOracle } from '../oracle/oracle.ts';
import { isSame, type VectorCase, type VectorFile } from './run.ts';
import type { DraftCase, Topic } from './topics/draft.ts';
import { TOPICS } from './topics/index.ts';
import { writeFileText } from './write.ts';

type Written = { readonly file: string; readonly cases: number; readonly text: string };
type Loader = Awaited<ReturnType<typeof loadOracle>>;

const here = (file: string) => new URL(file, import.meta.url);

/** A topic's author may state part of the decision; the oracle must agree with every part stated. */
function agrees(want: Readonly<Record<string, unknown>>, decision: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(want).every((key) => isSame(want[key], decision[key]));
}

function finish(file: string, draft: DraftCase, evaluate: ReturnType<Loader>['evaluate']): VectorCase {
  const { want, ...vector } = draft;
  const expect = evaluate(draft.flag, draft.context, draft.place);
  if (!agrees(want, expect)) {
    throw new Error(`${file}: ${draft.name}: wanted ${JSON.stringify(want)}, oracle gave ${JSON.stringify(expect)}`);
  }
  return { ...vector, expect };
}

function toFile(file: string, topic: Topic, load: Loader): VectorFile {
  const { evaluate } = load(topic.ruleset);
  const cases = topic.cases.map((draft) => finish(file, draft, evaluate));
  return { specVersion: 1, name: file, description: topic.description, ruleset: topic.ruleset, cases };
}

async function generate(): Promise<Written[]> {
  const load = await loadOracle();
  const hash = await loadHash();
  return TOPICS.map(({ name, make }, index) => {
    const file = `${String(index + 1).padStart(2, '0')}-${name}`;
    const vectors = toFile(file, make({ hash }), load);
    return { file: `${file}.json`, cases: vectors.cases.length, text: writeFileText(vectors) };
  });
}

function writeIndex(files: readonly Written[]): string {
  const lines = files.map(({ file, cases, text }) => {
    const sha256 = createHash('sha256').update(text).digest('hex');
    return JSON.stringify({ file, cases, sha256 });
  });
  return `{"specVersion":1,"files":[\n${lines.join(',\n')}\n]}\n`;
}

function differs(file: string, text: string): boolean {
  return !existsSync(here(file)) || readFileSync(here(file), 'utf8') !== text;
}

function check(files: readonly Written[]): string[] {
  const named = new Set(files.map(({ file }) => file));
  const strangers = readdirSync(here('.')).filter((file) => /^[0-9].*\.json$/.test(file) && !named.has(file));
  const changed = files.filter(({ file, text }) => differs(file, text)).map(({ file }) => file);
  return [...strangers, ...changed, ...(differs('index.json', writeIndex(files)) ? ['index.json'] : [])];
}

function write(files: readonly Written[], fresh: readonly string[]): void {
  const changed = files.filter(({ file, text }) => differs(file, text));
  const edited = changed.filter(({ file }) => existsSync(here(file)) && !fresh.includes(file));
  if (edited.length > 0) {
    const names = edited.map(({ file }) => file).join(' ');
    throw new Error(`numbered files are never edited; add a file, or name those not yet released: --new ${names}`);
  }
  for (const { file, text } of changed) writeFileSync(here(file), text);
  writeFileSync(here('index.json'), writeIndex(files));
}

const [mode, ...names] = process.argv.slice(2);
const files = await generate();
if (mode === '--check') {
  const wrong = check(files);
  for (const file of wrong) console.error(`${file}: not what the generator gives`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} else {
  write(files, mode === '--new' ? names : []);
}
console.log(`${files.length} files, ${files.reduce((sum, file) => sum + file.cases, 0)} cases`);
