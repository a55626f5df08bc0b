/** The processor time of another process, as Linux counts it. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds of a clock tick: the unit of /proc/<pid>/stat (proc_pid_stat(5)). */
const TICK_MS = 1_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** User and system time of all threads so far (milliseconds). */
export function cpuMs(pid: number): number {
  const [utime, stime] = fieldsOf(pid).slice(11, 13).map(Number) as [number, number];
  return (utime + stime) * TICK_MS;
}

/** The processes that a process has started. */
export const childrenOf = (parent: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);

function parentOf(pid: number): number | undefined {
  try {
    return Number(fieldsOf(pid)[1]);
  } catch {
    // It has ended since the folder was read.
    return undefined;
  }
}

/** From the third field (the state) on: the name before it may hold anything, blanks included. */
function fieldsOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
