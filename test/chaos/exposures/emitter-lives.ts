/** The emitters of a run: each is a process that is killed and begun again in the same folder, and what it told in each of its lives. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchLedger } from '#exposure/exposure';
import { until } from '../../e2e/fixtures/poll.ts';
import { kill, type Running, startScript } from '../../e2e/fixtures/processes.ts';
import type { ExposingOptions } from './exposing-process.ts';

export interface ToldVisit {
  readonly at: number;
  /** Of the fare and the markup. */
  readonly fare: { readonly revision: number; readonly variation: string };
  readonly markup: { readonly revision: number; readonly variation: string };
  readonly metric: string | undefined;
}

export interface Life {
  readonly emitter: number;
  readonly wasKilled: boolean;
  readonly told: readonly ToldVisit[];
}

export interface EmitterLives {
  /** The last visit that was told of. */
  reached(): number;
  /** Whether it has told anybody anything since it was begun again. */
  hasTold(): boolean;
  isDone(): boolean;
  kill(): Promise<void>;
  fillDisk(): void;
  /** Waits until all has arrived; the ledger at the end. */
  end(): Promise<BatchLedger>;
  lives(): readonly Life[];
}

const END_MS = 310_000;

/** `options` but for what is of one life. */
export function startEmitter(
  options: Omit<ExposingOptions, 'first' | 'told' | 'folder'>,
  folder: string,
): EmitterLives {
  const { emitter } = options;
  const files: { readonly path: string; wasKilled: boolean }[] = [];
  let reached = 0;
  let running = begin(0);

  function begin(first: number): Running {
    const own = join(folder, `emitter-${emitter}`);
    mkdirSync(own, { recursive: true });
    const life = join(own, `life-${files.length}`);
    writeFileSync(`${life}.told`, '');
    const all: ExposingOptions = { ...options, first, told: `${life}.told`, folder: join(own, 'spill') };
    writeFileSync(`${life}.json`, JSON.stringify(all));
    files.push({ path: `${life}.told`, wasKilled: false });
    return startScript('test/chaos/exposures/exposing-process.ts', [`${life}.json`]);
  }

  const lastWord = (): string => running.stdout().split('\n').at(-2) ?? '';

  return {
    reached() {
      reached = Math.max(reached, Number.parseInt(lastWord(), 10) || 0);
      return reached;
    },
    hasTold: () => lastWord() !== '',
    isDone: () => {
      if (running.exit() !== undefined) throw new Error(`emitter ${emitter} ended: ${running.stderr()}`);
      return lastWord() === 'done';
    },
    async kill() {
      kill(running.pid);
      await running.exited;
      const life = files.at(-1) as (typeof files)[number];
      life.wasKilled = true;
      const told = readTold(life.path);
      const before = files.flatMap(({ path }) => readTold(path).at(-1)?.at ?? -1);
      running = begin(Math.max(told.at(-1)?.at ?? -1, ...before) + 1);
    },
    fillDisk: () => kill(running.pid, 'SIGUSR2'),
    async end() {
      kill(running.pid, 'SIGTERM');
      await until('what it emitted has arrived', () => running.exit(), END_MS);
      const { arrived, ledger } = JSON.parse(lastWord()) as { arrived: boolean; ledger: BatchLedger };
      if (!arrived) throw new Error(`emitter ${emitter} could not deliver: ${JSON.stringify(ledger)}`);
      return ledger;
    },
    lives: () => files.map(({ path, wasKilled }) => ({ emitter, wasKilled, told: readTold(path) })),
  };
}

function readTold(path: string): ToldVisit[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [at, fareRevision, fare = '', markupRevision, markup = '', metric] = line.split(' ');
    return {
      at: Number(at),
      fare: { revision: Number(fareRevision), variation: fare },
      markup: { revision: Number(markupRevision), variation: markup },
      metric: metric === '-' ? undefined : metric,
    };
  });
}
