import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { callerOf, type Flag } from './fixtures/caller.ts';
import { heal, hurt, popIn, statusOf } from './fixtures/faults.ts';
import { copyFlags, type FlagsCopy } from './fixtures/flags-copy.ts';
import { endPlanets, type Planet, planetFile, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { descendants, isRunning, kill, lockstep, programOf } from './fixtures/processes.ts';
import { createPublishMore } from './fixtures/publish-more.ts';

const FLAG = 'pricing.fareBundlingV2';
const STALE_AFTER_MS = 2_500;

let planet: Planet;
let flags: FlagsCopy;

beforeAll(async () => {
  flags = await copyFlags();
  planet = await startPlanet({ env: { LOCKSTEP_STALE_AFTER_MS: String(STALE_AFTER_MS) } });
  const publish = createPublishMore(flags, planet);
  publishMore = async () => (await publish()).version;
});
afterEach(() => heal(planet));
afterAll(async () => {
  await endPlanets();
  await flags.remove();
});

/** Publishes a little more; returns the version. */
let publishMore: () => Promise<number>;

/** A decision at a POP. */
async function decision(pop: string): Promise<Flag> {
  const edge = planet.file.urls[`edge-${pop}`] as string;
  const { status, json } = await callerOf({ edge, file: planet.file }).one(FLAG, { targetingKey: 'user-1' });
  expect(status).toBe(200);
  return json as Flag;
}

const served = (pop: string, version: number): Promise<true> =>
  until(`${pop} serves version ${version}`, async () => {
    const { metadata, reason } = await decision(pop);
    return metadata['version'] === version && reason !== 'STALE' ? true : undefined;
  });

const popStatus = async (pop: string) => popIn(await statusOf(planet), pop);

describe('a POP whose link is cut', () => {
  it('I3, I7, B17: keeps serving what it has, says its age, turns STALE past the bound, and follows when healed', async () => {
    await hurt(planet, 'edge-dub', 'cut');
    const before = (await decision('dub')).metadata['version'] as number;
    const version = await publishMore();
    await Promise.all([served('iad', version), served('sin', version)]);
    const stale = await until('dub says STALE', async () => {
      const answer = await decision('dub');
      return answer.reason === 'STALE' ? answer : undefined;
    });
    expect(stale).toMatchObject({ metadata: { version: before, freshReason: 'SPLIT' } });
    const [dub, iad] = [await popStatus('dub'), await popStatus('iad')];
    expect(dub).toMatchObject({ version: before, stale: true });
    expect(dub?.ageMs).toBeGreaterThan(STALE_AFTER_MS);
    expect(dub?.storeErrors).toBeGreaterThan(0);
    expect(iad).toMatchObject({ version, stale: false });
    await hurt(planet, 'edge-dub', 'heal');
    await served('dub', version);
    expect(await popStatus('dub')).toMatchObject({ version, stale: false });
  });

  it('is the only one that is cut off, and heals by itself where the fault has an end', async () => {
    await hurt(planet, 'edge-sin', 'cut', { forMs: 1_500 });
    const { links } = await statusOf(planet);
    const cut = links.filter(({ faults }) => faults.length > 0).map(({ name }) => name);
    expect(cut).toEqual(['edge-sin/stream', 'edge-sin/kv', 'edge-sin/ingest']);
    const version = await publishMore();
    await Promise.all(['iad', 'dub', 'sin'].map((pop) => served(pop, version)));
    expect((await statusOf(planet)).links.filter(({ faults }) => faults.length > 0)).toEqual([]);
  });
});

describe('a link', () => {
  it('loses calls, and the POPs follow all the same', async () => {
    for (const pop of ['iad', 'dub', 'sin']) await hurt(planet, `edge-${pop}/kv`, 'drop', { share: 0.5 });
    const version = await publishMore();
    await Promise.all(['iad', 'dub', 'sin'].map((pop) => served(pop, version)));
    const failed = (): Promise<true> =>
      until('a call was lost', async () => {
        await Promise.all(['iad', 'dub', 'sin'].map(decision));
        return (await statusOf(planet)).links.some(({ name, failed }) => name.endsWith('/kv') && failed > 0)
          ? true
          : undefined;
      });
    await failed();
  });

  it('delays what a POP reads, but never what it answers', async () => {
    for (const store of ['stream', 'kv']) await hurt(planet, `edge-iad/${store}`, 'delay', { ms: 60_000 });
    const version = await publishMore();
    await Promise.all([served('dub', version), served('sin', version)]);
    const answer = await decision('iad');
    expect(answer.metadata['version']).toBeLessThan(version);
    await heal(planet);
    // The call that is under way stays as slow as it was: a POP that is started again has none.
    await hurt(planet, 'edge-iad', 'restart');
    await served('iad', version);
  });

  it('is no matter to a POP whose region hears at once what its store shows only later', async () => {
    await hurt(planet, 'edge-sin/kv', 'lag', { ms: 90_000 });
    await served('sin', await publishMore());
  });

  it('shows a POP that hears of no region what was written only later: Singapore in ninety seconds', async () => {
    const before = (await decision('sin')).metadata['version'];
    const asked = async () => (await statusOf(planet)).links.find(({ name }) => name === 'edge-sin/kv')?.calls ?? 0;
    await hurt(planet, 'edge-sin/stream', 'cut');
    const calls = await asked();
    // From then on its store shows it nothing older than that.
    await until('sin has asked its store', async () => (await asked()) > calls + 3);
    await hurt(planet, 'edge-sin/kv', 'lag', { ms: 90_000 });
    const version = await publishMore();
    await Promise.all([served('iad', version), served('dub', version)]);
    await until('sin has looked again', async () => ((await popStatus('sin'))?.ageMs ?? 0) < 1_500);
    expect((await decision('sin')).metadata['version']).toBe(before);
    await heal(planet);
    await served('sin', version);
  });
});

describe('lockstep planet heal', () => {
  it('takes its argument as it is for the name of a link', async () => {
    await hurt(planet, 'edge-dub/kv', 'cut');
    const env = { LOCKSTEP_STATE: planet.state };
    const { code, stderr } = await lockstep(['planet', 'heal', 'edge-dub?x'], { env });
    expect([code, stderr]).toEqual([1, expect.stringContaining('there is no "edge-dub?x"')]);
    const healed = await lockstep(['planet', 'heal', 'edge-dub/kv'], { env });
    expect([healed.code, healed.stdout]).toEqual([0, 'healed: edge-dub/kv\n']);
  });
});

describe('a process of the planet', () => {
  const pid = async (name: string): Promise<number> => (await planetFile(planet.state))?.processes[name] as number;

  it.each(['edge-dub', 'control', 'publisher', 'stream', 'ingest', 'kv'])(
    'is brought back on the same port and with the same memory when it is killed: %s',
    async (name) => {
      const [before, urls, version] = [await pid(name), planet.file.urls, (await statusOf(planet)).publisher?.version];
      expect(descendants(planet.file.pid).map((one) => [one, programOf(one).slice(0, 7)])).toContainEqual([
        before,
        'workerd',
      ]);
      kill(before);
      await until('it has another pid', async () => ![before, undefined].includes(await pid(name)));
      expect(isRunning(await pid(name))).toBe(true);
      await until('all of it answers', async () => {
        const { processes, control, publisher, ingest, pops } = await statusOf(planet);
        const one = processes.find((process) => process.name === name);
        return (
          one?.restarts !== 0 &&
          control?.environments[0]?.version === version &&
          publisher?.version === version &&
          ingest !== null &&
          pops.every((pop) => pop.status)
        );
      });
      expect((await planetFile(planet.state))?.urls).toEqual(urls);
      await served('dub', version as number);
    },
  );

  it('stays away for as long as its restart says, and then serves what is in force', async () => {
    const { version = 0 } = (await popStatus('sin')) ?? {};
    await hurt(planet, 'edge-sin', 'restart', { forMs: 3_000 });
    await until('it is down', async () => (await pid('edge-sin')) === undefined);
    await expect(decision('sin')).rejects.toThrow();
    await expect(hurt(planet, 'edge-sin', 'restart')).rejects.toThrow(/HTTP 409 .*edge-sin is restarting already/);
    await expect(hurt(planet, 'edge-sin', 'kill')).rejects.toThrow(/HTTP 409 .*edge-sin is not running/);
    await until('it is back', async () => (await pid('edge-sin')) !== undefined);
    await served('sin', version as number);
  });

  it('waits for its port where somebody has taken that meanwhile, for others know it by no other', async () => {
    const port = Number(new URL(planet.file.urls['edge-dub'] as string).port);
    await hurt(planet, 'edge-dub', 'restart', { forMs: 1_000 });
    await until('it is down', async () => (await pid('edge-dub')) === undefined);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const log = join(planet.state, 'logs', 'edge-dub.log');
    await until('it has tried', async () => (await readFile(log, 'utf8')).includes('ERR_ADDRESS_IN_USE'));
    await new Promise((resolve) => other.close(resolve));
    await until('it is back', async () => (await pid('edge-dub')) !== undefined);
    const version = await until('iad says its version', async () => (await popStatus('iad'))?.version ?? undefined);
    await served('dub', version);
  });
});
