/**
 * The planet's processes, found by a label in their environment: a pid alone may be somebody else's by now, and one that was
 * restarted a moment before its parent was killed stands in no file.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { stateFolder } from './state.ts';

const LABEL = 'LOCKSTEP_PROCESS';

/** The environment that marks a process as this folder's. */
export const labelOf = (name: string): Readonly<Record<string, string>> => ({ [LABEL]: `${folderId()}/${name}` });

/** By name, the pids of this folder's processes that run now, whoever started them. */
export async function planetPids(): Promise<ReadonlyMap<string, number>> {
  const ours = new RegExp(`${LABEL}=${folderId()}/([\\w-]+)`);
  const pids = new Map<string, number>();
  for (const { pid, text } of await labelled()) {
    const name = ours.exec(text)?.[1];
    if (name !== undefined) pids.set(name, pid);
  }
  return pids;
}

/** Ends what an earlier planet of this folder left behind; returns how many. For whoever has the folder's lock. */
export async function reapOrphans(): Promise<number> {
  const orphans = [...(await planetPids()).values()];
  for (const pid of orphans) killNow(pid);
  return orphans.length;
}

/** For a child of this process. */
export const isAlive = (pid: number): boolean => signal(pid, 0);

/** It may have ended by itself meanwhile. */
export const killNow = (pid: number): boolean => signal(pid, 'SIGKILL');

/** False where there is no such process. */
function signal(pid: number, what: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, what);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Whether a process is a planet that runs: a pid alone may be somebody else's by now. */
export async function isPlanet(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ps('-p', String(pid), '-o', 'command='));
  return command.includes('scripts/start.ts');
}

/** Folders may be reached by several paths, and have names with anything in them. */
const folderId = (): string => createHash('sha256').update(realpathSync(stateFolder())).digest('hex').slice(0, 16);

interface Labelled {
  readonly pid: number;
  /** Holds its environment. */
  readonly text: string;
}

/** From /proc where there is one: slim systems have no `ps`. */
async function labelled(): Promise<readonly Labelled[]> {
  const entries = await readdir('/proc').catch(() => undefined);
  if (entries === undefined) return labelledByPs();
  const found = await Promise.all(entries.filter((name) => /^\d+$/.test(name)).map(fromProc));
  return found.filter(({ text }) => text.includes(LABEL));
}

async function fromProc(pid: string): Promise<Labelled> {
  // Empty where it has ended but nobody has asked about it yet, and unreadable where it is somebody else's.
  return { pid: Number(pid), text: await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '') };
}

/** BSD's `ps -E` (macOS) shows the environment behind the command. */
async function labelledByPs(): Promise<readonly Labelled[]> {
  const lines = (await ps('-A', '-E', '-ww', '-o', 'pid=,command=')).split('\n');
  return lines.filter((line) => line.includes(LABEL)).map((text) => ({ pid: Number.parseInt(text, 10), text }));
}

const ps = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)('ps', args, { maxBuffer: 2 ** 26 }).catch(() => ({ stdout: '' }))).stdout;
