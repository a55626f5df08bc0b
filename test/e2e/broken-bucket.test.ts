import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSite } from '../../scripts/planet/traffic/site.ts';
import { createTruth, type Told } from '../../scripts/planet/traffic/truth.ts';
import { compiledMarketplace } from '../unit/fixtures/marketplace.ts';
import { buildBrokenEdge } from './fixtures/broken-bucket.ts';
import { type EdgeProcess, startEdge } from './fixtures/edge-process.ts';
import { createIngestProcess, type IngestProcess } from './fixtures/ingest.ts';
import { inLanes } from './fixtures/lanes.ts';
import { until } from './fixtures/poll.ts';

const FLAG = 'pricing.fareBundlingV2';
const USERS = Array.from({ length: 200 }, (_, at) => `user-${at}`);
/** `sin` alone has the broken bucket. */
const POPS = ['iad', 'dub', 'sin'];
const LANES = 16;

interface Incidents {
  readonly counts: readonly { readonly kind: string; readonly flag: string; readonly count: number }[];
  readonly incidents: readonly {
    readonly before: { readonly pop: string };
    readonly after: { readonly pop: string; readonly time: number };
    readonly receivedAt: number;
  }[];
}

let ingest: IngestProcess;
let edge: EdgeProcess;

beforeAll(async () => {
  ingest = await createIngestProcess();
  await ingest.start();
  const places = Object.fromEntries(POPS.map((pop) => [pop, { cloud: 'cloudflare', region: `around-${pop}`, pop }]));
  edge = await startEdge({ places, ingest: ingest.take, bundles: { sin: await buildBrokenEdge() } });
  await edge.publish(compiledMarketplace().lines, 1, POPS);
}, 240_000);
afterAll(async () => {
  await edge?.stop();
  await ingest?.stop();
});

/** Everybody asks one POP after the other; what they were told. */
async function askAll(pops: readonly string[]): Promise<Told> {
  const truth = createTruth();
  const site = createSite({ pops: pops.map(edge.url), services: [], key: edge.keys.server, flag: FLAG });
  for (const pop of pops.keys())
    await inLanes(LANES, USERS, async (user) => {
      const heard = await site.look(pop, user, AbortSignal.timeout(60_000));
      if (heard.kind !== 'answer') throw new Error(JSON.stringify(heard));
      for (const { flag, revision, variation } of heard.seen) truth.served(flag, revision, user, variation);
    });
  return truth.told();
}

async function incidents(): Promise<Incidents> {
  const response = await ingest.get('/v1/incidents');
  expect(response.status).toBe(200);
  return (await response.json()) as Incidents;
}

const counted = ({ counts }: Incidents): number => counts.reduce((sum, { count }) => sum + count, 0);

/** All that was told has arrived, and lies in the shards. */
async function arrived(units: number): Promise<void> {
  await until('ingest has everybody', async () => {
    const { total } = (await (await ingest.get('/v1/counts')).json()) as { readonly total: number };
    return total === units;
  });
  for (const pop of POPS)
    await until(`${pop} holds nothing`, async () => {
      const { exposed, sent } = (await edge.status(pop))['exposures'] as { exposed: number; sent: number };
      return exposed === sent;
    });
}

it('I1: the same users at two POPs that bucket alike make no incident; one POP with a broken bucket makes one of each whom it moves, and of nobody else', async () => {
  const alike = await askAll(['iad', 'dub']);
  expect(alike.contradictions).toBe(0);
  await arrived(USERS.length);
  expect(counted(await incidents())).toBe(0);

  const began = Date.now();
  const { contradictions } = await askAll(['iad', 'sin']);
  expect(contradictions).toBeGreaterThan(5);
  const first = await until('there is an incident', async () => {
    const found = await incidents();
    return counted(found) > 0 ? { found, tookMs: Date.now() - began } : undefined;
  });
  const lags = first.found.incidents.map(({ after, receivedAt }) => receivedAt - after.time);
  console.log(`the first incident: ${first.tookMs} ms after the first user, ${Math.min(...lags)} ms after the answer`);

  await arrived(USERS.length + contradictions);
  const all = await until('there is one of each whom it moves', async () => {
    const found = await incidents();
    return counted(found) === contradictions ? found : undefined;
  });
  expect(new Set(all.counts.map(({ kind, flag }) => `${kind} ${flag}`))).toEqual(new Set([`two-variations ${FLAG}`]));
  for (const { before, after } of all.incidents) expect([before.pop, after.pop]).toContain('sin');
}, 240_000);
