import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERSON_NAMES } from '../../scripts/planet/people.ts';
import { callerOf } from './fixtures/caller.ts';
import { expectToAnswer, FLAG, workerdsBelow } from './fixtures/expect-planet.ts';
import { statusOf } from './fixtures/faults.ts';
import { rulesetInForce } from './fixtures/in-force.ts';
import { endPlanets, type Planet, planetFile, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { descendants, isRunning, kill, killAlone, programOf, runScript } from './fixtures/processes.ts';

afterAll(endPlanets);

const PROCESSES = [
  'edge-iad',
  'edge-dub',
  'edge-sin',
  'edge-ams',
  'edge-nrt',
  ...['aws', 'azure', 'gcp'].flatMap((cloud) => [`relay-${cloud}`, `booking-${cloud}`]),
  'control',
  'publisher',
  'stream',
  'ingest',
  'kv',
  'edgekv',
];

describe('a planet', () => {
  let planet: Planet;
  beforeAll(async () => {
    planet = await startPlanet({ services: true });
  });

  it('says where everything is, and shows a request that works', async () => {
    const { file, process } = planet;
    expect(file).toMatchObject({ ready: true, pid: process.pid, environment: 'marketplace-production' });
    await until('it has said so', () => process.stdout().includes('Ctrl-C'));
    expect(process.stdout()).toContain(`curl -s ${planet.edge}/ofrep/v1/evaluate/flags/${FLAG}`);
    for (const url of Object.values(file.urls)) expect(process.stdout()).toContain(url);
    expect(Object.keys(file.urls)).toEqual(['planet', ...PROCESSES.filter((name) => name !== 'kv')]);
    const bearers = ['server', 'client', 'publisher', 'breakGlass', 'keyUse', 'rollout'];
    expect(Object.keys(file.keys)).toEqual([...bearers, ...PERSON_NAMES]);
    await expectToAnswer(planet);
  });

  it('runs seventeen processes, and says which', async () => {
    const { processes, pid } = planet.file;
    expect(Object.keys(processes)).toEqual(PROCESSES);
    const pids = Object.values(processes);
    expect(new Set(pids).size).toBe(17);
    expect(pids.filter((one) => !descendants(pid).includes(one))).toEqual([]);
    expect(workerdsBelow(pid).filter((one) => !pids.includes(one))).toEqual([]);
  });

  it('shows how far it is while it starts', async () => {
    const { process } = planet;
    for (const step of [/building/, /\(17 of 17\)/, /founding the marketplace/, /serve version 1/])
      expect(process.stderr()).toMatch(step);
  });

  it('I1: decides the same at each POP', async () => {
    for (const pop of ['iad', 'dub', 'sin', 'ams', 'nrt']) {
      await expectToAnswer({ ...planet, edge: planet.file.urls[`edge-${pop}`] as string });
    }
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
    expect((await readdir(planet.state)).sort()).toEqual([
      'audit.pub',
      'keys.json',
      'lock',
      'logs',
      'planet.json',
      'storage',
    ]);
    await expectToAnswer(planet);
  });

  it('leaves nothing behind at SIGTERM', async () => {
    const pids = await planet.stop('SIGTERM');
    expect(pids.length).toBeGreaterThan(1);
    expect(pids.filter(isRunning)).toEqual([]);
    expect((await readdir(planet.state)).sort()).toEqual(['audit.pub', 'keys.json', 'logs', 'storage']);
  });

  it('has the same keys, the same version and the same ruleset after a restart', async () => {
    const before = planet.file.keys;
    planet = await startPlanet({ services: true, state: planet.state });
    expect(planet.file.keys).toEqual(before);
    expect((await rulesetInForce(planet)).claims.version).toBe(1);
    expect(planet.process.stdout()).toMatch(/at version 1\b/);
    // Founded, and published: once.
    expect((await statusOf(planet)).control?.entries).toBe(2);
    await expectToAnswer(planet);
  });

  it('whose parent is killed is found by the next start, which ends what is left and works', async () => {
    const { processes } = planet.file;
    const orphans = (await killAlone(planet.process)).filter((pid) => programOf(pid).startsWith('workerd'));
    expect(orphans).toHaveLength(8);
    const others = Object.values(processes).filter((pid) => !orphans.includes(pid));
    expect(others).toHaveLength(9);
    await until('what is no workerd has ended by itself', () => !others.some(isRunning));
    expect(await planetFile(planet.state)).toEqual(planet.file);
    const next = await startPlanet({ services: true, state: planet.state });
    expect(orphans.filter(isRunning)).toEqual([]);
    expect(next.process.stderr()).toMatch(/ended \d+ process/);
    expect(next.file.keys).toEqual(planet.file.keys);
    await expectToAnswer(next);
    planet = next;
  });

  it('whose parent is killed right after it has started a process again leaves nothing that the next start does not find', async () => {
    const { file, process, state } = planet;
    kill(file.processes['edge-dub'] as number);
    // Before the file can tell of it.
    await until('it runs again', () =>
      workerdsBelow(file.pid).some((pid) => !Object.values(file.processes).includes(pid)),
    );
    const orphans = (await killAlone(process)).filter((pid) => programOf(pid).startsWith('workerd'));
    expect(orphans.length).toBeGreaterThan(4);
    planet = await startPlanet({ services: true, state });
    expect(orphans.filter(isRunning)).toEqual([]);
    await expectToAnswer(planet);
  });

  it('begins anew with --fresh: other keys, version 1, and the old keys open nothing', async () => {
    const before = planet.file.keys;
    await planet.stop('SIGINT');
    planet = await startPlanet({ services: true, state: planet.state, args: ['--fresh'] });
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
