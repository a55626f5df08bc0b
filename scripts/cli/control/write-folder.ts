/** Files that another machine names, in a folder of ours and nowhere else. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../command-error.ts';
import { intoFile } from './into-file.ts';

/** What people say of items: project, owner, tags. It is in no flag's YAML, since it is in no payload. */
export const PEOPLE_FILE = 'people.json';

const FILE_NAME = /^[\w-][\w.-]{0,250}$/;

/** Each is replaced whole or not at all. */
export async function writeFolder(
  folder: string,
  files: Readonly<Record<string, string>>,
  people?: object,
): Promise<readonly string[]> {
  const all = { ...files, ...(people && { [PEOPLE_FILE]: `${JSON.stringify(people, null, 2)}\n` }) };
  const odd = Object.keys(all).find((name) => !FILE_NAME.test(name));
  if (odd !== undefined)
    throw new CommandError(`the control plane names a file ${JSON.stringify(odd)}: nothing was written`);
  await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`${folder}: cannot be written (${error.code})`);
  });
  for (const [name, text] of Object.entries(all)) await intoFile(join(folder, name), (write) => write(text));
  return Object.keys(all).sort();
}
