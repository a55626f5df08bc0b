/** Starts an EdgeWorker's bundle in a sandbox, a process of its own. */
import { readBundle } from './bundle/read-bundle.ts';
import type { EventInput, EventName, EventOutcome } from './event.ts';
import type { SubRequestHosts } from './hosts.ts';
import type { InstancePolicy } from './sandbox/instances.ts';
import type { SandboxSettings } from './sandbox/messages.ts';
import type { MemoryMeasure } from './sandbox/meter.ts';
import { type SandboxProcess, startSandboxProcess } from './sandbox-process.ts';
import { createSandboxProcesses } from './sandbox-processes.ts';
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
  const start = (): Promise<SandboxProcess> => startSandboxProcess(settings(), hosts, options.env);
  const first = await start();
  const processes = createSandboxProcesses({
    first,
    start,
    instances: settings().instances,
    ended: () => options.ended?.(),
  });

  return {
    version,
    description,
    tier: limits,
    handlers: first.handlers,
    pid: processes.pid,
    revive: () => processes.withOne(() => undefined),
    handle(event, input) {
      const now = clock();
      return processes.withOne((one) => one.run(event, input, now));
    },
    stop: processes.stop,
  };
}
