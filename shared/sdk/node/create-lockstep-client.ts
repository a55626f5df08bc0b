/** The client with a disk: what was in force when the last process ended is served by the next one, at once, and its exposures are sent. */
import { createGenerations } from '#ruleset/generations';
import { createLockstepClient as createClient } from '#sdk/client/create-lockstep-client';
import type { FlagShapes } from '#sdk/client/flag-types';
import type { LockstepClient, LockstepOptions } from '#sdk/client/lockstep-client';
import type { Telemetry } from '#sdk/client/telemetry';
import { createExposureTelemetry } from '#sdk/exposures/exposure-telemetry';
import { systemClock } from '#sdk/stream/clock';
import { createFolderDisk } from './folder-disk.ts';
import { createLkgStore } from './lkg-store.ts';
import { createNodeCrypto } from './node-crypto.ts';
import { createNodeEmitter, type NodeEmitterOptions } from './node-exposures.ts';

export interface NodeOptions extends Omit<LockstepOptions, 'kept' | 'crypto' | 'telemetry'> {
  /** Where last-known-good is kept, and exposures that have not arrived: a folder of this process alone. Without one nothing is. */
  readonly folder?: string;
  /** Has what is served and tracked sent to ingest: to the upstream, unless there is another address. */
  readonly exposures?: Pick<NodeEmitterOptions, 'unitKey' | 'maxBytes' | 'onEvent'> & { readonly url?: string };
  /** In place of `exposures`. */
  readonly telemetry?: Telemetry;
}

/** Begins at once; decisions are made from the disk as soon as `ready()` says so, which takes milliseconds. */
export function createLockstepClient<Flags = FlagShapes>(options: NodeOptions): LockstepClient<Flags> {
  const { folder, exposures, ...rest } = options;
  const crypto = createNodeCrypto(options.publicKeys);
  const telemetry = options.telemetry ?? telemetryOf(options);
  const own = { ...rest, crypto, ...(telemetry && { telemetry }) };
  if (folder === undefined) return createClient<Flags>(own);
  const { clock = systemClock, environment } = options;
  const generations = createGenerations({ now: clock.now });
  const store = createLkgStore({ disk: createFolderDisk(folder), environment, crypto, clock, generations });
  return createClient<Flags>({ ...own, kept: { ...store, generations } });
}

function telemetryOf({ folder, exposures, ...options }: NodeOptions): Telemetry | undefined {
  if (exposures === undefined) return undefined;
  const { url, key, fetch, clock, random } = options;
  const emitter = createNodeEmitter({
    ...{ url, key, folder, region: options.place?.region },
    ...(fetch && { fetch }),
    ...(clock && { clock }),
    ...(random && { random }),
    ...exposures,
  });
  return createExposureTelemetry(emitter, 'server', options.place);
}
