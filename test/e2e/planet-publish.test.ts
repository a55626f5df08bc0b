import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketOf } from '#core/bucket';
import { createContext } from '#core/context';
import { xxh32 } from '#core/xxh32';
import { type Caller, callerOf, type Flag } from './fixtures/caller.ts';
import { copyFlags, FARE_SHARE, type FlagsCopy, fareShare, RANK_SHARE, rankShare } from './fixtures/flags-copy.ts';
import { rulesetInForce, storedText } from './fixtures/in-force.ts';
import { endPlanets, newState, type Planet, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { type Finished, killAlone, lockstep, STACK } from './fixtures/processes.ts';
import { approve } from './fixtures/publish-approved.ts';

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
    expect(stdout).toMatch(/version 1 stays in force\nmust approve: 1 of pricing-on-call or release-manager/);
    const asJson = JSON.parse((await publish(['--dry-run', '--json'])).stdout) as object;
    expect(asJson).toMatchObject({ status: 'dry-run', version: 1, changes: { [FLAG]: 'move' } });
    expect(asJson).toMatchObject({ missing: [{ roles: ['pricing-on-call', 'release-manager'] }] });
    expect(asJson).toMatchObject({ moved: [{ flag: FLAG, buckets: 20_000 }] });
    expect(await stored()).toBe(before);
  });

  it('waits for a second person where a policy asks for one, the same however often it is asked, and then the POP follows', async () => {
    const [before, user] = [await stored(), newcomer()];
    expect(await servedAt(1, user)).toMatchObject({ variant: 'control', metadata: { revision: 1 } });
    const { code, stdout } = await publish();
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/version 1 stays in force\nchange request \S+ waits for/),
    ]);
    const [, request = '', person = ''] = /cr approve (\S+) --as (\S+)/.exec(stdout) ?? [];
    expect((await publish()).stdout).toContain(`change request ${request} waits already for approval`);
    expect(await stored()).toBe(before);
    expect(await approve(planet, request, person)).toBe(2);
    expect(await servedAt(2, user)).toMatchObject({ variant: 'v2', metadata: { version: 2, revision: 2 } });
    const untouched = (await server.one('search.mapView', {})).json as Flag;
    expect(untouched.metadata).toMatchObject({ version: 2, revision: 1 });
  });

  it('raises the version at once where it asks for nobody, and the POPs follow', async () => {
    await flags.edit('search.yaml', RANK_SHARE, rankShare(30));
    const { code, stdout } = await publish();
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(
        /published version 3, entry \d+ of the log\ntarget kv +written +version 3\n(target edgekv-.*\n){2}target stream +written +version 3\nevery POP serves version 3\n$/,
      ),
    ]);
    expect(await version()).toBe(3);
  });

  it('changes nothing the second time', async () => {
    const before = await stored();
    const again = await publish(['--json']);
    expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { version: 3, status: 'unchanged', changes: {} }]);
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
    const names = ['checkout', 'mobile', 'platform', 'search'];
    await few.edit('pricing.yaml', FARE_SHARE, fareShare(25));
    await Promise.all(names.map((name) => rm(few.file(`${name}.yaml`))));
    // Its slices are flags of the checkout's.
    const shared = await readFile(few.file('shared.yaml'), 'utf8');
    await writeFile(few.file('shared.yaml'), shared.replace(/^layers:\n(?: .*\n|\n)*/m, ''));
    const run = (...args: string[]) =>
      lockstep(['publish', few.path, ...args], { env: { LOCKSTEP_STATE: planet.state } });
    const { code, stdout, stderr } = await run();
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/publish again with --confirm size/)]);
    expect(await stored()).toBe(before);
    const meant = await run('--confirm', 'size');
    expect([meant.code, meant.stdout]).toEqual([0, expect.stringMatching(/published version 4/)]);
    await few.remove();
    expect((await publish(['--confirm', 'size'])).stdout).toMatch(/published version 5/);
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

  it('R12: at the same time as another gives each an entry of its own, or refuses one; both are in force, or that one', async () => {
    const copies = await Promise.all([copyFlags(), copyFlags()]);
    for (const [at, copy] of copies.entries()) {
      await copy.edit('pricing.yaml', FARE_SHARE, fareShare(25));
      await copy.edit('search.yaml', RANK_SHARE, rankShare(50 + at));
    }
    const env = { LOCKSTEP_STATE: planet.state };
    const both = await Promise.all(copies.map(({ path }) => lockstep(['publish', path, '--json'], { env })));
    await Promise.all(copies.map((copy) => copy.remove()));
    const done = both.filter(({ code }) => code === 0).map(({ stdout }) => JSON.parse(stdout) as { seq: number });
    expect(done.length).toBeGreaterThan(0);
    expect(new Set(done.map(({ seq }) => seq)).size).toBe(done.length);
    const last = done.reduce((a, b) => (a.seq > b.seq ? a : b));
    const winner = both.findIndex(({ stdout }) => stdout.includes(`"seq": ${last.seq}`));
    const kept = await lockstep(['flags', 'get', 'search.rankingModel', '--json'], { env });
    expect(JSON.parse(kept.stdout)).toMatchObject({
      body: { fallthrough: { split: { weights: { v8: 50 + winner } } } },
    });
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
