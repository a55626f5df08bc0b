/**
 * What was built of files of the repository, kept in `node_modules/.cache` for as long as it would be built the same again: every file
 * that went in is still what it was, to the byte, and so are the tools. A release is never taken from here.
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJsonFile, writeJsonFile } from './planet/json-file.ts';

export interface Built {
  readonly text: string;
  /** The files that it was built of, as paths from the root. What lies in `node_modules` is the lock file's. */
  readonly inputs: readonly string[];
}

interface Kept {
  readonly text: string;
  /** By path, what each file was. */
  readonly digests: Readonly<Record<string, string>>;
}

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const FOLDER = join(ROOT, 'node_modules', '.cache', 'lockstep');
const INSTALLED = 'node_modules/';
/** The tools, and what they go by wherever the files lie. */
const TOOLS = ['package-lock.json', 'package.json', 'tsconfig.json', 'tsconfig.base.json', 'tsconfig.pure.json'];

/** By how much the times of files may lag behind the clock. */
const CLOCKS_DIFFER_MS = 20;

/** `what` says all that decides the outcome besides files: what is built, and how. */
export async function keptBuild(what: object, build: () => Promise<Built>): Promise<string> {
  const path = join(FOLDER, `${digestOf(JSON.stringify(what))}.json`);
  const kept = await readJsonFile<Kept>(path);
  if (kept !== undefined && (await isCurrent(kept))) return kept.text;
  const started = Date.now() - CLOCKS_DIFFER_MS;
  const { text, inputs } = await build();
  const files = inputs.filter((input) => !input.includes(INSTALLED));
  const digests = await digestsOf([...TOOLS, ...configsAround(files), ...files]);
  // One that is written meanwhile may have been read before it was.
  if (!(await isAnyNewer(Object.keys(digests), started))) writeJsonFile(path, { text, digests } satisfies Kept);
  return text;
}

async function isAnyNewer(paths: readonly string[], time: number): Promise<boolean> {
  const times = await Promise.all(paths.map((path) => stat(join(ROOT, path)).catch(() => undefined)));
  return times.some((one) => one !== undefined && one.mtimeMs >= time);
}

async function isCurrent({ digests }: Kept): Promise<boolean> {
  const now = await digestsOf(Object.keys(digests));
  return Object.entries(digests).every(([path, digest]) => now[path] === digest);
}

/** A bundler goes by the nearest `tsconfig.json`, also by one that is new. */
function configsAround(files: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  for (const file of files)
    for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) folders.add(folder);
  return [...folders].map((folder) => `${folder}/tsconfig.json`);
}

async function digestsOf(paths: readonly string[]): Promise<Record<string, string>> {
  const found = await Promise.all(
    paths.map(async (path) => {
      const bytes = await readFile(join(ROOT, path)).catch(() => undefined);
      return [path, bytes === undefined ? 'none' : digestOf(bytes)] as const;
    }),
  );
  return Object.fromEntries(found);
}

const digestOf = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
