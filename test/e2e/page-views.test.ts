import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ledger } from '#exposure/exposure';
import { compiledMarketplace } from '../unit/fixtures/marketplace.ts';
import { type Connections, openConnections } from './fixtures/connections.ts';
import { type EdgeProcess, startEdge } from './fixtures/edge-process.ts';
import { createFailingIngest, type FailingIngest } from './fixtures/failing-ingest.ts';
import { sendPageViews, type Told, type TrafficOptions } from './fixtures/page-traffic.ts';
import { endPlanets, type Planet, planetFile, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { popsOf } from './fixtures/pops.ts';
import { isRunning, kill } from './fixtures/processes.ts';

const FLAG = 'pricing.fareBundlingV2';
/** A POP tries for 25 s to hand over what it holds; what it then still has, it hands over with what comes next. */
const SETTLING_MS = 120_000;
const LOOK_EVERY_MS = 5_000;

let connections: Connections;
beforeAll(() => {
  connections = openConnections(32);
});
afterAll(() => connections.close());

const traffic = (options: Omit<TrafficOptions, 'flag' | 'lanes'>): Promise<Told> =>
  sendPageViews({ ...options, flag: FLAG, lanes: 32 }, connections);

/** What each POP says of its exposures, once it holds none: they have all arrived, or were given up. Somebody looks now and then. */
function settled(ledgers: () => Promise<readonly Ledger[]>, look: () => Promise<unknown>): Promise<readonly Ledger[]> {
  const isSettled = ({ exposed, sent, dropped }: Ledger): boolean => exposed === sent + dropped;
  let lookedAt = Date.now();
  return until(
    'no POP holds an exposure any more',
    async () => {
      const all = await ledgers();
      if (all.every(isSettled)) return all;
      if (Date.now() - lookedAt > LOOK_EVERY_MS) {
        await look();
        lookedAt = Date.now();
      }
      return undefined;
    },
    SETTLING_MS,
  );
}

const total = (ledgers: readonly Ledger[], name: 'evaluated' | 'exposed' | 'sent' | 'dropped'): number =>
  ledgers.reduce((sum, ledger) => sum + ledger[name], 0);

describe('page views at three POPs whose ingest fails every third time', () => {
  const NAMES = ['iad', 'dub', 'sin'];
  let edge: EdgeProcess;
  let ingest: FailingIngest;

  beforeAll(async () => {
    ingest = createFailingIngest();
    const places = Object.fromEntries(NAMES.map((pop) => [pop, { cloud: 'cloudflare', region: `around-${pop}`, pop }]));
    edge = await startEdge({ places, ingest: ingest.take });
    await edge.publish(compiledMarketplace().lines, 1, NAMES);
  });
  afterAll(() => edge?.stop());

  it('are told of without exception, whatever clients and ingest do', async () => {
    const site = { seed: 7, users: 900, pops: NAMES.map(edge.url), key: edge.keys.server };
    const told = await traffic({ ...site, views: 3_000 });
    expect(told.faults).toEqual([]);
    const ledgersOf = async (name: string): Promise<Ledger> => (await edge.status(name))['exposures'] as Ledger;
    const ledgers = await settled(
      () => Promise.all(NAMES.map(ledgersOf)),
      () => traffic({ ...site, views: 30 }),
    );
    expect(ingest.counts()).toEqual(told.users);
    expect(total(ledgers, 'dropped')).toBe(0);
    expect(total(ledgers, 'evaluated')).toBeGreaterThanOrEqual(told.answers);
    expect(ingest.beacons.failed).toBeGreaterThan(10);
  }, 240_000);
});

describe('100,000 page views on the planet, its ingest killed in the middle', () => {
  const VIEWS = 100_000;
  let planet: Planet;
  let site: Pick<TrafficOptions, 'seed' | 'users' | 'pops' | 'key'>;

  beforeAll(async () => {
    planet = await startPlanet();
    // Akamai's POPs tell nobody yet whom they decided for.
    const pops = (await popsOf(planet)).filter(({ place }) => place.cloud === 'cloudflare');
    site = {
      seed: 20_261_123,
      users: 30_000,
      pops: pops.map(({ url }) => url),
      key: planet.file.keys['server'] as string,
    };
  });
  afterAll(endPlanets);

  async function ask<T>(url: string): Promise<T | undefined> {
    const response = await fetch(url, { headers: { authorization: `Bearer ${site.key}` } }).catch(() => undefined);
    return response?.ok === true ? ((await response.json()) as T) : undefined;
  }

  const ledgers = (): Promise<readonly Ledger[]> =>
    Promise.all(site.pops.map(async (url) => ((await ask(`${url}/v1/status`)) as { exposures: Ledger }).exposures));

  /** What ingest has counted, by variation, over all POPs. */
  async function counted(): Promise<{ readonly users: Told['users']; readonly quarantined: number } | undefined> {
    interface Answer {
      readonly counts: readonly { readonly variation: string; readonly count: number }[];
      readonly quarantined: number;
    }
    const answer = await ask<Answer>(`${planet.file.urls['ingest']}/v1/counts?flag=${FLAG}`);
    if (answer === undefined) return undefined;
    const users: Record<string, number> = {};
    for (const { variation, count } of answer.counts) users[variation] = (users[variation] ?? 0) + count;
    return { users, quarantined: answer.quarantined };
  }

  /** Users who have looked before. */
  const lookAgain = (): Promise<Told> => traffic({ ...site, views: 30 });

  const ingestPid = async (): Promise<number> => (await planetFile(planet.state))?.processes['ingest'] ?? 0;

  it('are counted exactly, each user once, and none is lost', async () => {
    const first = await ingestPid();
    const halfway = (views: number): void => {
      if (views === VIEWS / 2) kill(first);
    };
    const told = await traffic({ ...site, views: VIEWS, progress: halfway });
    expect(told.faults).toEqual([]);
    expect([isRunning(first), told.revisions.length]).toEqual([false, 1]);
    expect(told.requests).toBeGreaterThan(VIEWS);

    await until('ingest is back', async () => ![0, first].includes(await ingestPid()));
    const all = await settled(ledgers, lookAgain);
    expect(await until('ingest answers', counted)).toEqual({ users: told.users, quarantined: 0 });
    expect(total(all, 'dropped')).toBe(0);
    expect(total(all, 'evaluated')).toBeGreaterThanOrEqual(told.answers);
  }, 900_000);

  it('and stay what they are when everybody looks again', async () => {
    const before = await until('ingest answers', counted);
    const again = await traffic({ ...site, views: VIEWS / 50 });
    await settled(ledgers, lookAgain);
    expect(await until('ingest answers', counted)).toEqual(before);
    expect(again.faults).toEqual([]);
  }, 180_000);

  // Last: it ends the planet.
  it('ends at an interrupt with everything that it started', async () => {
    const pids = await planet.stop('SIGINT');
    expect(pids.length).toBeGreaterThan(1);
    expect(pids.filter(isRunning)).toEqual([]);
    expect(await planetFile(planet.state)).toBeUndefined();
  });
});
