/**
 * What a relay has from home: one stream, whose rulesets and keys come into force here and are kept on disk. What lies on the disk is in
 * force before anybody is asked anything, and as old as its signature until home confirms it.
 */
import { createFaultCheck } from '#ruleset/fault-check';
import { keysEnvironment } from '#ruleset/keys-environment';
import type { RulesetCrypto } from '#ruleset/verify';
import type { Disk } from '#sdk/node/disk';
import type { LkgStatus } from '#sdk/node/lkg-store';
import type { Identity } from '#sdk/stream/ack';
import type { Clock } from '#sdk/stream/clock';
import { createUpstream, type Upstream, type UpstreamEvent } from '#sdk/stream/create-upstream';
import { createRequests, type Fetch } from '#sdk/stream/upstream-requests';
import type { RelaySettings } from './config/relay-settings.ts';
import type { DecisionCounter } from './decision-counts.ts';
import type { Held } from './held.ts';
import { createShelf } from './shelf.ts';
import type { UpstreamPort, UpstreamStatus } from './upstream-port.ts';

export interface HomeOptions {
  readonly url: string;
  readonly settings: Pick<RelaySettings, 'environment' | 'key' | 'staleAfterMs' | 'soakMs'>;
  readonly crypto: RulesetCrypto;
  readonly identity: Identity;
  /** Undefined where nothing is kept. */
  readonly disks: { readonly rulesets: Disk; readonly keys: Disk } | undefined;
  readonly counter: DecisionCounter;
  readonly clock: Clock;
  readonly fetch?: Fetch;
  readonly random?: () => number;
}

export interface Home {
  readonly held: Held;
  readonly port: UpstreamPort;
  /** Undefined where nothing is kept. */
  disk(): LkgStatus | undefined;
  /** Begins to listen. */
  connect(onEvent: (event: UpstreamEvent) => void): void;
  /** Says goodbye, and writes what is not written yet. */
  close(): Promise<void>;
}

/** Revoked keys may still be taken once home was silent for longer. */
const KEYS_STALE_MS = 60_000;

/** Reads the disk first. */
export async function openHome(options: HomeOptions): Promise<Home> {
  const { settings, crypto, identity, disks, clock, counter, url } = options;
  const { environment, key } = settings;
  const check = createFaultCheck();
  const rulesets = createShelf({
    ...{ environment, crypto, clock, disk: disks?.rulesets, soakMs: settings.soakMs },
    staleAfterMs: settings.staleAfterMs,
    faultIn: check.faultIn,
  });
  const keys = createShelf({
    ...{ environment: keysEnvironment(environment), crypto, clock, soakMs: settings.soakMs },
    // No process ends by its keys, and a step back would bring back those that were revoked: their guard is not written.
    disk: disks && { ...disks.keys, note: () => {} },
    staleAfterMs: KEYS_STALE_MS,
  });
  const nack = await rulesets.start();
  await keys.start();
  let upstream: Upstream | undefined;

  function kept(event: UpstreamEvent): void {
    // Noted before anybody is evaluated with it: should it end this process, the next one knows.
    if (event.type === 'applied') rulesets.inForce(event.ruleset);
    if (event.type === 'keys-applied') keys.inForce(event.ruleset);
  }

  return {
    held: { environment, rulesets: rulesets.cache, keys: keys.cache, floor: () => upstream?.status().floor ?? 0 },
    port: {
      status: () => upstream?.status() ?? NOT_YET,
      forward: (acks) => upstream?.forward(acks),
      goodbye(instance, as) {
        const requests = createRequests({
          ...{ url, key, clock, fetch: options.fetch ?? fetch, closing: new AbortController().signal },
          identity: { ...identity, instance, kind: as },
        });
        void requests.goodbye();
      },
    },
    disk: rulesets.disk,
    connect(onEvent) {
      upstream ??= createUpstream({
        ...{ url, key, environment, crypto, identity, clock, cache: rulesets.cache, keysCache: keys.cache },
        ...(nack && { nack }),
        ...(options.fetch && { fetch: options.fetch }),
        ...(options.random && { random: options.random }),
        decisions: counter.counts,
        onEvent(event) {
          kept(event);
          onEvent(event);
        },
      });
    },
    async close() {
      await Promise.all([upstream?.close(), rulesets.close(), keys.close()]);
    },
  };
}

const NOT_YET: UpstreamStatus = { connected: false, floor: undefined, attempts: 0, why: 'not asked yet' };
