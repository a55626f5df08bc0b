/** `lockstep types`: what a program that asks for flags is checked against. */
import { writeFile } from 'node:fs/promises';
import type { JsonValue } from '#core/decision';
import { issueText } from '#ruleset/write/yaml-file';
import type { Authored } from '#schema/authored';
import { CommandError } from './command-error.ts';
import { offlineDefaults } from './defaults.ts';
import { flagTypes, type TypedFlag } from './flag-types.ts';
import { readFlags } from './flags-folder.ts';

export async function types(path: string, { out }: { readonly out?: string }): Promise<number> {
  const defaults = await offlineDefaults(path);
  const read = await readFlags(path);
  if (!read.ok) throw new CommandError(issueText(read.error));
  const text = flagTypes(typedFlags(read.value.authored), defaults);
  if (out === undefined) process.stdout.write(text);
  else await write(out, text);
  return 0;
}

const typedFlags = ({ flags = {} }: Authored): Record<string, TypedFlag> =>
  Object.fromEntries(
    Object.entries(flags).map(([key, { description, type, variations = {} }]) => [
      key,
      { description, type, values: Object.values(variations) as JsonValue[] },
    ]),
  );

const write = (file: string, text: string): Promise<void> =>
  writeFile(file, text).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${file}: cannot be written (${error.code})`);
  });
