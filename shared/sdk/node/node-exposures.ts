/** The way of a process's exposures to ingest: over a spill, where there is a folder. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Emitter, EmitterEvent } from '#exposure/emitter';
import { type ClientEmitterOptions, createClientEmitter } from '#sdk/exposures/create-client-emitter';
import { systemClock } from '#sdk/stream/clock';
import { openSpill, type SpillEvent, type SpillOptions } from './open-spill.ts';
import { createSpillDisk } from './spill-disk.ts';

export interface NodeEmitterOptions
  extends Omit<ClientEmitterOptions, 'spool' | 'onEvent'>,
    Pick<SpillOptions, 'maxBytes'> {
  /** A folder of this process alone. Without one, what has not arrived ends with the process. */
  readonly folder?: string | undefined;
  readonly onEvent?: (event: EmitterEvent | SpillEvent) => void;
}

/** Where in a client's folder its exposures lie. */
const SPILL = 'exposures';

export function createNodeEmitter({ folder, maxBytes, ...options }: NodeEmitterOptions): Emitter {
  if (folder === undefined) return createClientEmitter(options);
  const { clock = systemClock, onEvent } = options;
  const spool = openSpill({
    ...{ disk: createSpillDisk(join(folder, SPILL)), clock, newName: randomUUID },
    ...(maxBytes !== undefined && { maxBytes }),
    ...(onEvent && { onEvent }),
  });
  return createClientEmitter({ ...options, spool });
}
