/** The disk of this machine. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disk } from './disk.ts';

/** The folder is made where it is not there. Files can be read by their owner alone: rules may name people. */
export function createFolderDisk(folder: string): Disk {
  const at = (name: string): string => join(folder, name);
  const made = (): Promise<unknown> => mkdir(folder, { recursive: true, mode: 0o700 });

  return {
    async list() {
      const names = await readdir(folder).catch(absent);
      const found = await Promise.all(names.map(async (name) => ({ name, bytes: await sizeOf(at(name)) })));
      return found.flatMap(({ name, bytes }) => (bytes === undefined ? [] : [{ name, bytes }]));
    },
    read: (name) => readFile(at(name)),
    async write(name, bytes) {
      await made();
      await writeFile(at(name), bytes, { mode: 0o600 });
    },
    sync: (name) => synchronised(at(name), 'r+'),
    rename: (from, to) => rename(at(from), at(to)),
    remove: (name) => rm(at(name), { force: true }),
    syncFolder: () => synchronised(folder, 'r'),
    note(name, text) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(at(`${name}.tmp`), text, { mode: 0o600 });
      renameSync(at(`${name}.tmp`), at(name));
    },
  };
}

/** A folder that is not there has nothing in it. */
function absent(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

/** Undefined for what went away meanwhile, and for what is no file. */
async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

async function synchronised(path: string, flags: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, flags);
    await handle.sync();
  } finally {
    await handle?.close();
  }
}
