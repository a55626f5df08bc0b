/** Reads authored flags from disk. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuthoredSet, parseAuthored } from '#ruleset/write/authored-files';
import { type Compiled, compile } from '#ruleset/write/compile';
import { issueText, type LocatedIssue } from '#ruleset/write/yaml-file';
import type { Entry } from '#schema/entry';
import { type Result, refused } from '#schema/result';
import { CommandError } from './command-error.ts';

/** The YAML files of a folder, in order of name, or the one file named. */
async function yamlFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new CommandError(`${path}: no such file or folder`);
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => /\.ya?ml$/.test(name)).sort();
  if (names.length === 0) throw new CommandError(`${path}: no .yaml file in it`);
  return names.map((name) => join(path, name));
}

export async function readFlags(path: string): Promise<Result<AuthoredSet, readonly LocatedIssue[]>> {
  const files = await yamlFiles(path);
  return parseAuthored(await Promise.all(files.map(async (name) => ({ name, text: await readFile(name, 'utf8') }))));
}

/** Reads and compiles; every issue has its place in a file. */
export async function compileFlags(
  path: string,
  previous: readonly Entry[],
  version: number,
): Promise<Result<Compiled, readonly LocatedIssue[]>> {
  const read = await readFlags(path);
  if (!read.ok) return read;
  const compiled = compile(read.value.authored, previous, version);
  return compiled.ok ? compiled : refused(read.value.locate(compiled.error));
}

/** The same where nothing can be done without: the issues become the error. */
export async function mustCompileFlags(path: string, previous: readonly Entry[], version: number): Promise<Compiled> {
  const compiled = await compileFlags(path, previous, version);
  if (compiled.ok) return compiled.value;
  throw new CommandError(issueText(compiled.error));
}
