/**
 * The processes of one EdgeWorker, one after the other. Node never frees the realm of a module (nodejs/node#59118), so that each instance
 * costs its process half a megabyte and all that it kept: a process that has made its share gets no more events, and ends with its last.
 */
import type { InstancePolicy } from './sandbox/instances.ts';
import type { SandboxProcess } from './sandbox-process.ts';

export interface SandboxProcesses {
  /** Lets one be used that is fit for one more event, made where there is none. `use` has to begin its event at once. */
  withOne<T>(use: (one: SandboxProcess) => Promise<T> | T): Promise<T>;
  pid(): number | undefined;
  stop(): Promise<void>;
}

export interface SandboxProcessesOptions {
  readonly first: SandboxProcess;
  readonly start: () => Promise<SandboxProcess>;
  readonly instances: InstancePolicy;
  /** Called when one has ended that nobody meant to. */
  readonly ended: () => void;
}

/** Of one process: with views of the largest size in each, half of what its heap may have. */
const MAX_INSTANCES = 40;

export function createSandboxProcesses({ first, start, instances, ended }: SandboxProcessesOptions): SandboxProcesses {
  let isStopped = false;
  let last = heard(first);
  let running = Promise.resolve(first);
  let leaving: SandboxProcess | undefined;

  function heard(one: SandboxProcess): SandboxProcess {
    one.ended.then(() => isStopped || one === leaving || ended());
    return one;
  }

  /** What is underway may make an instance each, but where all share one. */
  const isSpent = ({ made, pending }: SandboxProcess): boolean =>
    made() + (instances === 'reused' ? 0 : pending()) >= MAX_INSTANCES;

  const isUsable = (one: SandboxProcess | undefined): one is SandboxProcess =>
    one !== undefined && !one.isOver() && !isSpent(one);

  async function successor(of: SandboxProcess | undefined): Promise<SandboxProcess> {
    if (of && !of.isOver()) {
      // One at a time: many events at once must not become as many processes.
      await leaving?.ended;
      leaving = of;
      void of.leave();
    }
    last = heard(await start());
    return last;
  }

  return {
    pid: () => (last.isOver() ? undefined : last.pid),
    async withOne(use) {
      let current = running;
      let one = await current.catch(() => undefined);
      while (!isUsable(one) && !isStopped) {
        if (running === current) running = successor(one);
        current = running;
        one = await current;
      }
      return use(one ?? (await current));
    },
    async stop() {
      isStopped = true;
      await Promise.all([leaving?.stop(), running.then((one) => one.stop())]);
    },
  };
}
