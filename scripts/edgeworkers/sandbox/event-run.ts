/** One event: its handler runs in an instance, turn by turn, and what it takes is held against its limits. */
import type { EventInput, EventName, EventOutcome, EventReport } from '../event.ts';
import { limitsFor, REQUEST_BODY_BYTES, RESPOND_WITH_CHARS, type TierLimits } from '../tiers.ts';
import { createEventBudget, type EventBudget, type Excess } from './event-budget.ts';
import { createEventLog, type EventLog } from './event-log.ts';
import type { Instance } from './instance.ts';
import type { Machine } from './machine.ts';
import type { Meter } from './meter.ts';
import type { runHandler, Settlement } from './realm/run-handler.ts';
import { runawayMs } from './runaway.ts';
import { createSubRequests, type Network, type SubRequests } from './sub-requests.ts';
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
  readonly emptyTurnMs: number;
  readonly network: Network;
}

type Handler = Parameters<typeof runHandler>[0];
type Ending = Excess & Pick<EventOutcome, 'effects' | 'body'>;

/** Resolves when the handler has ended; what it left behind goes on. */
export async function runEvent(options: EventRunOptions): Promise<EventOutcome> {
  const { event, input, now, instance } = options;
  const limits = limitsFor(options.limits, event);
  const isFirst = instance.events++ === 0;
  const budget = createEventBudget({ ...options, limits, heldBytes: instance.init.heldBytes + instance.keptBytes });
  const log = createEventLog();
  const excesses = new Set<string>();
  const onExcess = (what: string): void => void excesses.add(what);
  const { ended, end, isOver } = createEnd();
  let settled: Ending | undefined;

  const subRequests = createSubRequests({
    limits,
    network: options.network,
    base: `https://${input.request.host}${input.request.path}`,
    enter: (act) => turn.enter(act),
    onExcess,
  });

  /** Where the platform stops a handler, its instance is of no more use. */
  function stop(excess: Excess): void {
    instance.break();
    subRequests.abortAll();
    end(excess);
  }

  const turn: Turn = {
    event,
    now,
    log: log.add,
    openSubRequest: subRequests.open,
    sendSubRequest: subRequests.send,
    enter(act) {
      if (instance.isBroken()) return;
      const measured = instance.enter(turn, act, runawayMs(limits.cpuMs), options.meter);
      if (isOver()) return;
      budget.add(measured);
      const excess = budget.excess('error' in measured.result) ?? tooMany(excesses, limits.subRequests);
      if (excess) stop(excess);
      else if (settled) end(settled);
    },
  };

  budget.watchWall((excess) => isOver() || stop(excess));
  turn.enter(() =>
    start(options, {
      onExcess,
      settle(ending) {
        settled = ending;
      },
    }),
  );
  const { status, message, ...done } = await ended;
  budget.unwatch();
  if (log.isCut()) onExcess('log');
  return {
    report: reportOf(options, { isFirst, ending: { status, message }, budget, log, subRequests, excesses }),
    ...done,
  };
}

interface End {
  readonly ended: Promise<Ending>;
  /** The first one counts. */
  end(ending: Ending): void;
  isOver(): boolean;
}

function createEnd(): End {
  let isOver = false;
  let settle: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((resolve) => {
    settle = resolve;
  });
  return {
    ended,
    isOver: () => isOver,
    end(ending) {
      isOver = true;
      settle(ending);
    },
  };
}

/** The documentation does not say what becomes of a handler that asks for too many: here it fails, also where it would go on. */
const tooMany = (excesses: ReadonlySet<string>, limit: number): Excess | undefined =>
  excesses.has('sub-requests') ? { status: 'ResourceLimit', message: `sub-requests: at most ${limit}` } : undefined;

interface Listener {
  onExcess(what: string): void;
  settle(ending: Ending): void;
}

function start({ event, input, instance, limits }: EventRunOptions, { onExcess, settle }: Listener): void {
  const { body, ...rest } = input;
  const settlement: Settlement = {
    done: (effects, sent) => settle({ status: 'Success', message: '-', ...resultOf(effects, sent) }),
    failed: (message, effects, sent) => settle({ status: 'ExecutionError', message, ...resultOf(effects, sent) }),
    excess: onExcess,
  };
  const bounds = {
    variableChars: limits.variableChars,
    respondWithChars: RESPOND_WITH_CHARS,
    requestBodyBytes: REQUEST_BODY_BYTES,
  };
  instance.runHandler(instance.namespace[event] as Handler, event, JSON.stringify(rest), body, bounds, settlement);
}

/** Bytes of the other realm are copied. */
const resultOf = (
  effects: string | undefined,
  body: Uint8Array | undefined,
): Pick<EventOutcome, 'effects' | 'body'> => ({
  ...(effects !== undefined && { effects: JSON.parse(effects) }),
  ...(body && { body: Uint8Array.from(body) }),
});

interface Taken {
  readonly isFirst: boolean;
  readonly ending: Excess;
  readonly budget: EventBudget;
  readonly log: EventLog;
  readonly subRequests: SubRequests;
  readonly excesses: ReadonlySet<string>;
}

function reportOf({ event, instance, machine }: EventRunOptions, taken: Taken): EventReport {
  const { isFirst, ending, budget, log, subRequests, excesses } = taken;
  const factor = machine.factor();
  const init = isFirst ? instance.init : { wallMs: 0, cpuMs: 0, heldBytes: 0 };
  return {
    event,
    status: ending.status,
    statusMessage: ending.message,
    initWallMs: init.wallMs,
    initCpuMs: init.cpuMs / factor,
    wallMs: budget.wallMs(),
    cpuMs: budget.cpuMs() / factor,
    machineFactor: factor,
    memoryBytes: Math.round(budget.memoryBytes() + init.heldBytes),
    log: log.text(),
    subRequests: subRequests.reports(),
    excesses: [...excesses],
    instance: instance.ordinal,
  };
}
