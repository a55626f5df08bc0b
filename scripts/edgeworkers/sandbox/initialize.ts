/** Runs a bundle's modules for the first time, against the limits that the platform has for that. */
import type vm from 'node:vm';
import type { EventStatus } from '../event.ts';
import { isTimeout } from './enter-realm.ts';
import type { InstanceOptions } from './instance.ts';
import { InstanceFailure } from './instance-failure.ts';
import type { RealmModules } from './link-modules.ts';
import type { Room } from './room.ts';
import { runawayMs } from './runaway.ts';
import { threadCpuMs } from './thread-cpu.ts';
import type { Turn } from './turn.ts';

export interface InitReport {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly heldBytes: number;
  readonly failure?: { readonly status: EventStatus; readonly message: string };
}

export interface InitTurn extends Turn {
  runIn(room: Pick<Room, 'enter'>): void;
  cpuMs(): number;
  /** Time that code ran without having the CPU. */
  preemptedMs(): number;
}

/** The modules' own code may start what ends later, but not ask the network for anything. */
export function createInitTurn({ now, limits, meter }: InstanceOptions): InitTurn {
  let room: Pick<Room, 'enter'> | undefined;
  let cpuMs = 0;
  let preemptedMs = 0;
  const turn: InitTurn = {
    event: undefined,
    now,
    runIn(made) {
      room = made;
    },
    cpuMs: () => cpuMs,
    preemptedMs: () => preemptedMs,
    enter(act) {
      const measured = room?.enter(turn, act, runawayMs(limits.initCpuMs), meter);
      if (measured === undefined) return;
      cpuMs += measured.cpuMs;
      preemptedMs += measured.wallMs - measured.cpuMs;
    },
    log: () => undefined,
    openSubRequest: () => 'there are no sub-requests outside of event handlers',
    sendSubRequest: () => undefined,
  };
  return turn;
}

export async function initialize(
  modules: RealmModules,
  init: InitTurn,
  { limits, cpuSlack, machine, meter }: InstanceOptions,
): Promise<{ readonly main: vm.SourceTextModule; readonly report: InitReport }> {
  const before = meter.used();
  const startedAt = performance.now();
  const cpuBefore = threadCpuMs();
  const main = await modules.loadMain().catch((error: unknown) => {
    throw new InstanceFailure('EW1108', error);
  });
  // Nothing is waited for until here: the thread's time is the compiler's.
  const compileMs = threadCpuMs() - cpuBefore;
  let evaluation: Promise<unknown> = Promise.resolve();
  const measured = meter.measure(() => {
    evaluation = main.evaluate({ timeout: runawayMs(limits.initCpuMs) });
  });
  const ending = await endOf(evaluation, limits.initWallMs);
  const cpuMs = compileMs + measured.cpuMs + init.cpuMs();
  const preemptedMs = measured.wallMs - measured.cpuMs + init.preemptedMs();
  const wallMs = Math.max(cpuMs, performance.now() - startedAt - preemptedMs);
  const report = { cpuMs, wallMs, heldBytes: Math.max(0, meter.used() - before) };
  const failed = (status: EventStatus, message: string) => ({
    main,
    report: { ...report, failure: { status, message } },
  });
  const isCpuBound = 'error' in ending && isTimeout(ending.error);
  if (isCpuBound || (isOver(cpuMs, 1) && isOver(cpuMs, machine.recheck()))) {
    return failed('InitCpuTimeoutError', `${cpuMs.toFixed(1)} ms, at most ${limits.initCpuMs}`);
  }
  if ('error' in ending) throw new InstanceFailure('EW1201', ending.error);
  if ('waiting' in ending) return failed('InitWallTimeoutError', `over ${limits.initWallMs} ms`);
  return { main, report };

  function isOver(ms: number, factor: number): boolean {
    return ms > limits.initCpuMs * factor * cpuSlack;
  }
}

type Ending = { readonly value: unknown } | { readonly error: unknown } | { readonly waiting: true };

async function endOf(evaluation: Promise<unknown>, waitMs: number): Promise<Ending> {
  let timer: NodeJS.Timeout | undefined;
  const waiting = new Promise<Ending>((resolve) => {
    timer = setTimeout(() => resolve({ waiting: true }), waitMs);
  });
  const ended = evaluation.then(
    (value): Ending => ({ value }),
    (error: unknown): Ending => ({ error }),
  );
  const ending = await Promise.race([ended, waiting]);
  clearTimeout(timer);
  return ending;
}
