/** The way of a process's exposures to ingest: over a spill, where there is a folder. */
import type { Emitter, EmitterEvent } from '#exposure/emitter';
import type { Spool } from '#exposure/spool';
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

/** Loaded only here: a process that exposes nobody decides without what keeps exposures. */
async function spillIn(
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
