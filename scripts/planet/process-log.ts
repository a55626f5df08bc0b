/** What a process writes to its console goes to `logs/<name>.log`, anew at each start of the planet, up to a size. */
import { createWriteStream, mkdirSync } from 'node:fs';
import type { ProcessName } from './layout.ts';
import { statePath } from './state.ts';

export type ProcessLog = (line: string) => void;

const MAX_LOG_BYTES = 8 * 1024 * 1024;

export function openProcessLog(name: ProcessName): ProcessLog {
  mkdirSync(statePath('logs'), { recursive: true });
  const stream = createWriteStream(statePath(`logs/${name}.log`));
  return (line) => {
    if (stream.bytesWritten < MAX_LOG_BYTES) stream.write(`${new Date().toISOString()} ${line}\n`);
  };
}
