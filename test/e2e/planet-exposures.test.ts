import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerOf } from './fixtures/caller.ts';
import { FLAG } from './fixtures/expect-planet.ts';
import { heal, hurt, popIn, statusOf } from './fixtures/faults.ts';
import { endPlanets, type Planet, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';

const POPS = ['iad', 'dub', 'sin'];

/** What requests could not send for so long goes with the next: somebody has to ask, whom ingest has counted. */
const CUSTODY_MS = 30_000;

let planet: Planet;
beforeAll(async () => {
  planet = await startPlanet();
});
afterAll(endPlanets);

/** Each user asks a POP for one flag; how many did. */
async function ask(from: number, to: number): Promise<void> {
  for (let at = from; at < to; at++) {
    const edge = planet.file.urls[`edge-${POPS[at % POPS.length]}`] as string;
    const { status } = await callerOf({ edge, file: planet.file }).one(FLAG, { targetingKey: `user-${at}` });
    expect(status).toBe(200);
  }
}

/** What the POPs' own ledgers say, added up. */
async function ledgers(): Promise<{ exposed: number; sent: number; dropped: number }> {
  const status = await statusOf(planet);
  const all = POPS.map((pop) => popIn(status, pop)?.exposures);
  const sum = (name: 'exposed' | 'sent' | 'dropped'): number =>
    all.reduce((total, one) => total + (one?.[name] ?? NaN), 0);
  return { exposed: sum('exposed'), sent: sum('sent'), dropped: sum('dropped') };
}

const counted = async (): Promise<number | undefined> => (await statusOf(planet)).ingest?.total;

describe('I8: exposures', () => {
  it('are counted once each, whoever asks how often', async () => {
    await ask(0, 60);
    await ask(0, 60);
    await until('ingest has counted sixty users', async () => (await counted()) === 60);
  });

  it('are not lost where ingest is killed over and over while users ask', async () => {
    const kills = (async () => {
      for (let times = 0; times < 4; times++) {
        const { restarts: before = 0 } = ingestIn(await statusOf(planet)) ?? {};
        await hurt(planet, 'ingest', 'kill');
        await until('ingest is back', async () => (ingestIn(await statusOf(planet))?.restarts ?? 0) > before);
      }
    })();
    await Promise.all([kills, ask(60, 360)]);
    await expectAllCounted(360);
  });

  it('are not lost where the way to ingest drops what it carries, there and back', async () => {
    await hurt(planet, 'ingest', 'drop', { share: 0.3 });
    await ask(360, 480);
    await heal(planet);
    await expectAllCounted(480);
  });
});

const ingestIn = ({ processes }: Awaited<ReturnType<typeof statusOf>>) =>
  processes.find(({ name }) => name === 'ingest');

/** Or said to be dropped, by the POP that gave them up: nothing goes without a word. */
async function expectAllCounted(users: number): Promise<void> {
  let askAt = Date.now() + CUSTODY_MS;
  const settled = await until('every exposure is sent or given up', async () => {
    if (Date.now() >= askAt) {
      askAt += CUSTODY_MS;
      await ask(0, POPS.length);
    }
    const now = await ledgers();
    return now.sent + now.dropped === now.exposed ? now : undefined;
  });
  expect(settled.dropped).toBe(0);
  await until(`ingest has counted ${users} users`, async () => (await counted()) === users);
}
