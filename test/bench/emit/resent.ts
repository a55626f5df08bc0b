/** An outage: exposures are spilled, and a next emitter, as after a restart, sends them all. */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createContext } from '#core/context';
import type { SendBeacon } from '#exposure/deliver-batch';
import { createEmitter, type Emitter, MAX_WAITING } from '#exposure/emitter';
import { createPseudonymiser } from '#exposure/pseudonym';
import { openSpill } from '#sdk/node/open-spill';
import { createSpillDisk } from '#sdk/node/spill-disk';
import { systemClock as clock } from '#sdk/stream/clock';

export interface Resent {
  readonly exposures: number;
  /** Of files. */
  readonly megabytes: number;
  /** From opening to the last acknowledgement, for each exposure. */
  readonly ns: number;
  /** By how much the heap was larger, at the most, when what nobody holds had been collected. */
  readonly heapMb: number;
}

const DECISION = { value: true, variation: 'v2', rule: 'tenth', revision: 7, version: 9, reason: 'SPLIT' } as const;
const TEN_MINUTES_MS = 600_000;

export async function measureResent(exposures: number): Promise<Resent> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-spill-'));
  try {
    await spill(folder, exposures);
    const files = await Promise.all((await readdir(folder)).map((name) => stat(join(folder, name))));
    const megabytes = files.reduce((sum, { size }) => sum + size, 0) / 1e6;
    return { exposures, megabytes, ...(await resend(folder, exposures)) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function emitterOf(folder: string, send: SendBeacon): Emitter {
  const disk = createSpillDisk(folder);
  const spool = openSpill({ disk, clock, newName: () => 'bench' });
  const pseudonym = createPseudonymiser(new Uint8Array(32));
  return createEmitter({ spool, send, pseudonym, clock, random: Math.random, flushMs: TEN_MINUTES_MS });
}

async function spill(folder: string, exposures: number): Promise<void> {
  const emitter = emitterOf(folder, async () => ({ kind: 'later', why: 'dark', retryAfterMs: TEN_MINUTES_MS }));
  for (let user = 0; user < exposures; user++) {
    emitter.exposed('pricing.fareBundlingV2', DECISION, createContext({ targetingKey: `user-${user}` }));
    while (user % MAX_WAITING === MAX_WAITING - 1 && emitter.ledger().spilled <= user) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await emitter.close(5_000);
  const { spilled } = emitter.ledger();
  if (spilled !== exposures) throw new Error(`${spilled} of ${exposures} were spilled`);
}

async function resend(folder: string, exposures: number): Promise<Pick<Resent, 'ns' | 'heapMb'>> {
  const heap = heapMeter();
  const before = heap();
  let most = before;
  let beacons = 0;
  let events = 0;
  const from = process.hrtime.bigint();
  const emitter = emitterOf(folder, async (beacon) => {
    events += JSON.stringify(beacon).length > 0 ? beacon.events.length : 0;
    if (++beacons % 100 === 0) most = Math.max(most, heap());
    return { kind: 'taken', refused: [] };
  });
  await emitter.close(TEN_MINUTES_MS);
  const ns = Number(process.hrtime.bigint() - from) / exposures;
  if (events !== exposures || emitter.ledger().sent !== exposures)
    throw new Error(`${events} of ${exposures} were sent`);
  return { ns: Math.round(ns), heapMb: (most - before) / 1e6 };
}

/** What is held, and nothing that waits to be collected. */
function heapMeter(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
}
