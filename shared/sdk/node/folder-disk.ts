/** The disk of this machine. */
import type { Disk } from './disk.ts';

/** Asked for, and with callbacks: imported, `node:fs` loads streams, and `node:fs/promises` a line editor, before anything is decided. */
const fs = process.getBuiltinModule('node:fs');
const { join } = process.getBuiltinModule('node:path');

/** The folder is made where it is not there. Files can be read by their owner alone: rules may name people. */
export function createFolderDisk(folder: string): Disk {
  const at = (name: string): string => join(folder, name);
  const made = (): Promise<unknown> => called((done) => fs.mkdir(folder, { recursive: true, mode: 0o700 }, done));

  return {
    async list() {
      const names = await called<string[]>((done) => fs.readdir(folder, done)).catch(absent);
      const found = await Promise.all(names.map(async (name) => ({ name, bytes: await sizeOf(at(name)) })));
      return found.flatMap(({ name, bytes }) => (bytes === undefined ? [] : [{ name, bytes }]));
    },
    read: (name) => called<Buffer>((done) => fs.readFile(at(name), done)),
    async write(name, bytes) {
      await made();
      await called((done) => fs.writeFile(at(name), bytes, { mode: 0o600 }, done));
    },
    sync: (name) => synchronised(at(name), 'r+'),
    rename: (from, to) => called((done) => fs.rename(at(from), at(to), done)),
    remove: (name) => called((done) => fs.rm(at(name), { force: true }, done)),
    syncFolder: () => synchronised(folder, 'r'),
    note(name, text) {
      fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      fs.writeFileSync(at(`${name}.tmp`), text, { mode: 0o600 });
      fs.renameSync(at(`${name}.tmp`), at(name));
    },
  };
}

type Done<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

/** What a call comes to that is told when it is done. */
const called = <T = void>(begin: (done: Done<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => begin((error, value) => (error ? reject(error) : resolve(value as T))));

/** A folder that is not there has nothing in it. */
function absent(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

/** Undefined for what went away meanwhile, and for what is no file. */
function sizeOf(path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    fs.stat(path, (error, found) => resolve(error === null && found.isFile() ? found.size : undefined));
  });
}

async function synchronised(path: string, flags: string): Promise<void> {
  const handle = await called<number>((done) => fs.open(path, flags, done));
  try {
    await called((done) => fs.fsync(handle, done));
  } finally {
    await called((done) => fs.close(handle, done));
  }
}
