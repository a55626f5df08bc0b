/** A file that was named on the command line; `-` is standard input. */
import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { CommandError } from '../command-error.ts';

export const fileText = (path: string): Promise<string> =>
  path === '-'
    ? textOf(process.stdin)
    : readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw new CommandError(`${path}: cannot be read (${error.code})`);
      });
