/** `lockstep planet traffic`: users for the planet, and whether ingest counted them as they were told. */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { bookingOf, edgeOf, ORIGIN_NAMES, POP_NAMES, POPS } from '../planet/layout.ts';
import type { PlanetFile } from '../planet/state.ts';
import { runTraffic, type Traffic } from '../planet/traffic/run-traffic.ts';
import { createSite, type Site } from '../planet/traffic/site.ts';
import { call } from './call.ts';
import { CommandError } from './command-error.ts';
import { declareFares, FARES, readFares } from './fare-cohort.ts';
import { createProgress } from './progress.ts';
import { keyOf, runningPlanet, urlOf } from './running-planet.ts';
import { table } from './table.ts';

export interface TrafficOptions {
  readonly rate: number;
  readonly seconds: number;
  readonly users: number;
  readonly seed?: number;
  readonly json: boolean;
}

export interface Row {
  readonly what: string;
  /** Users who were told so. */
  readonly told: number;
  /** By ingest, since the users came. */
  readonly counted: number;
}

const MAX_SEED = 2 ** 31;
/** POPs try for 25 s to hand over what they hold, and ingest may be down for a while. */
const SETTLE_MS = 90_000;
const LOOK_MS = 500;

export async function planetTraffic({ seed = randomInt(MAX_SEED), json, ...options }: TrafficOptions): Promise<number> {
  const planet = await runningPlanet();
  const site = siteOf(planet);
  await declareFares(planet);
  const before = await countedBy(planet);
  const traffic = await send(site, { ...options, seed });
  const rows = await settled(planet, before, traffic);
  const isExact = rows.every(({ told, counted }) => told === counted) && traffic.told.contradictions === 0;
  console.log(json ? JSON.stringify({ seed, isExact, ...traffic, rows }, null, 2) : textOf(seed, traffic, rows));
  return isExact && traffic.faults.length === 0 ? 0 : 2;
}

function siteOf(planet: PlanetFile): Site {
  // Akamai's POPs tell nobody whom they decided for.
  const pops = POP_NAMES.filter((pop) => POPS[pop].cloud === 'cloudflare').map((pop) => urlOf(planet, edgeOf(pop)));
  // None in a planet without services.
  const services = ORIGIN_NAMES.flatMap((origin) => planet.urls[bookingOf(origin)] ?? []);
  return createSite({ pops, services, key: keyOf(planet, 'server'), flag: FARES });
}

async function send(site: Site, options: Omit<TrafficOptions, 'json'> & { readonly seed: number }): Promise<Traffic> {
  const progress = createProgress();
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGINT', end);
  try {
    return await runTraffic({
      ...{ site, ...options, signal: stop.signal },
      progress: ({ visits, requests }) =>
        progress.tell(`${visits} of ${options.rate * options.seconds} visits, ${requests} requests`),
    });
  } finally {
    progress.end();
    process.off('SIGINT', end);
  }
}

type Counted = ReadonlyMap<string, number>;

/** By what is counted. */
async function countedBy(planet: PlanetFile): Promise<Counted> {
  const url = `${urlOf(planet, 'ingest')}/v1/counts?limit=5000`;
  const [answer, fares] = await Promise.all([call('ingest', url, { key: keyOf(planet, 'server') }), readFares(planet)]);
  if (!answer.ok) throw new CommandError(answer.error.detail);
  const { counts } = (await answer.value.json()) as {
    readonly counts: readonly { readonly flag: string; readonly variation: string; readonly count: number }[];
  };
  const counted = new Map<string, number>();
  const add = (what: string, count: number): void => void counted.set(what, (counted.get(what) ?? 0) + count);
  for (const { flag, variation, count } of counts) add(`${flag} ${variation}`, count);
  for (const { metrics } of fares?.regions ?? [])
    for (const { name, outcomes } of metrics) add(`${name}, the first`, outcomes.counted);
  add(WAITING, fares?.waiting ?? 0);
  return counted;
}

const WAITING = 'parts that wait for their shard';

/** Waits until ingest has counted as many as were told, and shows what it has where it never does. */
async function settled(planet: PlanetFile, before: Counted, traffic: Traffic): Promise<Row[]> {
  const end = Date.now() + SETTLE_MS;
  for (;;) {
    // It may be down just now: that is what retries are for.
    const now = await countedBy(planet).catch((error: unknown) => {
      if (error instanceof CommandError && Date.now() < end) return undefined;
      throw error;
    });
    if (now !== undefined) {
      const rows = rowsOf(traffic, before, now);
      const isSettled = rows.every(({ told, counted }) => counted >= told) && now.get(WAITING) === 0;
      if (isSettled || Date.now() >= end) return rows;
    }
    await sleep(LOOK_MS);
  }
}

function rowsOf({ told }: Traffic, before: Counted, now: Counted): Row[] {
  const expected = new Map<string, number>();
  for (const { flag, variation, users } of told.exposures) {
    const what = `${flag} ${variation}`;
    expected.set(what, (expected.get(what) ?? 0) + users);
  }
  for (const [metric, users] of Object.entries(told.outcomes)) expected.set(`${metric}, the first`, users);
  return [...expected].map(([what, users]) => ({
    what,
    told: users,
    counted: (now.get(what) ?? 0) - (before.get(what) ?? 0),
  }));
}

function textOf(seed: number, { visits, requests, told, unanswered, faults }: Traffic, rows: readonly Row[]): string {
  const numbers = rows.map(({ what, told: users, counted }) => [
    ...[users, counted, counted - users].map((one) => String(one).padStart(10)),
    what,
  ]);
  const head = ['told', 'counted', 'difference'].map((one) => one.padStart(10));
  return [
    `seed ${seed}: ${visits} visits, ${requests} requests, ${unanswered} without an answer, ${told.contradictions} contradictions`,
    ...faults,
    '',
    table([[...head, 'users, each once'], ...numbers]),
  ].join('\n');
}
