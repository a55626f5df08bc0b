/** What an event may take, and what it has taken. */
import type { EventStatus } from '../event.ts';
import type { EventLimits } from '../tiers.ts';
import type { Machine } from './machine.ts';
import { createMemoryAccount } from './memory-account.ts';
import type { Measured, Meter } from './meter.ts';

export interface Excess {
  readonly status: EventStatus;
  readonly message: string;
}

export interface EventBudget {
  add(turn: Measured<unknown>): void;
  /** The budget that is spent, if any. `isStopped`: code was stopped that did not let go. */
  excess(isStopped: boolean): Excess | undefined;
  /** Calls back when there has been no end for as long as it may take; until `unwatch`. */
  watchWall(over: (excess: Excess) => void): void;
  unwatch(): void;
  /** Since it began, less the time in which its code would have run, and the machine did something else. */
  wallMs(): number;
  /** As measured. */
  cpuMs(): number;
  memoryBytes(): number;
}

export interface EventBudgetOptions {
  readonly limits: EventLimits;
  /** What the instance holds already: it counts too. */
  readonly heldBytes: number;
  readonly cpuSlack: number;
  readonly machine: Machine;
  readonly meter: Meter;
  /** What of each turn's CPU time, in milliseconds, is not its own. */
  readonly emptyTurnMs: number;
}

export function createEventBudget(options: EventBudgetOptions): EventBudget {
  const { limits, heldBytes, cpuSlack, machine, meter, emptyTurnMs } = options;
  const memory = createMemoryAccount(meter);
  const startedAt = performance.now();
  let cpuMs = 0;
  let preemptedMs = 0;
  let timer: NodeJS.Timeout | undefined;

  const wallMs = (): number => performance.now() - startedAt - preemptedMs;
  const isOverCpu = (factor: number): boolean => cpuMs > limits.cpuMs * factor * cpuSlack;

  function watch(leftMs: number, over: (excess: Excess) => void): void {
    timer = setTimeout(() => {
      const left = limits.wallMs - wallMs();
      if (left > 0) watch(left, over);
      else over({ status: 'WallTimeoutError', message: `over ${limits.wallMs} ms` });
    }, Math.ceil(leftMs));
  }

  return {
    wallMs,
    cpuMs: () => cpuMs,
    memoryBytes: () => Math.max(0, memory.peakBytes()),
    watchWall: (over) => watch(limits.wallMs, over),
    unwatch: () => clearTimeout(timer),
    add(turn) {
      cpuMs += Math.max(0, turn.cpuMs - emptyTurnMs);
      preemptedMs += turn.wallMs - turn.cpuMs;
      memory.add(turn);
    },
    excess(isStopped) {
      if (memory.exceeds(limits.memoryBytes - heldBytes)) {
        const bytes = memory.peakBytes() + heldBytes;
        return { status: 'ResourceLimit', message: `memory: ${bytes} bytes, at most ${limits.memoryBytes}` };
      }
      if (isStopped) {
        const status = cpuMs > limits.cpuMs ? 'CpuTimeoutError' : 'TimeoutError';
        return { status, message: `stopped after ${cpuMs.toFixed(1)} ms` };
      }
      if (isOverCpu(machine.factor()) && isOverCpu(machine.recheck())) {
        return { status: 'CpuTimeoutError', message: `${cpuMs.toFixed(1)} ms, at most ${limits.cpuMs}` };
      }
      return undefined;
    },
  };
}
