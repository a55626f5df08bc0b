/** What a process has used, by the kernel's account: whatever else the machine does, and however many threads it has. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TICK_NS = 1e9 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** CPU of all its threads (nanoseconds). */
export function cpuNs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // `pid (name) state …`; the name may hold spaces. User and system time are fields 14 and 15.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_NS;
}

export function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1_024;
}
