/** Files that another machine names, in a folder of ours and nowhere else. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../command-error.ts';

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
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(all)) await replaceFile(join(folder, name), text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CommandError(`${folder}: cannot be written (${code})`);
  }
  return Object.keys(all).sort();
}

async function replaceFile(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  await writeFile(part, text);
  await rename(part, path);
}
