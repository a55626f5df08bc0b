/** From what a command comes to, to the exit code of the process. */
import { CommandError } from '../command-error.ts';

/** Runs a command; its number is the exit code. */
export function exit<Args extends unknown[]>(
  command: (...args: Args) => Promise<number>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    try {
      process.exitCode = await command(...args);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      console.error(error.message);
      process.exitCode = 1;
    }
  };
}
