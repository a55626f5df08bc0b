/** One instance of the EdgeWorker: a realm of its own, in which the bundle's modules have run once. */
import type { EventName } from '../event.ts';
import type { TierLimits } from '../tiers.ts';
import { createInitTurn, type InitReport, initialize } from './initialize.ts';
import type { Machine } from './machine.ts';
import type { Meter } from './meter.ts';
import { createRoom, type Room } from './room.ts';
import { warmUp } from './warm-up.ts';

export interface Instance extends Omit<Room, 'modules'> {
  readonly ordinal: number;
  readonly init: InitReport;
  /** What `main.js` exports. */
  readonly namespace: Readonly<Record<string, unknown>>;
  /** What it keeps between events, beside what `init` says. */
  keptBytes: number;
  /** Events that it has had. */
  events: number;
}

export interface InstanceOptions {
  readonly ordinal: number;
  readonly scripts: Readonly<Record<string, string>>;
  readonly limits: TierLimits;
  readonly cpuSlack: number;
  readonly machine: Machine;
  readonly meter: Meter;
  /** What of each turn's CPU time, in milliseconds, is not its own. */
  readonly emptyTurnMs: number;
  /** When the making began. */
  readonly now: number;
}

/** Rejects with an `InstanceFailure`. */
export async function createInstance(options: InstanceOptions): Promise<Instance> {
  const init = createInitTurn(options);
  const room = await createRoom(options.scripts, init);
  init.runIn(room);
  await warmUp(room, options);
  const { main, report } = await initialize(room.modules, init, options);
  if (report.failure) room.break();
  return {
    ...room,
    ordinal: options.ordinal,
    init: report,
    namespace: main.namespace as Readonly<Record<string, unknown>>,
    keptBytes: 0,
    events: 0,
  };
}

/** What a module that was stopped underway exports may not be looked at yet: its names are there. */
export const handlersOf = ({ namespace, init }: Instance, names: readonly EventName[]): readonly EventName[] =>
  names.filter((name) => (init.failure ? name in namespace : typeof namespace[name] === 'function'));
