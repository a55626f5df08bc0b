/** Starts an EdgeWorker's bundle in a sandbox, a process of its own. */
import { readBundle } from './bundle/read-bundle.ts';
import type { EventInput, EventName, EventOutcome } from './event.ts';
import type { SubRequestHosts } from './hosts.ts';
import type { InstancePolicy } from './sandbox/instances.ts';
import type { SandboxSettings } from './sandbox/messages.ts';
import type { MemoryMeasure } from './sandbox/meter.ts';
import { type SandboxProcess, startSandboxProcess } from './sandbox-process.ts';
import { TIERS, type Tier, type TierLimits } from './tiers.ts';

export interface EdgeWorkerOptions {
  /** The bundle as it is uploaded. */
  readonly tgz: Uint8Array;
  readonly tier: Tier;
  /** Who answers sub-requests, by host name. */
  readonly hosts?: SubRequestHosts;
  /** What `Date.now()` says at the start of an event, in milliseconds since 1970. */
  readonly clock?: () => number;
  readonly instances?: InstancePolicy;
  /** Of the choice of instances. */
  readonly seed?: number;
  readonly memory?: MemoryMeasure;
  /** How much wider than the tier's the limits of CPU time are, beside the machine's factor. README.md says why. */
  readonly cpuSlack?: number;
  /** In the place of the tier's, for contracts that differ. */
  readonly limits?: TierLimits;
  /** The environment of the process; empty by default. The EdgeWorker does not see it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called when the process has ended, and nobody has stopped it. */
  readonly ended?: () => void;
}

export interface EdgeWorker {
  readonly version: string;
  readonly description: string;
  readonly tier: TierLimits;
  readonly handlers: readonly EventName[];
  /** Undefined while there is no process. */
  pid(): number | undefined;
  /** Sees to it that there is a process: without it, the next event does. */
  revive(): Promise<void>;
  /** Runs a handler. Never rejects for what the EdgeWorker does. */
  handle(event: EventName, input: EventInput): Promise<EventOutcome>;
  stop(): Promise<void>;
}

const CPU_SLACK = 1;

/** Rejects with a `BundleRefusal` where the platform would not take the bundle. */
export async function startEdgeWorker(options: EdgeWorkerOptions): Promise<EdgeWorker> {
  const { tgz, tier, hosts = {}, clock = Date.now } = options;
  const { version, description, scripts } = readBundle(tgz);
  const limits = options.limits ?? TIERS[tier];
  const settings = (): SandboxSettings => ({
    scripts,
    limits,
    instances: options.instances ?? 'mixed',
    memory: options.memory ?? 'light',
    cpuSlack: options.cpuSlack ?? CPU_SLACK,
    seed: options.seed ?? 1,
    now: clock(),
  });
  let isStopped = false;
  async function start(): Promise<SandboxProcess> {
    const started = await startSandboxProcess(settings(), hosts, options.env);
    started.ended.then(() => isStopped || options.ended?.());
    return started;
  }
  let last = await start();
  let running = Promise.resolve(last);

  /** One that has ended, for a handler took all there is, is followed by another. */
  async function sandbox(): Promise<SandboxProcess> {
    const current = running;
    const isUsable = await current.then(
      ({ isOver }) => !isOver(),
      () => false,
    );
    if (!isUsable && !isStopped && running === current) running = start();
    return running;
  }

  return {
    version,
    description,
    tier: limits,
    handlers: last.handlers,
    pid: () => (last.isOver() ? undefined : last.pid),
    async revive() {
      last = await sandbox();
    },
    async handle(event, input) {
      const now = clock();
      last = await sandbox();
      return last.run(event, input, now);
    },
    async stop() {
      isStopped = true;
      await (await running).stop();
    },
  };
}
