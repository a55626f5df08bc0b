/** What a run consists of: ingest in a process, three POPs, six emitters, and the rough ways between them. */
import { randomBytes } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWorker } from '../../../scripts/planet/build-worker.ts';
import { type EdgeProcess, startEdge } from '../../e2e/fixtures/edge-process.ts';
import { createIngestProcess, type IngestProcess } from '../../e2e/fixtures/ingest.ts';
import { endAll } from '../../e2e/fixtures/processes.ts';
import { createSigner, ENVIRONMENT } from '../../unit/fixtures/signing.ts';
import { type Arrivals, createArrivals } from './arrivals.ts';
import { type EmitterLives, startEmitter } from './emitter-lives.ts';
import { FARES, fareRulesets, MARKUP } from './fare-rulesets.ts';
import { openRoughWays, type RoughWays } from './rough-way.ts';
import { EMITTERS, METRICS, type VisitPlan } from './visit-plan.ts';

export const POPS = ['iad', 'dub', 'sin'] as const;
export const ROLLOUT = 'fare-bundling';

export interface ChaosWorld {
  readonly ingest: IngestProcess;
  readonly edge: EdgeProcess;
  readonly ways: RoughWays;
  readonly arrivals: Arrivals;
  readonly emitters: readonly EmitterLives[];
  /** Lets emitters go on up to that visit. */
  release(visit: number): void;
  /** Ends an inbox or a shard where it is. */
  abort(name: string): Promise<void>;
  stop(): Promise<void>;
}

const DAY_S = 86_400;

export async function startWorld(plan: VisitPlan): Promise<ChaosWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-exposures-'));
  const ingest = await createIngestProcess(await buildWorker('test/workers/fixtures/abortable-ingest.ts'));
  await ingest.start();
  const unitKey = randomBytes(32).toString('base64url');
  const arrivals = createArrivals(unitKey, [FARES, MARKUP], METRICS);
  const names = EMITTERS.map(({ name }) => name);
  const ways = await openRoughWays({ ...{ seed: plan.seed, names }, ingest: ingest.take, passed: arrivals.pass });
  const places = Object.fromEntries(EMITTERS.slice(3).map(({ name, place }) => [name, place]));
  // The Workers share one way: which of them sends, the link does not see.
  const edge = await startEdge({ places, ingest: ways.take('edge') });
  const [first, second] = fareRulesets();
  await edge.publish(first.lines, 1, POPS);
  await declare(ingest);
  const signer = await createSigner();
  const iat = Math.floor(Date.now() / 1_000);
  const sign = (lines: string, version: number) => signer.sign(lines, { version, iat, exp: iat + DAY_S });
  const rulesets = [await sign(first.lines, 1), await sign(second.lines, 2)] as const;
  const limit = join(folder, 'limit');
  const release = (visit: number): void => {
    writeFileSync(`${limit}.new`, String(visit));
    renameSync(`${limit}.new`, limit);
  };
  release(0);
  const shared = { plan, limit, unitKey, rulesets, environment: ENVIRONMENT, publicKey: signer.publicKey };
  const emitters = names.map((_, emitter) => startEmitter({ ...shared, emitter, url: ways.urlOf(emitter) }, folder));
  return {
    ...{ ingest, edge, ways, arrivals, emitters, release },
    async abort(name) {
      await ingest.get(`/chaos/abort?name=${name}`).catch(() => undefined);
    },
    async stop() {
      endAll();
      await edge.stop();
      await ways.close();
      await ingest.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function declare(ingest: IngestProcess): Promise<void> {
  const response = await ingest.put(`/v1/cohorts/${ROLLOUT}`, {
    flag: FARES,
    consistency: 'session',
    arms: { treatment: 'v2', control: 'control' },
    stages: [{ revisions: [1] }, { revisions: [2] }],
    metrics: [
      { name: METRICS[0], kind: 'rate' },
      { name: METRICS[1], kind: 'conversion' },
    ],
  });
  if (response.status !== 200) throw new Error(await response.text());
}
