import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketOf } from '#core/bucket';
import { createContext } from '#core/context';
import { xxh32 } from '#core/xxh32';
import { type Caller, callerOf, type Flag } from './fixtures/caller.ts';
import { copyFlags, FARE_SHARE, type FlagsCopy, fareShare } from './fixtures/flags-copy.ts';
import { rulesetInForce, storedText } from './fixtures/in-force.ts';
import { endPlanets, newState, type Planet, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { type Finished, killAlone, lockstep, STACK } from './fixtures/processes.ts';

const FLAG = 'pricing.fareBundlingV2';

let planet: Planet;
let server: Caller;
let flags: FlagsCopy;

beforeAll(async () => {
  flags = await copyFlags();
  planet = await startPlanet();
  server = callerOf(planet);
});
afterAll(async () => {
  await endPlanets();
  await flags.remove();
});

const publish = (args: readonly string[] = [], state = planet.state): Promise<Finished> =>
  lockstep(['publish', flags.path, ...args], { env: { LOCKSTEP_STATE: state } });

/** What lies in the store, to the letter. */
const stored = (): Promise<string> => storedText(planet);
const version = async (): Promise<number> => (await rulesetInForce(planet)).claims.version;

/** The flag for a user, once the POP serves that version. */
const servedAt = (wanted: number, user: string): Promise<Flag> =>
  until(`the POP serves version ${wanted}`, async () => {
    const flag = (await server.one(FLAG, { targetingKey: user })).json as Flag;
    return flag.metadata['version'] === wanted ? flag : undefined;
  });

/** A user who sees the new bundles at 25 % but not yet at 5 %. */
function newcomer(): string {
  const seed = xxh32('x7Kq2mPd', 0);
  const holdout = xxh32('h5Vn0cXe', 0);
  for (let at = 0; ; at++) {
    const context = createContext({ targetingKey: `user-${at}` });
    const bucket = bucketOf(context, undefined, seed);
    if (bucket >= 5_000 && bucket < 25_000 && bucketOf(context, undefined, holdout) >= 2_000) return `user-${at}`;
  }
}

describe('lockstep publish', () => {
  it('changes nothing where nothing has changed', async () => {
    const before = await stored();
    const { code, stdout } = await publish();
    expect([code, stdout]).toEqual([0, expect.stringMatching(/nothing changes\s+version 1 stays in force/)]);
    expect(await stored()).toBe(before);
  });

  it('says with --dry-run what would change, and writes nothing', async () => {
    await flags.edit('pricing.yaml', FARE_SHARE, fareShare(25));
    const before = await stored();
    const { code, stdout } = await publish(['--dry-run']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/pricing\.fareBundlingV2 +move +20 % of \w+ move/)]);
    expect(stdout).toMatch(/version 1 stays in force\nnote: classified without the publisher/);
    const asJson = JSON.parse((await publish(['--dry-run', '--json'])).stdout) as object;
    expect(asJson).toMatchObject({ version: 1, published: false, changes: { [FLAG]: 'move' } });
    expect(asJson).toMatchObject({ note: expect.stringMatching(/^classified without the publisher/) });
    expect(asJson).toMatchObject({ moved: [{ flag: FLAG, buckets: 20_000 }] });
    expect(await stored()).toBe(before);
  });

  it('raises the version after an edit, and the POP follows', async () => {
    const user = newcomer();
    expect(await servedAt(1, user)).toMatchObject({ variant: 'control', metadata: { revision: 1 } });
    const { code, stdout } = await publish();
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(
        /published version 2\ntarget kv +written +version 2\n(target edgekv-.*\n){2}every POP serves version 2\n$/,
      ),
    ]);
    expect(await version()).toBe(2);
    expect(await servedAt(2, user)).toMatchObject({ variant: 'v2', metadata: { version: 2, revision: 2 } });
    const untouched = (await server.one('search.mapView', {})).json as Flag;
    expect(untouched.metadata).toMatchObject({ version: 2, revision: 1 });
  });

  it('changes nothing the second time', async () => {
    const before = await stored();
    const again = await publish(['--json']);
    expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { version: 2, published: false, changes: {} }]);
    expect(await stored()).toBe(before);
  });

  it.each<[string, string, string, RegExp]>([
    ['a variation that there is not', FARE_SHARE, 'weights: { v3: 5 }', /pricing\.yaml:\d+:\d+ .*v3/],
    ['a flag without a type', '    type: number\n', '', /pricing\.yaml:\d+:\d+ .*type/],
    ['YAML that is none', 'flags:\n', 'flags: [\n', /pricing\.yaml:\d+:\d+ /],
  ])('publishes nothing of a folder with %s, and says where', async (_, from, to, place) => {
    const before = await stored();
    const broken = await copyFlags();
    await broken.edit('pricing.yaml', from, to);
    const { code, stdout, stderr } = await lockstep(['publish', broken.path], {
      env: { LOCKSTEP_STATE: planet.state },
    });
    await broken.remove();
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(place);
    expect(stderr).not.toMatch(STACK);
    expect(await stored()).toBe(before);
  });

  it('R14: asks before it takes most of the flags away, and does as it is told', async () => {
    const before = await stored();
    const few = await copyFlags();
    const names = ['account', 'mobile', 'platform', 'search'];
    await Promise.all(names.map((name) => rm(few.file(`${name}.yaml`))));
    const run = (...args: string[]) =>
      lockstep(['publish', few.path, ...args], { env: { LOCKSTEP_STATE: planet.state } });
    const { code, stdout, stderr } = await run();
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/publish again with --confirm size/)]);
    expect(await stored()).toBe(before);
    const meant = await run('--confirm', 'size');
    expect([meant.code, meant.stdout]).toEqual([0, expect.stringMatching(/published version 3/)]);
    await few.remove();
    expect((await publish(['--confirm', 'size'])).stdout).toMatch(/published version 4/);
  });

  it('publishes nothing of a folder that is empty or that there is not', async () => {
    const before = await stored();
    for (const path of [await newState(), '/no/such/folder']) {
      const { code, stderr } = await lockstep(['publish', path], { env: { LOCKSTEP_STATE: planet.state } });
      expect([code, stderr]).toEqual([1, expect.stringContaining(path)]);
    }
    expect(await stored()).toBe(before);
  });

  it('says so and exits 1 where no planet runs', async () => {
    const { code, stdout, stderr } = await publish([], await newState());
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/no planet is running/)]);
  });

  it('R12: at the same time as another gives each a version of its own, or refuses one', async () => {
    const copies = await Promise.all([copyFlags(), copyFlags()]);
    for (const [at, copy] of copies.entries()) {
      await copy.edit('pricing.yaml', FARE_SHARE, fareShare(25));
      await copy.edit('account.yaml', 'weights: { stripe: 40 }', `weights: { stripe: ${50 + at} }`);
    }
    const env = { LOCKSTEP_STATE: planet.state };
    const both = await Promise.all(copies.map(({ path }) => lockstep(['publish', path, '--json'], { env })));
    await Promise.all(copies.map((copy) => copy.remove()));
    const versions = both.filter(({ code }) => code === 0).map(({ stdout }) => JSON.parse(stdout).version as number);
    expect(versions.length).toBeGreaterThan(0);
    expect(new Set(versions).size, `both published version ${versions[0]}`).toBe(versions.length);
  });

  it('is still in force after a restart of the planet', async () => {
    const [published, before] = [await version(), await stored()];
    await planet.stop();
    planet = await startPlanet({ state: planet.state });
    server = callerOf(planet);
    expect(await version()).toBe(published);
    expect(await stored()).toBe(before);
    expect(await servedAt(published, newcomer())).toMatchObject({ variant: 'v2' });
  });

  it('says so and exits 1, without a stack, where the planet was killed', async () => {
    await killAlone(planet.process);
    const { code, stderr } = await publish();
    expect(code).toBe(1);
    expect(stderr).not.toMatch(STACK);
    expect(stderr).toMatch(/no planet is running, the last one was killed/);
  });
});
