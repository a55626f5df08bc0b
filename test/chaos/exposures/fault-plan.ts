/** What goes wrong in a run, and when: by how far the emitters are. */
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { createDice } from '../../../scripts/planet/traffic/dice.ts';
import type { ChaosWorld } from './chaos-world.ts';
import type { EmitterLives } from './emitter-lives.ts';

export interface FaultCounts {
  emitterKills: number[];
  ingestKills: number;
  aborts: number;
  bombs: number;
  bombsTaken: number;
  disksFilled: number;
}

export interface Fault {
  /** From 0 up to 1. */
  readonly at: number;
  readonly why: string;
  run(world: ChaosWorld): Promise<void>;
}

export interface FaultOptions {
  readonly seed: number;
  readonly kills: number;
  readonly aborts: number;
  readonly bombs: number;
  /** How long a region is cut off, and ingest is gone. */
  readonly awayMs: number;
}

/** The one whose disk fills up: it is not killed, for what lies in memory alone would go with it. */
const FULL = 2;
/** A service and a POP. */
const REGION = ['aws', 'iad'];
const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024));

export function planFaults({ seed, kills, aborts, bombs, awayMs }: FaultOptions, counts: FaultCounts): Fault[] {
  const dice = createDice(seed + 1);
  const anywhere = (): number => 0.05 + dice.int(850) / 1_000;
  const times = (count: number, make: () => Fault): Fault[] => Array.from({ length: count }, make);

  const killEmitter = (): Fault => {
    const victim = [0, 1, 3, 4, 5][dice.int(5)] as number;
    return {
      ...{ at: anywhere(), why: `kill -9 of emitter ${victim}` },
      async run({ emitters }) {
        const emitter = emitters[victim] as EmitterLives;
        // One that has not begun to tell, or is through, has no tail to lose.
        if (!emitter.hasTold() || emitter.isDone()) return;
        await emitter.kill();
        counts.emitterKills[victim] = (counts.emitterKills[victim] ?? 0) + 1;
      },
    };
  };
  const killIngest = (at: number, awayFor: number): Fault => ({
    ...{ at, why: `kill -9 of ingest, back after ${awayFor} ms` },
    async run({ ingest }) {
      await ingest.kill();
      counts.ingestKills++;
      await sleep(awayFor);
      await ingest.start();
    },
  });
  const abort = (): Fault => {
    const name = `${dice.pick(['inbox', 'cohorts', 'cohorts'])}-${dice.int(4)}`;
    return {
      ...{ at: anywhere(), why: `end of ${name}` },
      async run(world) {
        await world.abort(name);
        counts.aborts++;
      },
    };
  };
  const bomb = (): Fault => ({
    ...{ at: anywhere(), why: 'a gzip bomb' },
    async run({ ingest }) {
      const headers = new Headers({ 'content-type': 'application/json', 'content-encoding': 'gzip' });
      const answer = await ingest.take('/v1/exposures', { headers, body: BOMB }).catch(() => undefined);
      await answer?.body?.cancel();
      counts.bombs++;
      if (answer?.status === 202) counts.bombsTaken++;
    },
  });
  const cutRegion: Fault = {
    ...{ at: 0.35, why: `us-east-1 is cut off for ${awayMs} ms` },
    async run({ ways }) {
      ways.cut(REGION);
      setTimeout(() => ways.cut([]), awayMs);
    },
  };
  const fillDisk: Fault = {
    ...{ at: 0.75, why: `the disk of emitter ${FULL} is full` },
    async run({ emitters }) {
      if (emitters[FULL]?.isDone() !== false) return;
      emitters[FULL].fillDisk();
      counts.disksFilled++;
    },
  };
  return [
    ...times(kills, killEmitter),
    ...[killIngest(0.2, 0), killIngest(0.6, awayMs), killIngest(0.85, 0)],
    ...times(aborts, abort),
    ...times(bombs, bomb),
    ...[cutRegion, fillDisk],
  ].sort((a, b) => a.at - b.at);
}
