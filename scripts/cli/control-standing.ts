/** What the control plane says of an environment: which version of it is in force, and whether anything waits for the publisher. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from './command-error.ts';
import type { ControlClient } from './control-client.ts';

export interface EnvironmentStanding {
  readonly environment: string;
  /** In force at the publisher; 0 where nothing is. */
  readonly version: number;
  readonly frozen: boolean;
  /** Undefined where nothing waits. */
  readonly waiting?: { readonly attempts: number; readonly trouble?: { readonly message: string } };
}

export interface ControlStanding {
  readonly entries: number;
  readonly signed: number;
  readonly environments: readonly EnvironmentStanding[];
  /** Where config is frozen. */
  readonly message?: string;
}

const INTERVAL_MS = 50;

export const standingOf = (control: ControlClient): Promise<ControlStanding> => control.must({ path: '/v1/status' });

export async function standingIn(control: ControlClient, environment: string): Promise<EnvironmentStanding> {
  const { environments } = await standingOf(control);
  const found = environments.find((one) => one.environment === environment);
  if (found === undefined) throw new CommandError(`the control plane has no environment ${environment}`);
  return found;
}

/** Waits until nothing waits for the publisher any more, or config is frozen, or it takes too long. */
export async function untilPublished(
  control: ControlClient,
  environment: string,
  deadlineMs: number,
): Promise<EnvironmentStanding> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await standingIn(control, environment);
    if (found.waiting === undefined || found.frozen || performance.now() > end) return found;
    await sleep(INTERVAL_MS);
  }
}
