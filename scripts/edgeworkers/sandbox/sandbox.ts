/** The sandbox: instances of one bundle, and the events that they run. */
import { emptyReport } from '../empty-report.ts';
import { EVENT_NAMES, type EventInput, type EventName, type EventOutcome } from '../event.ts';
import { measureEmptyTurn } from './empty-turn.ts';
import { runEvent } from './event-run.ts';
import { createInstance, handlersOf, type Instance } from './instance.ts';
import { createInstances } from './instances.ts';
import type { Machine } from './machine.ts';
import type { SandboxSettings } from './messages.ts';
import { createMeter } from './meter.ts';
import { createRandom } from './random.ts';
import type { Network } from './sub-requests.ts';

export interface Sandbox {
  readonly handlers: readonly EventName[];
  run(event: EventName, input: EventInput, now: number): Promise<EventOutcome>;
}

/** Rejects with an `InstanceFailure` where the bundle does not run at all. */
export async function createSandbox(settings: SandboxSettings, machine: Machine, network: Network): Promise<Sandbox> {
  const { scripts, limits, cpuSlack, memory } = settings;
  const meter = createMeter(memory);
  const emptyTurnMs = await measureEmptyTurn(meter);
  let made = 0;
  const create = (now: number): Promise<Instance> =>
    createInstance({ ordinal: ++made, scripts, limits, cpuSlack, machine, meter, emptyTurnMs, now });
  const first = await create(settings.now);
  let clock = settings.now;
  const instances = createInstances(() => create(clock), settings.instances, createRandom(settings.seed));
  if (first.init.failure === undefined) instances.add(first);
  const handlers = handlersOf(first, EVENT_NAMES);
  let active = 0;

  /** What an instance keeps of an event can be told where no other event was underway. */
  async function runAlone(instance: Instance, run: () => Promise<EventOutcome>): Promise<EventOutcome> {
    const isAlone = active === 0 && memory === 'exact';
    const before = isAlone ? meter.used() : 0;
    active++;
    machine.sample();
    try {
      return await run();
    } finally {
      active--;
      if (isAlone && active === 0) instance.keptBytes += meter.used() - before;
      machine.sample();
    }
  }

  return {
    handlers,
    async run(event, input, now) {
      if (!handlers.includes(event)) return { report: emptyReport(event, 'UnimplementedEventHandler', '-') };
      clock = now;
      const instance = await instances.take();
      const { failure, cpuMs, wallMs } = instance.init;
      if (failure) {
        const { status, message } = failure;
        return {
          report: { ...emptyReport(event, status, message), initCpuMs: cpuMs, initWallMs: wallMs },
        };
      }
      return runAlone(instance, () =>
        runEvent({ event, input, now, instance, limits, cpuSlack, machine, meter, emptyTurnMs, network }),
      );
    },
  };
}
