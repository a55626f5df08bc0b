/** What a spill needs of a disk: files that grow at their end, and one that is replaced as a whole. */
import type { FileHandle } from 'node:fs/promises';

// Asked for: bundled into one file, an import would be loaded with the client, by processes that expose nobody, too.
const { mkdir, open, readdir, readFile, rename, rm } = process.getBuiltinModule('node:fs/promises');
const { join } = process.getBuiltinModule('node:path');

export interface SpillDisk {
  list(): Promise<readonly string[]>;
  read(name: string): Promise<Uint8Array>;
  /** When it ends, the bytes are where a power cut does not reach them. */
  append(name: string, bytes: Uint8Array): Promise<void>;
  /** As a whole or not at all. */
  replace(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Lets go of the file that grew last. */
  close(): Promise<void>;
}

interface Append {
  readonly name: string;
  readonly bytes: Uint8Array;
  done(): void;
  failed(error: unknown): void;
}

/** The folder is made where it is not there; it is of one process alone. Files can be read by their owner alone. */
export function createSpillDisk(folder: string): SpillDisk {
  const at = (name: string): string => join(folder, name);
  let growing: { readonly name: string; readonly handle: FileHandle } | undefined;
  let queue: Append[] = [];
  let isWriting = false;

  async function settleDown(): Promise<void> {
    const before = growing;
    growing = undefined;
    await before?.handle.close();
  }

  async function handleOf(name: string): Promise<FileHandle> {
    if (growing?.name === name) return growing.handle;
    await settleDown();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(at(name), 'a', 0o600);
    growing = { name, handle };
    await syncFolder(folder);
    return handle;
  }

  /** What came while the disk was busy is written, and synchronised, at once. */
  async function writeAll(): Promise<void> {
    isWriting = true;
    while (queue[0] !== undefined) {
      const { name } = queue[0];
      const end = queue.findIndex((one) => one.name !== name);
      const group = end < 0 ? queue : queue.slice(0, end);
      queue = end < 0 ? [] : queue.slice(end);
      await write(name, Buffer.concat(group.map(({ bytes }) => bytes))).then(
        () => group.forEach(({ done }) => void done()),
        (error: unknown) => group.forEach(({ failed }) => void failed(error)),
      );
    }
    isWriting = false;
  }

  async function write(name: string, bytes: Uint8Array): Promise<void> {
    try {
      const handle = await handleOf(name);
      await handle.appendFile(bytes);
      await handle.datasync();
    } catch (error) {
      await settleDown().catch(() => {});
      throw error;
    }
  }

  return {
    async list() {
      return readdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
    },
    async read(name) {
      return readFile(at(name));
    },
    append(name, bytes) {
      return new Promise((done, failed) => {
        queue.push({ name, bytes, done, failed });
        if (!isWriting) void writeAll();
      });
    },
    async replace(name, text) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const handle = await open(at(`${name}.tmp`), 'w', 0o600);
      try {
        await handle.writeFile(text);
        await handle.datasync();
      } finally {
        await handle.close();
      }
      await rename(at(`${name}.tmp`), at(name));
      await syncFolder(folder);
    },
    async remove(name) {
      if (growing?.name === name) await settleDown();
      await rm(at(name), { force: true });
    },
    close: settleDown,
  };
}

/** A file's name is in its folder only when that is on the disk as well. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
