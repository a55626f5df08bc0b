import { readdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerOf } from './fixtures/caller.ts';
import { rulesetInForce } from './fixtures/in-force.ts';
import { endPlanets, newState, oneAtATime, type Planet, planetFile, ready, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import {
  descendants,
  isRunning,
  kill,
  killAlone,
  programOf,
  runScript,
  STACK,
  startScript,
} from './fixtures/processes.ts';

const FLAG = 'pricing.fareBundlingV2';

afterAll(endPlanets);

const start = (state: string, args: readonly string[] = []) =>
  startScript('scripts/start.ts', args, { env: { LOCKSTEP_STATE: state } });

async function expectToAnswer(planet: Planet): Promise<void> {
  const { status, json } = await callerOf(planet).one(FLAG, { targetingKey: 'user-1' });
  expect([status, json]).toMatchObject([200, { key: FLAG, variant: 'control' }]);
}

const portsOf = ({ file }: Planet): number[] => Object.values(file.urls).map((url) => Number(new URL(url).port));

describe('a planet', () => {
  let planet: Planet;
  beforeAll(async () => {
    planet = await startPlanet();
  });

  it('says where everything is, and shows a request that works', async () => {
    const { file, process } = planet;
    expect(file).toMatchObject({ ready: true, pid: process.pid, environment: 'marketplace-production' });
    await until('it has said so', () => process.stdout().includes('Ctrl-C'));
    expect(process.stdout()).toContain(`curl -s ${planet.edge}/ofrep/v1/evaluate/flags/${FLAG}`);
    for (const url of Object.values(file.urls)) expect(process.stdout()).toContain(url);
    await expectToAnswer(planet);
  });

  it('is not harmed by a second start, which says that it runs and exits 1', async () => {
    const second = await runScript('scripts/start.ts', [], { env: { LOCKSTEP_STATE: planet.state } });
    expect([second.code, second.stdout]).toEqual([1, '']);
    expect(second.stderr).toMatch(new RegExp(`running already \\(pid ${planet.file.pid}\\)`));
    expect(await planetFile(planet.state)).toEqual(planet.file);
    await expectToAnswer(planet);
  });

  it('is not harmed by a second start that is to begin anew', async () => {
    const second = await runScript('scripts/start.ts', ['--fresh'], { env: { LOCKSTEP_STATE: planet.state } });
    expect(second.code).toBe(1);
    expect((await readdir(planet.state)).sort()).toEqual(['keys.json', 'lock', 'pids.json', 'planet.json', 'storage']);
    await expectToAnswer(planet);
  });

  it('leaves nothing behind at SIGTERM', async () => {
    const pids = await planet.stop('SIGTERM');
    expect(pids.length).toBeGreaterThan(1);
    expect(pids.filter(isRunning)).toEqual([]);
    expect((await readdir(planet.state)).sort()).toEqual(['keys.json', 'storage']);
  });

  it('has the same keys, the same version and the same ruleset after a restart', async () => {
    const before = planet.file.keys;
    planet = await startPlanet({ state: planet.state });
    expect(planet.file.keys).toEqual(before);
    expect((await rulesetInForce(planet)).claims.version).toBe(1);
    expect(planet.process.stdout()).toMatch(/at version 1\b/);
    await expectToAnswer(planet);
  });

  it('whose parent is killed is found by the next start, which ends what is left and works', async () => {
    const orphans = (await killAlone(planet.process)).filter((pid) => programOf(pid).startsWith('workerd'));
    expect(orphans).toHaveLength(1);
    expect(await planetFile(planet.state)).toEqual(planet.file);
    const next = await startPlanet({ state: planet.state });
    expect(orphans.filter(isRunning)).toEqual([]);
    expect(next.process.stderr()).toMatch(/ended \d process/);
    expect(next.file.keys).toEqual(planet.file.keys);
    await expectToAnswer(next);
    planet = next;
  });

  it('begins anew with --fresh: other keys, version 1, and the old keys open nothing', async () => {
    const before = planet.file.keys;
    await planet.stop('SIGINT');
    planet = await startPlanet({ state: planet.state, args: ['--fresh'] });
    for (const [name, key] of Object.entries(planet.file.keys)) expect([name, key]).not.toEqual([name, before[name]]);
    expect((await rulesetInForce(planet)).claims.version).toBe(1);
    const asked = await callerOf({ ...planet, file: { ...planet.file, keys: before } }).one(FLAG, {});
    expect(asked.status).toBe(401);
    await expectToAnswer(planet);
  });

  it('leaves nothing behind when its terminal is closed', async () => {
    const pids = await planet.stop('SIGHUP');
    expect(pids.filter(isRunning)).toEqual([]);
    expect(await planetFile(planet.state)).toBeUndefined();
  });
});

describe('a planet that begins where something is in its way', () => {
  it('takes other ports where its own are taken', async () => {
    const servers = [await occupy(8700), await occupy(8701)];
    const planet = await startPlanet();
    for (const server of servers) server.close();
    for (const port of portsOf(planet)) expect([0, 8700, 8701]).not.toContain(port);
    await expectToAnswer(planet);
    await planet.stop();
  });

  it('starts although the process of a stale planet.json is somebody else by now', async () => {
    const state = await newState();
    const stale = { ready: true, pid: process.pid, environment: 'marketplace-production', urls: {}, keys: {} };
    await writeFile(join(state, 'planet.json'), JSON.stringify(stale));
    const planet = await startPlanet({ state });
    await planet.stop();
  });

  it('starts although the files of its folder are cut off', async () => {
    const state = await newState();
    for (const name of ['planet.json', 'keys.json', 'lock', 'pids.json'])
      await writeFile(join(state, name), '{"pid": 1');
    const planet = await startPlanet({ state });
    await expectToAnswer(planet);
    await planet.stop();
  });

  it('is one of three that were started at the same time in different folders, and all come up', async () => {
    const states = [await newState(), await newState(), await newState()];
    await oneAtATime(async () => {
      const planets = await Promise.allSettled(states.map((state) => ready(start(state), state)));
      await Promise.all(planets.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
      expect(planets.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))).toEqual([]);
    });
  });

  it('is one of two that were started at the same time in one folder, and the other says so', async () => {
    const state = await newState();
    await oneAtATime(async () => {
      const both = [start(state), start(state)];
      const first = await until('one of them has ended', () => both.find((one) => one.exit() !== undefined), 15_000);
      expect([first.exit()?.code, first.stderr()]).toEqual([1, expect.stringMatching(/already/)]);
      expect(first.stderr()).not.toMatch(STACK);
      const planet = await ready(both.find((one) => one !== first) as (typeof both)[0], state);
      await expectToAnswer(planet);
      await planet.stop();
    });
  });
});

describe('a planet that is interrupted while it boots', () => {
  it.each<[string, (pid: number) => boolean]>([
    ['before it has a workerd', () => true],
    ['when it has one', (pid) => descendants(pid).some((one) => programOf(one).startsWith('workerd'))],
  ])('leaves nothing behind: %s', async (_, moment) => {
    const state = await newState();
    await oneAtATime(async () => {
      const planet = start(state);
      await until('it boots', () => planet.stderr().includes('starting') && moment(planet.pid));
      const pids = [planet.pid, ...descendants(planet.pid)];
      kill(planet.pid, 'SIGINT');
      await planet.exited;
      await until('nothing of it runs', () => !pids.some(isRunning));
      expect(await planetFile(state)).toBeUndefined();
    });
  });
});

/** Listens on a port, unless somebody does already. */
const occupy = (port: number): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(server)).listen(port, '127.0.0.1', () => resolve(server));
  });
