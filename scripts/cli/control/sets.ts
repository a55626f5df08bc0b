/** All items of an environment as a folder of files, there and back. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SetDrift } from '#control/compare-set';
import { issueText } from '#ruleset/write/yaml-file';
import type { Authored } from '#schema/authored';
import { CommandError } from '../command-error.ts';
import { type ControlClient, pathOf } from '../control-client.ts';
import { readFlags } from '../flags-folder.ts';
import { createProgress } from '../progress.ts';
import { mustConfirm } from './confirm.ts';
import { fileText } from './file-text.ts';
import {
  type ControlOptions,
  type DestructiveOptions,
  type EnvironmentOptions,
  environmentOf,
  reasonsOf,
  type WriteOptions,
} from './options.ts';
import { plural, print, safeTable } from './print.ts';
import { mapping } from './records.ts';
import { safeJson } from './safe-json.ts';
import { safeYaml } from './safe-yaml.ts';
import { submit } from './submit.ts';
import { withControl } from './with-control.ts';
import { PEOPLE_FILE, writeFolder } from './write-folder.ts';

const DEADLINE_MS = 120_000;

interface ExportAnswer {
  readonly authored: Authored;
  /** By section and key. */
  readonly people: object;
}

interface YamlExportAnswer {
  readonly files: Readonly<Record<string, string>>;
  readonly people: object;
}

/** To a folder as files that `import`, `lint` and `compile` read; to standard output as one of them. */
export const exportItems = (
  options: ControlOptions & EnvironmentOptions & { readonly out?: string; readonly whole?: boolean },
): Promise<number> =>
  withControl(options, async (control) => {
    if (options.whole) return exportWhole(control, options);
    const path = pathOf('environments', environmentOf(options, control), 'export');
    if (options.out === undefined) {
      const found = await control.must<ExportAnswer>({ path, deadlineMs: DEADLINE_MS });
      process.stdout.write(options.json ? `${safeJson(found)}\n` : safeYaml(found.authored));
      return 0;
    }
    const query = { format: 'yaml' };
    const { files, people } = await control.must<YamlExportAnswer>({ path, query, deadlineMs: DEADLINE_MS });
    const written = await writeFolder(options.out, files, people);
    print(options.json, { written }, () => `${plural(written.length, 'file')} in ${options.out}`);
    return 0;
  });

async function exportWhole(control: ControlClient, { out }: { readonly out?: string }): Promise<number> {
  const found = await control.must<object>({ path: '/v1/export', deadlineMs: DEADLINE_MS });
  if (out === undefined) process.stdout.write(`${safeJson(found)}\n`);
  else await writeFolder(out, { 'organisation.json': `${JSON.stringify(found, null, 2)}\n` });
  return 0;
}

export type ImportOptions = WriteOptions &
  EnvironmentOptions &
  DestructiveOptions & {
    /** What is not there is archived. */
    readonly prune?: boolean;
    /** The file is a whole organisation's. */
    readonly whole?: boolean;
  };

export const importItems = (path: string, options: ImportOptions): Promise<number> =>
  withControl(options, async (control) => {
    const { prune = false, whole = false, dryRun = false } = options;
    const what = whole ? mapping(await fileText(path), path) : await readSet(path);
    const to = whole ? '/v1/import' : pathOf('environments', environmentOf(options, control), 'import');
    if (prune && !dryRun) await mustConfirm(`What is not in ${path} is archived.`, options.yes);
    const progress = createProgress();
    const body = { ...what, ...(prune && { prune }), ...reasonsOf(options) };
    progress.tell('importing');
    const code = await submit(control, { method: 'POST', path: to, body, deadlineMs: DEADLINE_MS }, options);
    progress.end();
    return code;
  });

/** 1 where there is drift. */
export const drift = (path: string, options: ControlOptions & EnvironmentOptions): Promise<number> =>
  withControl(options, async (control) => {
    const body = await readSet(path);
    const to = pathOf('environments', environmentOf(options, control), 'drift');
    const found = await control.must<SetDrift>({ method: 'POST', path: to, body, deadlineMs: DEADLINE_MS });
    const hasDrifted = found.missing.length + found.extra.length + found.different.length > 0;
    print(options.json, found, () => driftText(found, path));
    return hasDrifted ? 1 : 0;
  });

export function driftText({ missing, extra, different }: SetDrift, path: string): string {
  const rows = [
    ...different.map((id) => ['different', id]),
    ...missing.map((id) => ['missing', id, 'not in the environment']),
    ...extra.map((id) => ['extra', id, `not in ${path}`]),
  ];
  return rows.length === 0 ? `no drift: ${path} is what the environment has` : safeTable(rows);
}

/** Files on disk, checked here, where each mistake has its line. What people say is beside them, where it is. */
async function readSet(path: string): Promise<{ readonly authored: Authored; readonly people?: object }> {
  const read = await readFlags(path);
  if (!read.ok) throw new CommandError(issueText(read.error));
  const people = await peopleBeside(path);
  return { authored: read.value.authored, ...(people && { people }) };
}

async function peopleBeside(path: string): Promise<object | undefined> {
  if (!(await stat(path)).isDirectory()) return undefined;
  const file = join(path, PEOPLE_FILE);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new CommandError(`${file}: cannot be read (${error.code})`);
  });
  return text === undefined ? undefined : mapping(text, file);
}
