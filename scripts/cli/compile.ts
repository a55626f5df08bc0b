/** `lockstep compile`: authored flags to the lines of a ruleset, and what that changes. */
import { readFile, writeFile } from 'node:fs/promises';
import { Refusal } from '#ruleset/expect';
import { readLines } from '#ruleset/reader';
import { classify } from '#ruleset/write/classify';
import { parseLines } from '#ruleset/write/line';
import type { Moved } from '#ruleset/write/moved';
import type { Entry } from '#schema/entry';
import { CommandError } from './command-error.ts';
import { mustCompileFlags } from './flags-folder.ts';
import { table } from './table.ts';

export interface CompileOptions {
  /** Lines compiled before; their ranges and revisions are kept. */
  readonly previous?: string;
  readonly version?: number;
  readonly output?: string;
  readonly json: boolean;
}

export async function compileCommand(path: string, options: CompileOptions): Promise<number> {
  const previous = options.previous === undefined ? [] : await previousEntries(options.previous);
  const version = options.version ?? 1 + Math.max(0, ...previous.map(({ r }) => r));
  const compiled = await mustCompileFlags(path, previous, version);
  if (options.output !== undefined) await writeLines(options.output, compiled.lines);
  else if (!options.json) process.stdout.write(compiled.lines);
  const changes = Object.fromEntries(classify(previous, compiled.entries));
  if (options.json) {
    const { lines, moved } = compiled;
    console.log(
      JSON.stringify({ version, entries: compiled.entries.length, bytes: lines.length, changes, moved }, null, 2),
    );
  } else if (previous.length > 0) {
    console.error(changeText(changes, compiled.moved));
  }
  return 0;
}

const writeLines = (file: string, lines: string): Promise<void> =>
  writeFile(file, lines).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${file}: cannot be written (${error.code})`);
  });

async function previousEntries(file: string): Promise<Entry[]> {
  const lines = await readFile(file, 'utf8').catch(() => {
    throw new CommandError(`${file}: cannot be read`);
  });
  try {
    const [fault] = readLines(lines, Number.MAX_SAFE_INTEGER).faults();
    if (fault !== undefined) throw new CommandError(`${file}: ${fault.key}: ${fault.message}`);
  } catch (error) {
    throw error instanceof Refusal ? new CommandError(`${file}: ${error.message}`) : error;
  }
  return parseLines(lines);
}

/** What changes, a flag a line, with the share of units that change variation or are kept off. */
export function changeText(changes: Readonly<Record<string, string>>, moved: readonly Moved[]): string {
  const rows = Object.entries(changes).map(([flag, kind]) => [
    flag,
    kind,
    moved
      .filter((one) => one.flag === flag)
      .map(({ where, buckets }) => `${buckets / 1_000} % of units move in ${where}`)
      .join(', '),
  ]);
  return rows.length === 0 ? 'nothing changes' : table(rows);
}
