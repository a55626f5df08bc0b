/** An emitter as a client has it: to its upstream, or to ingest itself, from memory where nothing else is given. */
import { createEmitter, type Emitter, type EmitterEvent } from '#exposure/emitter';
import { createPseudonymiser } from '#exposure/pseudonym';
import { createMemorySpool, type Spool } from '#exposure/spool';
import { type Clock, systemClock } from '#sdk/stream/clock';
import type { Fetch } from '#sdk/stream/upstream-requests';
import { createBeaconPost, platformGzip } from './post-beacon.ts';

export interface ClientEmitterOptions {
  /** A relay, or ingest: whoever takes `POST /v1/exposures`. */
  readonly url: string;
  /** An SDK key, of kind `server`. */
  readonly key: string;
  /** The environment's key for pseudonyms: units leave the process under it alone. */
  readonly unitKey: Uint8Array;
  /** Where the client is. */
  readonly region?: string | undefined;
  /** Where batches lie until they are acknowledged: memory by default. */
  readonly spool?: Promise<Spool>;
  readonly onEvent?: (event: EmitterEvent) => void;
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export function createClientEmitter(options: ClientEmitterOptions): Emitter {
  const { url, key, unitKey, clock = systemClock, random = Math.random, onEvent } = options;
  const fetch: Fetch = options.fetch ?? ((...asked) => globalThis.fetch(...asked));
  return createEmitter({
    spool: options.spool ?? Promise.resolve(createMemorySpool(crypto.randomUUID())),
    send: createBeaconPost({ url, key, fetch, clock, gzip: platformGzip() }),
    pseudonym: createPseudonymiser(unitKey),
    ...{ clock, random, region: options.region },
    ...(onEvent && { onEvent }),
  });
}
