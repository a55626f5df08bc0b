/** Ingest as it is deployed, in a workerd of its own: what it uses of the CPU, by the kernel's account, beside an empty Worker. */
import { until } from '../../e2e/fixtures/poll.ts';
import { cpuNs, residentBytes } from '../relay/process-usage.ts';
import { BATCH, createBeacons, FLAG } from './beacons.ts';
import { type Booted, boot, KEYS } from './boot.ts';
import type { IngestCase } from './cases.ts';

export interface IngestRow {
  readonly case: IngestCase;
  readonly subject: 'lockstep' | 'floor';
  readonly ns: number;
}

export interface IngestFigures {
  readonly rows: readonly IngestRow[];
  /** In one shard. */
  readonly units: number;
  /** Of that shard, on the disk. */
  readonly shardBytes: number;
  /** Of the whole workerd. */
  readonly residentBytes: number;
}

/** Beacons, whose units are there when a rollout of few is read. */
const WARM_UP = 40;
/** How often they are sent for the optimising compiler: once is not enough for it. An answer knows no repeat. */
const WARM_UPS = 10;
const READS = 50;
const UNDER_WAY = 4;
/** Of a busy machine, for a million exposures. */
const SETTLED_WITHIN_MS = 600_000;

interface Load {
  /** Beacons whose acknowledging, and joining, is measured. */
  readonly measured: number;
  /** Beacons for the one shard. */
  readonly filling: number;
}

export async function measureIngest(quick: boolean): Promise<IngestFigures> {
  const load = quick ? { measured: 60, filling: 100 } : { measured: 400, filling: 2_000 };
  const floor = await measureFloor(load);
  const ingest = await boot('test/workers/fixtures/held-shards.ts', true);
  try {
    return await measureWhole(ingest, load, floor);
  } finally {
    await ingest.stop();
  }
}

async function measureFloor({ measured }: Load): Promise<number> {
  const floor = await boot('test/bench/ingest/floors/parsing.ts', false);
  try {
    const warm = createBeacons('warm', Date.now()).take(WARM_UP);
    for (let time = 0; time < WARM_UPS; time++) await postAll(floor, warm);
    const all = createBeacons('measured', Date.now()).take(measured);
    const from = cpuNs(floor.pid);
    await postAll(floor, all);
    return Math.round((cpuNs(floor.pid) - from) / (measured * BATCH));
  } finally {
    await floor.stop();
  }
}

async function measureWhole(ingest: Booted, { measured, filling }: Load, floor: number): Promise<IngestFigures> {
  const startedAt = Date.now();
  await ask(ingest, '/v1/cohorts/bench', { method: 'PUT', body: JSON.stringify(COHORT) });
  const warm = createBeacons('warm', startedAt).take(WARM_UP);
  for (let time = 0; time < WARM_UPS; time++) await postAll(ingest, warm);
  await settled(ingest);
  const readFew = await readNs(ingest);
  const all = createBeacons('measured', startedAt).take(measured);
  await ask(ingest, '/hold');
  const from = cpuNs(ingest.pid);
  await postAll(ingest, all);
  const acknowledged = cpuNs(ingest.pid);
  await ask(ingest, '/free');
  await settled(ingest);
  const counted = cpuNs(ingest.pid);
  const filler = createBeacons('filling', startedAt, 0);
  // Not all at once: a million exposures are a hundred megabytes of beacons.
  for (let left = filling; left > 0; left -= 100) await postAll(ingest, filler.take(Math.min(100, left)));
  await settled(ingest);
  const readMany = await readNs(ingest);
  const each = (ns: number): number => Math.round(ns / (measured * BATCH));
  return {
    rows: [
      { case: 'ingest-acknowledge', subject: 'lockstep', ns: each(acknowledged - from) },
      { case: 'ingest-acknowledge', subject: 'floor', ns: floor },
      { case: 'ingest-count', subject: 'lockstep', ns: each(counted - acknowledged) },
      { case: 'ingest-read', subject: 'lockstep', ns: readMany },
      { case: 'ingest-read', subject: 'floor', ns: readFew },
    ],
    units: filling * BATCH,
    shardBytes: ingest.largestOf('CohortShard'),
    residentBytes: residentBytes(ingest.pid),
  };
}

const COHORT = {
  ...{ flag: FLAG, consistency: 'session', arms: { treatment: 'treatment', control: 'control' } },
  ...{ stages: [{ revisions: [7] }], metrics: [{ name: 'checkout.error', kind: 'rate' }] },
};

async function postAll({ origin }: Booted, bodies: readonly Buffer<ArrayBuffer>[]): Promise<void> {
  let next = 0;
  const post = async (): Promise<void> => {
    while (next < bodies.length) {
      const headers = { ...headersOf('server'), 'content-encoding': 'gzip' };
      const body = bodies[next++] as Buffer<ArrayBuffer>;
      const response = await fetch(`${origin}/v1/exposures`, { method: 'POST', body, headers });
      const { accepted } = (await response.json()) as { accepted?: number };
      if (accepted !== BATCH) throw new Error(`${response.status}: ${accepted} of ${BATCH} were accepted`);
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, post));
}

async function ask({ origin }: Booted, path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(`${origin}${path}`, { headers: headersOf('rollout'), ...init });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.status === 204 ? undefined : response.json();
}

const headersOf = (kind: keyof typeof KEYS): Record<string, string> => ({
  ...{ authorization: `Bearer ${KEYS[kind]}`, 'content-type': 'application/json' },
});

/** Everything is in its shard. */
const settled = async (ingest: Booted): Promise<void> =>
  void (await until(
    'all is counted',
    async () => ((await ask(ingest, '/v1/cohorts/bench')) as { waiting: number }).waiting === 0,
    SETTLED_WITHIN_MS,
  ));

async function readNs(ingest: Booted): Promise<number> {
  const from = cpuNs(ingest.pid);
  for (let read = 0; read < READS; read++) await ask(ingest, '/v1/cohorts/bench');
  return Math.round((cpuNs(ingest.pid) - from) / READS);
}
