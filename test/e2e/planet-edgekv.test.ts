import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Published } from '../../scripts/cli/published.ts';
import { decisionAt, servedAt } from './fixtures/decisions.ts';
import { heal, hurt, statusOf } from './fixtures/faults.ts';
import { copyFlags, type FlagsCopy } from './fixtures/flags-copy.ts';
import { endPlanets, type Planet, planetFile, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { kill, lockstep } from './fixtures/processes.ts';
import { createPublishMore } from './fixtures/publish-more.ts';

const POPS = ['iad', 'dub', 'sin', 'ams', 'nrt'];
const STAGING = 'edgekv-staging/marketplace';
const PRODUCTION = 'edgekv-production/marketplace';

let planet: Planet;
let flags: FlagsCopy;
let publishMore: () => Promise<Published>;

beforeAll(async () => {
  flags = await copyFlags();
  planet = await startPlanet();
  publishMore = createPublishMore(flags, planet);
});
afterEach(() => heal(planet));
afterAll(async () => {
  await endPlanets();
  await flags.remove();
});

async function targetNamed(name: string) {
  const { publisher } = await statusOf(planet);
  return publisher?.targets.find((one) => one.name === name);
}

const written = (name: string, version: number): Promise<true> =>
  until(
    `${name} is written`,
    async () => {
      const target = await targetNamed(name);
      return target?.state === 'written' && target.version === version ? true : undefined;
    },
    90_000,
  );

const pidOf = async (name: string): Promise<number> => (await planetFile(planet.state))?.processes[name] as number;

describe('a publish', () => {
  it('reaches all five POPs, and both networks of EdgeKV', async () => {
    const { version, targets } = await publishMore();
    expect(targets.map(({ name }) => name).sort()).toEqual([PRODUCTION, STAGING, 'kv', 'stream']);
    await Promise.all(POPS.map((pop) => servedAt(planet, pop, version)));
    const answers = await Promise.all(POPS.map((pop) => decisionAt(planet, pop)));
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    await Promise.all([STAGING, PRODUCTION].map((name) => written(name, version)));
  }, 300_000);

  it('that fails for one network is retried there alone, shown, and follows when healed', async () => {
    await hurt(planet, 'publisher/edgekv-staging', 'cut');
    const { version, targets } = await publishMore();
    expect(targets.find(({ name }) => name === STAGING)).toMatchObject({ state: 'failing', version: version - 1 });
    await Promise.all(POPS.map((pop) => servedAt(planet, pop, version)));
    await until('it was tried again', async () => ((await targetNamed(STAGING))?.attempts ?? 0) >= 3);
    expect((await targetNamed(PRODUCTION))?.error).toBeUndefined();
    const { links } = await statusOf(planet);
    const failed = new Map(links.map((link) => [link.name, link.failed]));
    expect([failed.get('publisher/kv'), failed.get('publisher/edgekv-production')]).toEqual([0, 0]);
    expect(failed.get('publisher/edgekv-staging')).toBeGreaterThanOrEqual(3);
    const { stdout } = await lockstep(['planet', 'status'], { env: { LOCKSTEP_STATE: planet.state } });
    expect(stdout).toMatch(/^edgekv-staging\/marketplace +failing, version \d+ \(\d+ attempts: .*lost/m);
    expect(stdout).toMatch(/^publisher\/edgekv-staging +cut/m);
    await written(PRODUCTION, version);
    expect(await targetNamed(STAGING)).toMatchObject({ state: 'failing' });
    await heal(planet);
    await written(STAGING, version);
  }, 180_000);
});

describe('EdgeKV', () => {
  it('has what it had, and is there for the POPs, after it was killed', async () => {
    const [before, version] = [await pidOf('edgekv'), (await statusOf(planet)).publisher?.version as number];
    kill(before);
    await until('it has another pid', async () => ![before, undefined].includes(await pidOf('edgekv')));
    expect((await planetFile(planet.state))?.urls).toEqual(planet.file.urls);
    // One that starts anew has nothing else to read from.
    await hurt(planet, 'edge-ams', 'restart');
    await servedAt(planet, 'ams', version);
  });

  it('keeps its contents over a restart of the planet, whose publisher need not write them again', async () => {
    const { version } = (await statusOf(planet)).publisher ?? {};
    await written(PRODUCTION, version as number);
    await planet.stop();
    planet = await startPlanet({ state: planet.state });
    await Promise.all(['ams', 'nrt'].map((pop) => servedAt(planet, pop, version as number)));
    const { links } = await statusOf(planet);
    expect(links.find(({ name }) => name === 'publisher/edgekv-production')).toMatchObject({ calls: 0 });
  }, 300_000);

  it('lets nobody read or write without a token or a signature', async () => {
    const item = 'namespaces/lockstep/groups/views/items/marketplace';
    const edgeKv = planet.file.urls['edgekv'];
    expect((await fetch(`${edgeKv}/api/v1/${item}`)).status).toBe(401);
    const write = await fetch(`${edgeKv}/edgekv/v1/networks/production/${item}`, { method: 'PUT', body: 'mine' });
    expect(write.status).toBe(401);
  });
});
