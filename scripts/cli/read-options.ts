/** Options of a script, as `parseArgs` reads them; a mistake is one line and the usage, and ends the process with 1. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

export function readOptions<T extends NonNullable<ParseArgsConfig['options']>>(
  options: T,
  usage: string,
): ReturnType<typeof parseArgs<{ options: T }>>['values'] {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    // What `parseArgs` throws at arguments that it does not know.
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message.split('\n', 1)[0]}\n\n${usage}`);
    process.exit(1);
  }
}
