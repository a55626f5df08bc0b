/**
 * Publishes SDK keys, environment by environment, until the publisher has them. What is sent is what is true just then, so that nothing
 * of an attempt has to outlive this object: whoever begins anew sends it again, and the publisher knows it by its lines.
 */
import { type DueKeys, dueKeys, nextKeyEnd } from '#control/due-work';
import type { Command } from '#schema/control-command';
import type { System } from '#schema/control-principal';
import type { Executing } from './executing.ts';
import { nothingKnown } from './order.ts';
import { failedParcel, type Trouble } from './parcel.ts';
import type { PublisherPort } from './publisher-port.ts';

export interface KeyOutboxDeps {
  readonly executing: Executing;
  readonly publisher: Pick<PublisherPort, 'putKeys'>;
  readonly now: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

export interface KeyOutbox {
  /** Tries all that is due; resolves when nothing is. Rejects where the store fails. */
  run(): Promise<void>;
  /** When to run next (milliseconds since 1970); undefined where nothing waits that is not under way, and no key ends. */
  dueAt(): number | undefined;
  /** Of an environment whose publisher did not take its keys. */
  waiting(environment: string): WaitingKeys | undefined;
}

export interface WaitingKeys {
  /** In a row, that came to nothing. */
  readonly attempts: number;
  readonly since: number;
  readonly nextAt: number;
  readonly trouble?: Trouble;
}

const ITSELF: System = { kind: 'system', id: 'lockstep' };
const VIA = 'outbox';
/** A key that was revoked stops within a minute, of which control and the publisher have ten seconds (docs/sdk-keys.md). */
const BACKOFF_CAP_MS = 3_000;

export function createKeyOutbox({ executing, publisher, now, random }: KeyOutboxDeps): KeyOutbox {
  /** With the digest of what failed: other keys wait for no backoff. */
  const failures = new Map<string, WaitingKeys & { readonly digest: string }>();
  /** Versions that publishers said to have, where the log knows another. */
  const versions = new Map<string, number>();
  const running = new Map<string, Promise<void>>();

  const due = (): DueKeys[] => dueKeys(executing.held().state, now());
  function nextAt({ environment, digest }: DueKeys): number {
    const failure = failures.get(environment);
    return failure?.digest === digest ? failure.nextAt : now();
  }
  const dueNow = (): DueKeys[] => due().filter((one) => nextAt(one) <= now());

  function acknowledge(environment: string, version: number, digest: string): void {
    failures.delete(environment);
    versions.delete(environment);
    const command: Command = { type: 'acknowledge-keys', environment, version, digest };
    executing.execute({ command, actor: ITSELF, via: VIA, known: nothingKnown });
  }

  /** What keeps the keys from being in force; undefined where they are, or are to be sent again at once. */
  async function attempt({ environment, version, lines, digest }: DueKeys): Promise<Trouble | undefined> {
    const base = versions.get(environment) ?? version;
    const outcome = await publisher.putKeys(environment, { base, lines });
    switch (outcome.kind) {
      case 'in-force':
        if (outcome.digest !== digest) return { kind: 'estranged', message: 'the publisher has other keys in force' };
        acknowledge(environment, outcome.version, digest);
        return undefined;
      case 'behind': {
        // An answer that was lost, or a log that was restored: which keys there are is said here, and nowhere else.
        const isNews = versions.get(environment) !== outcome.inForce;
        versions.set(environment, outcome.inForce);
        return isNews ? undefined : { kind: 'dark', message: 'somebody else publishes keys' };
      }
      default:
        return outcome;
    }
  }

  async function publishAll(environment: string): Promise<void> {
    for (;;) {
      const next = dueNow().find((one) => one.environment === environment);
      if (next === undefined) return;
      const trouble = await attempt(next);
      if (trouble === undefined) continue;
      const before = failures.get(environment) ?? { attempts: 0, since: now(), nextAt: now() };
      const failed = failedParcel(before, trouble, now(), random());
      const nextAt = Math.min(failed.nextAt, now() + BACKOFF_CAP_MS);
      failures.set(environment, { ...failed, nextAt, digest: next.digest });
    }
  }

  return {
    async run() {
      const environments = dueNow().map(({ environment }) => environment);
      for (const environment of environments) {
        const run = running.get(environment) ?? publishAll(environment).finally(() => running.delete(environment));
        running.set(environment, run);
      }
      await Promise.all(environments.map((environment) => running.get(environment)));
    },
    dueAt() {
      const waiting = due().filter(({ environment }) => !running.has(environment));
      const time = Math.min(...waiting.map(nextAt), nextKeyEnd(executing.held().state, now()));
      return time === Number.POSITIVE_INFINITY ? undefined : time;
    },
    waiting(environment) {
      const failure = failures.get(environment);
      if (failure === undefined || !due().some((one) => one.environment === environment)) return undefined;
      const { digest: _digest, ...waiting } = failure;
      return waiting;
    },
  };
}
