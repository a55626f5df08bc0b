/** The client with a disk: what was in force when the last process ended is served by the next one, at once. */
import { createGenerations } from '#ruleset/generations';
import { createLockstepClient as createClient } from '#sdk/client/create-lockstep-client';
import type { FlagShapes } from '#sdk/client/flag-types';
import type { LockstepClient, LockstepOptions } from '#sdk/client/lockstep-client';
import { systemClock } from '#sdk/stream/clock';
import { createFolderDisk } from './folder-disk.ts';
import { createLkgStore } from './lkg-store.ts';
import { createNodeCrypto } from './node-crypto.ts';

export interface NodeOptions extends Omit<LockstepOptions, 'kept' | 'crypto'> {
  /** Where last-known-good is kept: a folder of this process alone. Without one nothing is. */
  readonly folder?: string;
}

/** Begins at once; decisions are made from the disk as soon as `ready()` says so, which takes milliseconds. */
export function createLockstepClient<Flags = FlagShapes>({ folder, ...options }: NodeOptions): LockstepClient<Flags> {
  const crypto = createNodeCrypto(options.publicKeys);
  if (folder === undefined) return createClient<Flags>({ ...options, crypto });
  const { clock = systemClock, environment } = options;
  const generations = createGenerations({ now: clock.now });
  const store = createLkgStore({ disk: createFolderDisk(folder), environment, crypto, clock, generations });
  return createClient<Flags>({ ...options, crypto, kept: { ...store, generations } });
}
