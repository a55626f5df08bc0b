/** The way of a process's exposures to ingest: over a spill, where there is a folder. */
import type { Emitter, EmitterEvent } from '#exposure/emitter';
import { createMemorySpool, type Spool } from '#exposure/spool';
import { type ClientEmitterOptions, createClientEmitter } from '#sdk/exposures/create-client-emitter';
import { systemClock } from '#sdk/stream/clock';
import type { SpillEvent, SpillOptions } from './open-spill.ts';

export interface NodeEmitterOptions
  extends Omit<ClientEmitterOptions, 'spool' | 'onEvent'>,
    Pick<SpillOptions, 'maxBytes'> {
  /** A folder of this process alone. Without one, what has not arrived ends with the process. */
  readonly folder?: string | undefined;
  readonly onEvent?: (event: EmitterEvent | SpillEvent) => void;
}

/** Where in a client's folder its exposures lie. */
const SPILL = '/exposures';

export function createNodeEmitter({ folder, ...options }: NodeEmitterOptions): Emitter {
  return createClientEmitter(folder === undefined ? options : { ...options, spool: spillIn(folder, options) });
}

/** Never rejects: from memory where what writes on disk cannot be loaded, as in a folder that was replaced under the process. */
async function spillIn(folder: string, options: Omit<NodeEmitterOptions, 'folder'>): Promise<Spool> {
  try {
    return await onDisk(folder, options);
  } catch (error) {
    options.onEvent?.({ type: 'disk', failing: true, why: error instanceof Error ? error.message : String(error) });
    return createMemorySpool(crypto.randomUUID());
  }
}

/** Loaded only here: a process that exposes nobody decides without what keeps exposures. */
async function onDisk(
  folder: string,
  { clock = systemClock, maxBytes, onEvent }: Omit<NodeEmitterOptions, 'folder'>,
): Promise<Spool> {
  const [{ openSpill }, { createSpillDisk }] = await Promise.all([
    import('./open-spill.ts'),
    import('./spill-disk.ts'),
  ]);
  return openSpill({
    ...{ disk: createSpillDisk(folder + SPILL), clock, newName: () => crypto.randomUUID() },
    ...(maxBytes !== undefined && { maxBytes }),
    ...(onEvent && { onEvent }),
  });
}
