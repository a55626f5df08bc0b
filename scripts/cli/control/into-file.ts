/** A file that is written piece by piece, and is there when it is whole. */
import { open, rename, rm } from 'node:fs/promises';
import { CommandError } from '../command-error.ts';

export async function intoFile<T>(
  path: string,
  work: (write: (text: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  const part = `${path}.part`;
  try {
    const file = await open(part, 'w');
    try {
      const done = await work((text) => file.writeFile(text));
      await file.close();
      await rename(part, path);
      return done;
    } catch (error) {
      await file.close();
      await rm(part, { force: true });
      throw error;
    }
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    throw syscall === undefined ? error : new CommandError(`${path}: cannot be written (${code})`);
  }
}
