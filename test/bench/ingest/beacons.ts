/** Beacons of 500 exposures, as emitters of a service gzip them. Each unit is new. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { shardOf } from '../../../workers/ingest/shard-layout.ts';

export const BATCH = 500;
export const FLAG = 'pricing.fareBundlingV2';

const POPS = ['iad', 'fra', 'sin', 'gru'];

export interface Beacons {
  /** So many more of them. */
  take(count: number): Buffer<ArrayBuffer>[];
}

/** All of one minute, `time`. `shard`: whose units they all are; of all shards without. */
export function createBeacons(emitter: string, time: number, shard?: number): Beacons {
  let unit = 0;
  let sequence = 0;
  function nextUnit(): string {
    for (;;) {
      const bytes = createHash('sha256').update(`${emitter}/${unit++}`).digest().subarray(0, 16);
      const text = bytes.toString('base64url');
      if (shard === undefined || shardOf(text) === shard) return text;
    }
  }
  function exposure(at: number): object {
    const of = (sequence + at) % 20;
    return {
      ...{ flag: of < 5 ? FLAG : `checkout.flag${of}`, revision: 7, variation: of % 2 ? 'treatment' : 'control' },
      ...{ unit: nextUnit(), reason: 'SPLIT', rule: 'us-5-percent', version: 12 },
      ...{ region: 'us-east-1', cloud: 'cloudflare', pop: POPS[at % POPS.length], time },
    };
  }
  function next(): Buffer<ArrayBuffer> {
    const events = Array.from({ length: BATCH }, (_, at) => exposure(at));
    const exposed = ++sequence * BATCH;
    const ledger = { evaluated: exposed, exposed, sent: exposed - BATCH, dropped: 0 };
    return gzipSync(JSON.stringify({ emitter, region: 'us-east-1', sentAt: Date.now(), sequence, ledger, events }));
  }
  return { take: (count) => Array.from({ length: count }, next) };
}
