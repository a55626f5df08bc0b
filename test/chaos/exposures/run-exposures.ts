/** Exposures and outcomes through everything that can go wrong between those who are told and ingest's counts. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchLedger, Ledger } from '#exposure/exposure';
import { openConnections } from '../../e2e/fixtures/connections.ts';
import { sendPageViews, type Told as ToldPages } from '../../e2e/fixtures/page-traffic.ts';
import { until } from '../../e2e/fixtures/poll.ts';
import { type ChaosWorld, POPS, startWorld } from './chaos-world.ts';
import { type Counted, readCounted } from './counted.ts';
import { FARES } from './fare-rulesets.ts';
import { type Fault, type FaultCounts, planFaults } from './fault-plan.ts';
import { type Judged, judge } from './judge.ts';
import type { WayCounts } from './rough-way.ts';
import { CHECK_OUT_MS, EMITTERS } from './visit-plan.ts';

export interface ExposuresOptions {
  /** Unique ones, about. */
  readonly exposures: number;
  readonly outcomes: number;
  readonly seed: number;
  /** Of the exposures, how many page views at the edge Workers are to make. */
  readonly pageViews: number;
  readonly kills: number;
  readonly aborts: number;
  readonly bombs: number;
  readonly awayMs: number;
  readonly progress: (text: string) => void;
}

export interface ExposuresResult {
  readonly judged: Judged;
  readonly counted: Counted;
  readonly ledgers: readonly BatchLedger[];
  readonly badPassed: number;
  readonly pages: ToldPages;
  readonly faults: FaultCounts;
  readonly ways: WayCounts;
  readonly seconds: number;
}

const LATE_MS = 300_000;
const LOOK_MS = 50;
/** How far emitters may go beyond the next fault: each is to find them at work. */
const AHEAD = 0.04;
const LANES = 8;
const SETTLE_MS = 180_000;
const LOOK_AGAIN_MS = 5_000;

export async function runExposures(options: ExposuresOptions): Promise<ExposuresResult> {
  const { seed, outcomes, pageViews, progress } = options;
  const began = performance.now();
  const visits = Math.ceil((options.exposures - pageViews * 0.8) / 2);
  const from = Date.now() - LATE_MS - CHECK_OUT_MS;
  progress('starting ingest, three POPs and six emitters');
  const world = await startWorld({ seed, visits, outcomes, from, lateMs: LATE_MS });
  const connections = openConnections(LANES);
  const look = (views: number): Promise<ToldPages> => {
    const pops = POPS.map(world.edge.url);
    const site = { seed, users: Math.ceil(pageViews * 1.5), pops, flag: FARES, key: world.edge.keys.server };
    return sendPageViews({ ...site, views, lanes: LANES }, connections);
  };
  try {
    const faults: FaultCounts = {
      emitterKills: EMITTERS.map(() => 0),
      ...{ ingestKills: 0, aborts: 0, bombs: 0, bombsTaken: 0, disksFilled: 0 },
    };
    const [pages] = await Promise.all([look(pageViews), hurt(world, planFaults(options, faults), visits, progress)]);
    if (pages.faults.length > 0) throw new Error(pages.faults.slice(0, 3).join('\n'));
    progress('waiting until everything has arrived');
    world.ways.heal();
    const ledgers = await Promise.all(world.emitters.map((emitter) => emitter.end()));
    await settlePops(world, () => look(30));
    await world.ways.close();
    const counted = await readCounted(world.ingest);
    const lives = world.emitters.flatMap((emitter) => emitter.lives());
    const judged = judge(lives, world.arrivals, pages.users);
    const seconds = (performance.now() - began) / 1_000;
    const badPassed = world.arrivals.bad();
    return { judged, counted, ledgers, badPassed, pages, faults, ways: world.ways.counts, seconds };
  } finally {
    connections.close();
    await world.stop();
  }
}

async function hurt(
  world: ChaosWorld,
  faults: readonly Fault[],
  visits: number,
  progress: (text: string) => void,
): Promise<void> {
  const { emitters } = world;
  const far = (): number =>
    emitters.reduce((sum, one) => sum + (one.isDone() ? 1 : one.reached() / visits), 0) / emitters.length;
  for (const { at, why, run } of faults) {
    world.release(Math.ceil((at + AHEAD) * visits));
    while (far() < at) {
      progress(percent(far()));
      await sleep(LOOK_MS);
    }
    progress(`${percent(at)}: ${why}`);
    await run(world);
  }
  world.release(visits);
  while (emitters.some((one) => !one.isDone())) {
    progress(percent(far()));
    await sleep(LOOK_MS);
  }
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** What a POP still has it hands over with what comes next: somebody looks now and then. */
async function settlePops({ edge }: ChaosWorld, look: () => Promise<unknown>): Promise<void> {
  let lookedAt = Date.now();
  await until(
    'no POP holds an exposure any more',
    async () => {
      const ledgers = await Promise.all(POPS.map(async (pop) => (await edge.status(pop))['exposures'] as Ledger));
      if (ledgers.some(({ dropped }) => dropped > 0)) throw new Error(`POPs gave up: ${JSON.stringify(ledgers)}`);
      if (ledgers.every(({ exposed, sent }) => exposed === sent)) return true;
      if (Date.now() - lookedAt > LOOK_AGAIN_MS) {
        await look();
        lookedAt = Date.now();
      }
      return undefined;
    },
    SETTLE_MS,
  );
}
