import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PublisherAnswer } from '../../scripts/cli/publisher.ts';
import type { PopVersion } from '../../scripts/cli/served-version.ts';
import { callerOf, type Flag } from './fixtures/caller.ts';
import { FLAG } from './fixtures/expect-planet.ts';
import { heal, hurt, statusOf } from './fixtures/faults.ts';
import { copyFlags, FARE_SHARE, type FlagsCopy, fareShare, RANK_SHARE, rankShare } from './fixtures/flags-copy.ts';
import { endPlanets, type Planet, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { type Finished, lockstep } from './fixtures/processes.ts';
import { publishApproved } from './fixtures/publish-approved.ts';

interface Followed extends PublisherAnswer {
  readonly pops: readonly PopVersion[];
}

const POPS = ['iad', 'dub', 'sin', 'ams', 'nrt'];

let planet: Planet;
let flags: FlagsCopy;

beforeAll(async () => {
  flags = await copyFlags();
  planet = await startPlanet();
});
afterEach(() => heal(planet));
afterAll(async () => {
  await endPlanets();
  await flags.remove();
});

const run = (...args: string[]): Promise<Finished> => lockstep(args, { env: { LOCKSTEP_STATE: planet.state } });

async function decision(pop: string, user: string): Promise<Flag> {
  const edge = planet.file.urls[`edge-${pop}`] as string;
  return (await callerOf({ edge, file: planet.file }).one(FLAG, { targetingKey: user })).json as Flag;
}

const served = (pop: string, version: number): Promise<Flag> =>
  until(`${pop} serves version ${version}`, async () => {
    const flag = await decision(pop, 'user-1');
    return flag.metadata['version'] === version ? flag : undefined;
  });

describe('I10: break-glass', () => {
  it('rolls a bad flag back while all the rest is dark, and says why in the journal', async () => {
    await flags.edit('pricing.yaml', FARE_SHARE, fareShare(100));
    expect(await publishApproved(planet, flags.path)).toBe(2);
    for (const pop of POPS) expect(await served(pop, 2)).toMatchObject({ variant: 'v2' });
    // Nobody reaches control, ingest is gone, and three of five POPs hear nothing any more.
    await hurt(planet, 'control', 'cut');
    await hurt(planet, 'ingest', 'restart', { forMs: 60_000 });
    for (const pop of ['dub', 'sin', 'nrt']) await hurt(planet, `edge-${pop}`, 'cut');
    const { code, stdout, stderr } = await run('rollback', FLAG, '--reason', 'two prices in one session', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const answer = JSON.parse(stdout) as Followed & { readonly journalId: number };
    expect(answer).toMatchObject({ version: 3, published: true, changes: { [FLAG]: 'return' } });
    expect(answer.pops).toMatchObject([
      { name: 'iad', version: 3, stale: false },
      { name: 'dub', version: 2 },
      { name: 'sin', version: 2 },
      { name: 'ams', version: 3, stale: false },
      { name: 'nrt', version: 2 },
    ]);
    expect(await served('iad', 3)).toMatchObject({ variant: 'control' });
    for (const pop of ['dub', 'nrt']) {
      expect(await decision(pop, 'user-1')).toMatchObject({ variant: 'v2', metadata: { version: 2 } });
    }
    await heal(planet);
    for (const pop of ['dub', 'sin', 'nrt']) expect(await served(pop, 3)).toMatchObject({ variant: 'control' });
  });

  it('is not undone by publishing the same once more, and is told of', async () => {
    const { code, stdout } = await run('publish', flags.path);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/nothing changes\nversion 3 stays in force\n/)]);
    expect(stdout).toMatch(/These flags were rolled back.*\nreturn 3 .*two prices in one session/);
    expect((await statusOf(planet)).publisher).toMatchObject({ version: 3, unacknowledged: 1 });
  });

  it('is not undone by the next publish of something else, which takes it over into the log first', async () => {
    await flags.edit('search.yaml', RANK_SHARE, rankShare(30));
    const { code, stdout } = await run('publish', flags.path);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^search\.rankingModel .*\npublished version 4(.*\n)*every POP serves version 4\n$/),
    ]);
    expect((await statusOf(planet)).publisher).toMatchObject({ version: 4, unacknowledged: 0 });
    for (const pop of POPS) expect(await served(pop, 4)).toMatchObject({ variant: 'control' });
    const log = await run('audit', 'list', '--key', FLAG, '--json');
    expect(log.stdout).toMatch(/two prices in one session/);
  });

  it('is undone by whoever publishes that on purpose, once somebody else approves: what was taken back is no return', async () => {
    expect(await publishApproved(planet, flags.path)).toBe(5);
    for (const pop of POPS) expect(await served(pop, 5)).toMatchObject({ variant: 'v2' });
  });

  it('reaches stores that are out of reach as soon as they are not', async () => {
    await hurt(planet, 'publisher', 'cut');
    const { code, stdout } = await run('rollback', FLAG, '--reason', 'the store is dark', '--version', '1', '--json');
    const { version, targets, pops } = JSON.parse(stdout) as Followed;
    expect(pops).toMatchObject(POPS.map((name) => ({ name, version: version - 1 })));
    expect([code, targets.map(({ state }) => state)]).toEqual([2, ['failing', 'failing', 'failing', 'failing']]);
    expect(await decision('iad', 'user-1')).toMatchObject({ variant: 'v2', metadata: { version: version - 1 } });
    const again = await run('rollback', FLAG, '--reason', 'the same', '--version', '1', '--no-wait');
    expect([again.code, again.stdout]).toEqual([2, expect.stringMatching(/^no target holds version \d+: /m)]);
    await heal(planet);
    for (const pop of POPS) expect(await served(pop, version)).toMatchObject({ variant: 'control' });
  });

  it('is still in force, and still in the journal, after the publisher was killed', async () => {
    const { publisher } = await statusOf(planet);
    await hurt(planet, 'publisher', 'kill');
    const after = await until('the publisher answers again', async () => {
      const { publisher: answer, processes } = await statusOf(planet);
      const { restarts = 0 } = processes.find(({ name }) => name === 'publisher') ?? {};
      return restarts > 0 ? (answer ?? undefined) : undefined;
    });
    // Whether a target of EdgeKV's has been looked at since is a matter of seconds.
    const [now, before] = [after, publisher].map((one) => ({ ...one, targets: one?.targets.slice(0, 1) }));
    expect(now).toEqual(before);
  });

  it('is listed by lockstep journal, page by page', async () => {
    const { code, stdout } = await run('journal');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^entry +time +kind +version +by +acknowledged +changes +reason\n1 /),
    ]);
    expect(stdout).toMatch(/^3 .* return +3 .* pricing\.fareBundlingV2.* two prices in one session$/m);
    const page = JSON.parse((await run('journal', '--after', '1', '--limit', '2', '--json')).stdout) as object;
    expect(page).toMatchObject({
      entries: [
        { id: 2, kind: 'publish' },
        { id: 3, kind: 'return' },
      ],
      next: 3,
    });
  });

  it('cannot be asked for while the publisher alone is down: that is said, and not that no planet runs', async () => {
    await hurt(planet, 'publisher', 'restart', { forMs: 60_000 });
    await until('it is down', async () =>
      (await statusOf(planet)).processes.some(({ name, state }) => name === 'publisher' && state === 'down'),
    );
    const { code, stdout, stderr } = await run('journal');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe('the planet runs, but its publisher does not answer: npm run lockstep -- planet status\n');
  });
});
