/** One event: its handler runs in an instance, turn by turn, and what it takes is held against its limits. */
import type { EventInput, EventName, EventOutcome, EventReport, EventStatus } from '../event.ts';
import { limitsFor, REQUEST_BODY_BYTES, RESPOND_WITH_CHARS, type TierLimits } from '../tiers.ts';
import { createEventLog } from './event-log.ts';
import type { Instance } from './instance.ts';
import type { Machine } from './machine.ts';
import { createMemoryAccount } from './memory-account.ts';
import type { Meter } from './meter.ts';
import type { runHandler } from './realm/run-handler.ts';
import { runawayMs } from './runaway.ts';
import { createSubRequests, type Network } from './sub-requests.ts';
import type { Turn } from './turn.ts';

export interface EventRunOptions {
  readonly event: EventName;
  readonly input: EventInput;
  /** What its clock stands at. */
  readonly now: number;
  readonly instance: Instance;
  readonly limits: TierLimits;
  readonly cpuSlack: number;
  readonly machine: Machine;
  readonly meter: Meter;
  readonly network: Network;
}

type Handler = Parameters<typeof runHandler>[0];
type Ending = { readonly status: EventStatus; readonly message: string } & Pick<EventOutcome, 'effects' | 'body'>;

/** Resolves when the handler has ended; what it left behind goes on. */
export async function runEvent(options: EventRunOptions): Promise<EventOutcome> {
  const { event, input, now, instance, machine, cpuSlack } = options;
  const limits = limitsFor(options.limits, event);
  const isFirst = instance.events++ === 0;
  const { init } = instance;
  const log = createEventLog();
  const excesses = new Set<string>();
  const startedAt = performance.now();
  let cpuMs = 0;
  let preemptedMs = 0;
  const memory = createMemoryAccount(options.meter);
  let settled: Ending | undefined;
  let end: ((ending: Ending) => void) | undefined;
  const ended = new Promise<Ending>((resolve) => {
    end = resolve;
  });

  const subRequests = createSubRequests({
    limits,
    network: options.network,
    base: `https://${input.request.host}${input.request.path}`,
    enter: (act) => turn.enter(act),
    onExcess: (what) => excesses.add(what),
  });

  const turn: Turn = {
    event,
    now,
    log: log.add,
    openSubRequest: subRequests.open,
    sendSubRequest: subRequests.send,
    enter(act) {
      if (instance.isBroken()) return;
      const { result, ...taken } = instance.enter(turn, act, runawayMs(limits.cpuMs));
      if (end === undefined) return;
      cpuMs += Math.max(0, taken.cpuMs - instance.emptyTurnMs);
      preemptedMs += taken.wallMs - taken.cpuMs;
      memory.add(taken);
      const ending = excessOf('error' in result) ?? settled;
      if (ending) finish(ending);
    },
  };

  /** A budget that is spent, if any. */
  function excessOf(isStopped: boolean): Ending | undefined {
    // What the instance holds counts too.
    const held = init.heldBytes + instance.keptBytes;
    if (memory.exceeds(limits.memoryBytes - held)) {
      const bytes = memory.peakBytes() + held;
      return { status: 'ResourceLimit', message: `memory: ${bytes} bytes, at most ${limits.memoryBytes}` };
    }
    if (isStopped) {
      const isCpu = cpuMs > limits.cpuMs;
      return { status: isCpu ? 'CpuTimeoutError' : 'TimeoutError', message: `stopped after ${cpuMs.toFixed(1)} ms` };
    }
    const isOver = (factor: number): boolean => cpuMs > limits.cpuMs * factor * cpuSlack;
    if (isOver(machine.factor()) && isOver(machine.recheck())) {
      return { status: 'CpuTimeoutError', message: `${cpuMs.toFixed(1)} ms, at most ${limits.cpuMs}` };
    }
    if (excesses.has('sub-requests')) {
      return { status: 'ResourceLimit', message: `sub-requests: at most ${limits.subRequests}` };
    }
    return undefined;
  }

  /** Where the platform stops a handler, its instance is of no more use. */
  function finish(ending: Ending): void {
    if (end === undefined) return;
    const isStopped = !['Success', 'ExecutionError'].includes(ending.status);
    if (isStopped) {
      instance.break();
      subRequests.abortAll();
    }
    end(ending);
    end = undefined;
  }

  const waitedMs = (): number => performance.now() - startedAt - preemptedMs;
  let wallTimer: NodeJS.Timeout | undefined;
  function watchWall(leftMs: number): void {
    wallTimer = setTimeout(() => {
      const left = limits.wallMs - waitedMs();
      if (left > 0) watchWall(left);
      else finish({ status: 'WallTimeoutError', message: `over ${limits.wallMs} ms` });
    }, Math.ceil(leftMs));
  }
  watchWall(limits.wallMs);

  turn.enter(() => {
    const { body, ...rest } = input;
    instance.runHandler(
      instance.namespace[event] as Handler,
      event,
      JSON.stringify(rest),
      body,
      {
        variableChars: options.limits.variableChars,
        respondWithChars: RESPOND_WITH_CHARS,
        requestBodyBytes: REQUEST_BODY_BYTES,
      },
      {
        done(effects, sent) {
          settled = {
            status: 'Success',
            message: '-',
            effects: JSON.parse(effects),
            ...(sent && { body: sent.slice() }),
          };
        },
        failed(message, effects, sent) {
          settled = {
            status: 'ExecutionError',
            message,
            ...(effects !== undefined && { effects: JSON.parse(effects) }),
            ...(sent && { body: sent.slice() }),
          };
        },
        excess: (what) => excesses.add(what),
      },
    );
  });

  const { status, message, ...done } = await ended;
  clearTimeout(wallTimer);
  if (log.isCut()) excesses.add('log');
  const factor = machine.factor();
  const report: EventReport = {
    event,
    status,
    statusMessage: message,
    initWallMs: isFirst ? init.wallMs : 0,
    initCpuMs: isFirst ? init.cpuMs / factor : 0,
    wallMs: waitedMs(),
    cpuMs: cpuMs / factor,
    machineFactor: factor,
    memoryBytes: Math.max(0, memory.peakBytes()) + (isFirst ? init.heldBytes : 0),
    log: log.text(),
    subRequests: subRequests.reports(),
    excesses: [...excesses],
    instance: instance.ordinal,
  };
  return { report, ...done };
}
