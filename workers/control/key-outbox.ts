/**
 * Publishes SDK keys, environment by environment, until the publisher has them. What is sent is what is true just then, so that nothing
 * of an attempt has to outlive this object: whoever begins anew sends it again, and the publisher knows it by its lines.
 */
import { type DueKeys, dueKeys } from '#control/due-work';
import { keyDocument } from '#control/key-document';
import { sortedEntries } from '#control/persistent-map';
import type { Command } from '#schema/control-command';
import type { System } from '#schema/control-principal';
import type { Work } from './carrying.ts';
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
  /** One for each environment whose keys wait, or are others once one of them ends. */
  works(): readonly Work[];
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

  /** What keeps the keys from being in force; undefined where they are. `behind`: now it is known what they are to follow. */
  async function attempt({ environment, version, lines, digest }: DueKeys): Promise<Trouble | 'behind' | undefined> {
    const base = versions.get(environment) ?? version;
    const outcome = await publisher.putKeys(environment, { base, lines });
    switch (outcome.kind) {
      case 'in-force':
        if (outcome.digest !== digest) return { kind: 'estranged', message: 'the publisher has other keys in force' };
        acknowledge(environment, outcome.version, digest);
        return undefined;
      case 'behind':
        versions.set(environment, outcome.inForce);
        return 'behind';
      default:
        return outcome;
    }
  }

  function fail({ environment, digest }: DueKeys, trouble: Trouble): void {
    const before = failures.get(environment) ?? { attempts: 0, since: now(), nextAt: now() };
    const failed = failedParcel(before, trouble, now(), random());
    const nextAt = Math.min(failed.nextAt, now() + BACKOFF_CAP_MS);
    failures.set(environment, { ...failed, nextAt, digest });
  }

  async function publishAll(environment: string): Promise<void> {
    let isTold = false;
    for (;;) {
      const next = dueNow().find((one) => one.environment === environment);
      if (next === undefined) return;
      const found = await attempt(next);
      // An answer that was lost, or a log that was restored: which keys there are is said here, and nowhere else. They go again at once,
      // but who is behind once more is not alone, and waits as behind any failure.
      if (found === 'behind' && isTold) fail(next, { kind: 'dark', message: 'somebody else publishes keys' });
      else if (found !== undefined && found !== 'behind') fail(next, found);
      isTold = found === 'behind';
    }
  }

  return {
    works() {
      const { state } = executing.held();
      const waiting = new Map(due().map((one) => [one.environment, nextAt(one)]));
      const works = sortedEntries(state.environments).map(([environment]) => ({
        name: `keys of ${environment}`,
        at: Math.min(waiting.get(environment) ?? 1 / 0, keyDocument(state, environment, now()).until),
        run: () => publishAll(environment),
      }));
      return works.filter(({ at }) => at < 1 / 0);
    },
    waiting(environment) {
      const failure = failures.get(environment);
      if (failure === undefined || !due().some((one) => one.environment === environment)) return undefined;
      const { digest: _digest, ...waiting } = failure;
      return waiting;
    },
  };
}
