/** Tells of changes to authored flags, however an editor makes them: in place, by a rename, or as a new file. */
import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { CommandError } from './command-error.ts';

export interface FlagsWatch {
  /** Resolves at the next change, once it has been quiet for a moment; at once where one came since the last time. */
  changed(): Promise<void>;
  /** Ends the watch, and whoever waits for a change. */
  close(): void;
}

/** Editors write a file in several steps, and save several files at a time. */
const QUIET_MS = 80;

export async function watchFlags(path: string): Promise<FlagsWatch> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new CommandError(`${path}: no such file or folder`);
  // The folder, also of a single file: a file that is replaced by a rename is another one to who watches it.
  const [folder, only] = found.isDirectory() ? [path, undefined] : [dirname(path), basename(path)];
  const concerns = (name: string | null): boolean =>
    name === null || (only === undefined ? /^[^.].*\.ya?ml$/.test(name) : name === only);
  let isDue = false;
  let tell: (() => void) | undefined;
  let quiet: NodeJS.Timeout | undefined;
  const watcher: FSWatcher = watch(folder, (_, name) => {
    if (!concerns(name)) return;
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      isDue = true;
      tell?.();
    }, QUIET_MS);
  });
  return {
    async changed() {
      if (!isDue) {
        await new Promise<void>((resolve) => {
          tell = resolve;
        });
      }
      isDue = false;
    },
    close() {
      clearTimeout(quiet);
      watcher.close();
      tell?.();
    },
  };
}
