import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { heal, hurt, statusOf } from './fixtures/faults.ts';
import { copyFlags, type FlagsCopy } from './fixtures/flags-copy.ts';
import { endPlanets, type Planet, planetFile, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { kill, lockstep } from './fixtures/processes.ts';
import { createPublishMore } from './fixtures/publish-more.ts';

const CLOUDS = ['aws', 'azure', 'gcp'];
const STALE_AFTER_MS = 6_000;

interface Price {
  readonly version: number;
  readonly region: string;
  readonly bundling: { readonly value: string; readonly reason: string };
}

let planet: Planet;
let flags: FlagsCopy;
let publish: ReturnType<typeof createPublishMore>;

beforeAll(async () => {
  flags = await copyFlags();
  planet = await startPlanet({ services: true, env: { LOCKSTEP_STALE_AFTER_MS: String(STALE_AFTER_MS) } });
  publish = createPublishMore(flags, planet);
});
afterEach(() => heal(planet));
afterAll(async () => {
  await endPlanets();
  await flags.remove();
});

async function publishMore(): Promise<number> {
  const { version } = (await publish()) as { readonly version: number };
  return version;
}

async function price(cloud: string): Promise<Price> {
  const response = await fetch(`${planet.file.urls[`booking-${cloud}`]}/prices?user=user-1`);
  return (await response.json()) as Price;
}

const charges = (cloud: string, version: number): Promise<Price> =>
  until(`the service on ${cloud} decides by version ${version}`, async () => {
    const found = await price(cloud).catch(() => undefined);
    return found?.version === version ? found : undefined;
  });

const region = async (name: string) => (await statusOf(planet)).board?.regions.find((one) => one.region === name);

describe('services with flags inside', () => {
  it('decide by what is published, each where it is', async () => {
    const version = await publishMore();
    const prices = await Promise.all(CLOUDS.map((cloud) => charges(cloud, version)));
    expect(prices.map((one) => one.region)).toEqual(['us-east-1', 'northeurope', 'asia-southeast1']);
    expect(new Set(prices.map(({ bundling }) => bundling.value)).size).toBe(1);
    const env = { LOCKSTEP_STATE: planet.state };
    const told = await lockstep(['convergence', '--version', String(version), '--wait', '--json'], { env });
    expect([told.code, JSON.parse(told.stdout)]).toMatchObject([0, { everywhere: true, asked: version }]);
  });

  it('are told apart from who asks their relay itself, which tells whom it served', async () => {
    const flag = 'pricing.fareBundlingV2';
    const targetingKey = 'only-the-relay-knows';
    const answer = await fetch(`${planet.file.urls['relay-gcp']}/ofrep/v1/evaluate/flags/${flag}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${planet.file.keys['server']}`, 'content-type': 'application/json' },
      body: JSON.stringify({ context: { targetingKey } }),
    });
    const { variant } = (await answer.json()) as { readonly variant: string };
    const [sighting] = await until('ingest knows of it', async () => {
      const asked = ['exposures', 'who-saw', flag, targetingKey, '--json'];
      const { stdout } = await lockstep(asked, { env: { LOCKSTEP_STATE: planet.state } });
      const found = JSON.parse(stdout) as { readonly sightings: readonly object[] };
      return found.sightings.length > 0 ? found.sightings : undefined;
    });
    expect(sighting).toMatchObject({ variation: variant, region: 'asia-southeast1' });
  });

  it('B17: go on, and say STALE, where their relay hears nothing; the board shows the region behind', async () => {
    // A service is heard of by its relay's next word of it.
    await until(
      'its region is known in whole',
      async () => (await region('northeurope'))?.instances === 2 || undefined,
    );
    await hurt(planet, 'relay-azure/stream', 'cut');
    const before = (await price('azure')).version;
    const version = await publishMore();
    await charges('aws', version);
    // That it takes no more than five seconds is shown with a clock that is turned: test/chaos.
    const behind = await until('the board shows it', async () => {
      const found = await region('northeurope');
      return found !== undefined && found.behind > 0 ? found : undefined;
    });
    expect(behind).toMatchObject({ version: before, instances: 2 });
    const stale = await until('it says so', async () => {
      const found = await price('azure');
      return found.bundling.reason === 'STALE' ? found : undefined;
    });
    expect(stale.version).toBe(before);
    await heal(planet);
    expect((await charges('azure', version)).bundling.reason).toBe('SPLIT');
    await until('the board shows that it is in step', async () =>
      (await region('northeurope'))?.behind === 0 ? true : undefined,
    );
  });

  it('decide from their disk after a restart with everything above them gone', async () => {
    const { version } = await price('gcp');
    await until('its relay has kept it', async () => ((await price('gcp')).version === version ? true : undefined));
    await hurt(planet, 'stream', 'cut');
    await hurt(planet, 'relay-gcp', 'cut');
    await hurt(planet, 'booking-gcp', 'restart');
    expect(await charges('gcp', version)).toMatchObject({ version, bundling: { reason: 'STALE' } });
  });

  it('have their relay back where it is killed', async () => {
    const pid = async (): Promise<number | undefined> => (await planetFile(planet.state))?.processes['relay-aws'];
    const before = (await pid()) as number;
    kill(before);
    await until('it has another pid', async () => ![before, undefined].includes(await pid()));
    await charges('aws', await publishMore());
  });

  it('I8: tell of all whom they serve, and of what came of it: as many as users were told, ingest killed in the middle', async () => {
    const env = { LOCKSTEP_STATE: planet.state };
    const args = [
      'planet',
      'traffic',
      '--rate',
      '25',
      '--seconds',
      '6',
      '--users',
      '150',
      '--seed',
      '20261130',
      '--json',
    ];
    const counted = async (): Promise<number> => (await statusOf(planet)).ingest?.total ?? 0;
    const before = await until('ingest answers', counted);
    const sending = lockstep(args, { env });
    await until('users have come', async () => (await counted()) > before + 10);
    await hurt(planet, 'ingest', 'kill');
    const told = await sending;
    expect([told.code, told.stderr]).toEqual([0, '']);
    const { visits, rows, isExact } = JSON.parse(told.stdout) as {
      readonly visits: number;
      readonly isExact: boolean;
      readonly rows: readonly { readonly what: string; readonly told: number; readonly counted: number }[];
    };
    expect([visits, isExact]).toEqual([150, true]);
    const whats = ['pricing.fareBundlingV2 v2', 'pricing.dynamicMarkup usual', 'checkout.error, the first'];
    for (const what of whats) expect(rows.find((row) => row.what === what)?.told).toBeGreaterThan(0);
  }, 180_000);
});
