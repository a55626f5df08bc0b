import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { PlanetKeys } from '../../scripts/planet/keys.ts';
import { expectToAnswer, nodesBelow, workerdsBelow } from './fixtures/expect-planet.ts';
import { statusOf } from './fixtures/faults.ts';
import {
  endPlanets,
  newState,
  oneAtATime,
  type Planet,
  planetFile,
  ready,
  START_DEADLINE_MS,
  startPlanet,
} from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { descendants, isRunning, kill, killAlone, runScript, STACK, startScript } from './fixtures/processes.ts';

afterAll(endPlanets);

const start = (state: string, args: readonly string[] = []) =>
  startScript('scripts/start.ts', ['--no-services', ...args], { env: { LOCKSTEP_STATE: state } });

const portsOf = ({ file }: Planet): number[] => Object.values(file.urls).map((url) => Number(new URL(url).port));

describe('a planet that begins where something is in its way', () => {
  it('takes other ports where its own are taken', async () => {
    const own = [8700, 8701, 8702, 8703, 8704, 8705, 8710, 8711, 8712, 8720];
    const servers = await Promise.all(own.map(occupy));
    // One that another planet has may come free at any moment.
    const taken = own.filter((_, at) => servers[at]?.listening);
    const planet = await startPlanet();
    for (const server of servers) server.close();
    for (const port of portsOf(planet)) expect([0, ...taken]).not.toContain(port);
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

  describe('in a folder', () => {
    let state: string;
    let first: Planet;

    it('whose files are cut off, starts all the same', async () => {
      state = await newState();
      for (const name of ['planet.json', 'keys.json', 'lock']) await writeFile(join(state, name), '{"pid": 1');
      first = await startPlanet({ state });
      await expectToAnswer(first);
      await first.stop();
    });

    it('of an older planet completes its keys, and keeps those that it has', async () => {
      const keys = JSON.parse(await readFile(join(state, 'keys.json'), 'utf8')) as PlanetKeys;
      const { server, client, publisher } = keys.bearer;
      await writeFile(
        join(state, 'keys.json'),
        JSON.stringify({ signing: keys.signing, bearer: { server, client, publisher } }),
      );
      const planet = await startPlanet({ state });
      expect(planet.file.keys).toMatchObject({ server, client, publisher });
      expect(planet.file.keys['breakGlass']).not.toBe(first.file.keys['breakGlass']);
      await expectToAnswer(planet);
      await planet.stop();
    });

    it('that has lost the key with which everything stored is signed, says what to do', async () => {
      await writeFile(join(state, 'keys.json'), '{"sign');
      const { code, stderr } = await runScript('scripts/start.ts', [], { env: { LOCKSTEP_STATE: state } });
      expect([code, stderr]).toEqual([1, expect.stringMatching(/--fresh/)]);
      expect(stderr).not.toMatch(STACK);
      const planet = await startPlanet({ state, args: ['--fresh'] });
      await expectToAnswer(planet);
      await planet.stop();
    });
  });

  it('founds the marketplace once where it was killed while it did', async () => {
    const state = await newState();
    await oneAtATime(async () => {
      const first = start(state);
      await until('it is that far', () => first.stderr().includes('founding the marketplace'), START_DEADLINE_MS);
      await killAlone(first);
    });
    const planet = await startPlanet({ state });
    const { control, publisher } = await statusOf(planet);
    // Founded, and published.
    expect([control?.entries, control?.environments[0]?.version, publisher?.version]).toEqual([2, 1, 1]);
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
  }, 300_000);

  it('is one of two that were started at the same time in one folder, and the other says so', async () => {
    const state = await newState();
    await oneAtATime(async () => {
      const both = [start(state), start(state)];
      const first = await until('one of them has ended', () => both.find((one) => one.exit() !== undefined));
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
    ['when it has some', (pid) => workerdsBelow(pid).length > 2],
    ['when it has all', (pid) => workerdsBelow(pid).length >= 7],
    ['when EdgeKV and sandboxes come up', (pid) => nodesBelow(pid).length > 1],
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
