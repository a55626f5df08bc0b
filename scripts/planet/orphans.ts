/** Processes of a planet whose parent was killed: found by the pids that it wrote down, ended if they still are what they were. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { readState, removeState, writeState } from './state.ts';

const PIDS = 'pids.json';

interface Pids {
  readonly parent: number;
  readonly children: readonly Pick<Process, 'pid' | 'started'>[];
}

/** Writes down this process and its children. */
export async function recordPids(): Promise<void> {
  const children = (await processes())
    .filter(({ parent }) => parent === process.pid)
    .map(({ pid, started }) => ({ pid, started }));
  await writeState(PIDS, { parent: process.pid, children } satisfies Pids);
}

/** Ends what an earlier planet left behind; returns how many. */
export async function reapOrphans(): Promise<number> {
  const pids = await readState<Pids>(PIDS);
  if (pids === undefined || (await isPlanet(pids.parent))) return 0;
  const running = await processes();
  // A pid may be somebody else's by now: only what started when ours did, under the name of ours, is ours.
  const isOurs = ({ pid, started, name }: Process): boolean =>
    name.includes('workerd') && pids.children.some((child) => child.pid === pid && child.started === started);
  const orphans = running.filter(isOurs);
  for (const { pid } of orphans) process.kill(pid, 'SIGKILL');
  await removeState(PIDS);
  return orphans.length;
}

/** Whether a process is a planet that runs: a pid alone may be somebody else's by now. */
export async function isPlanet(pid: number): Promise<boolean> {
  const arguments_ = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (arguments_ !== undefined) return arguments_.includes('scripts/start.ts');
  return (await processes()).some((one) => one.pid === pid && one.name.includes('node'));
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** When it started, in whatever form the system tells it. */
  readonly started: string;
}

/** From /proc where there is one: slim systems have no `ps`. */
async function processes(): Promise<Process[]> {
  const entries = await readdir('/proc').catch(() => undefined);
  if (entries === undefined) return processesByPs();
  const pids = entries.filter((name) => /^\d+$/.test(name));
  return (await Promise.all(pids.map(processFromProc))).filter((one) => one !== undefined);
}

async function processFromProc(pid: string): Promise<Process | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // `pid (name) state ppid …`, the start time in field 22; the name may hold spaces and brackets.
  const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
  const fields = rest?.split(' ') ?? [];
  return name === undefined
    ? undefined
    : { pid: Number(pid), name, parent: Number(fields[1]), started: fields[19] ?? '' };
}

async function processesByPs(): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,lstart=,comm=']);
  return stdout.split('\n').flatMap((line) => {
    // `Mon Nov 23 08:00:00 2026` is how `lstart` tells a time.
    const [, pid, parent, started, name] = /^\s*(\d+)\s+(\d+)\s+(.{24})\s+(.*)$/.exec(line) ?? [];
    return name === undefined || started === undefined
      ? []
      : [{ pid: Number(pid), parent: Number(parent), started, name }];
  });
}
