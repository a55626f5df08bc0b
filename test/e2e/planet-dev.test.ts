import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heal, hurt } from './fixtures/faults.ts';
import { copyFlags, FARE_SHARE, type FlagsCopy, fareShare, RANK_SHARE, rankShare } from './fixtures/flags-copy.ts';
import { rulesetInForce } from './fixtures/in-force.ts';
import { endPlanets, type Planet, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { kill, lockstep, type Running, STACK, startScript } from './fixtures/processes.ts';

const EXTRA = `flags:
  search.extra:
    description: Comes in a file of its own.
    type: boolean
    salt: nEw1fIlE
    enabled: true
    off: "off"
    fallthrough: { serve: "on" }
`;

let planet: Planet;
let flags: FlagsCopy;
let dev: Running;

beforeAll(async () => {
  flags = await copyFlags();
  planet = await startPlanet();
  dev = startScript('scripts/cli/lockstep.ts', ['dev', flags.path], { env: { LOCKSTEP_STATE: planet.state } });
});
afterAll(async () => {
  await endPlanets();
  await flags.remove();
});

const said = (text: RegExp): Promise<true> =>
  until(`dev says ${text}`, () => (text.test(dev.stdout()) ? true : undefined));

const versionInForce = async (): Promise<number> => (await rulesetInForce(planet)).claims.version;

describe('lockstep dev', () => {
  it('publishes at its start', async () => {
    await said(/^version 1 stays in force: nothing changes$/m);
  });

  it('publishes a save in place, and says how long it took until every POP served it', async () => {
    await flags.edit('search.yaml', RANK_SHARE, rankShare(10));
    await said(/^version 2 everywhere after \d+\.\d\d s \(published in \d+\.\d\d s\): search\.rankingModel move/m);
    expect(await versionInForce()).toBe(2);
  });

  it('publishes a save by a rename, as editors do it', async () => {
    const text = await readFile(flags.file('search.yaml'), 'utf8');
    await writeFile(flags.file('.search.yaml.swp'), text.replace(rankShare(10), rankShare(15)));
    await rename(flags.file('.search.yaml.swp'), flags.file('search.yaml'));
    await said(/^version 3 everywhere/m);
  });

  it('publishes a new file, and one that goes away', async () => {
    await writeFile(flags.file('extra.yaml'), EXTRA);
    await said(/^version 4 everywhere .*: search\.extra content$/m);
    await rm(flags.file('extra.yaml'));
    await said(/^version 5 everywhere .*: search\.extra content$/m);
  });

  it('says where a mistake is, stays, and publishes once it is mended', async () => {
    await flags.edit('search.yaml', rankShare(15), 'weights: { v9: 15 }');
    await until('dev says where', () => (/search\.yaml:\d+:\d+ .*v9/.test(dev.stderr()) ? true : undefined));
    expect(dev.stderr()).not.toMatch(STACK);
    expect(await versionInForce()).toBe(5);
    await flags.edit('search.yaml', 'weights: { v9: 15 }', rankShare(20));
    await said(/^version 6 everywhere/m);
  });

  it('says who has to approve a save where a policy asks for somebody, and takes it back with the next save', async () => {
    const request = async (share: number): Promise<string> => {
      const shown = /change request (\S+) waits for approval\nmust approve: 1 of pricing-on-call or release-manager/g;
      const before = [...dev.stdout().matchAll(shown)].length;
      await flags.edit('pricing.yaml', share === 6 ? FARE_SHARE : fareShare(share - 1), fareShare(share));
      return until('dev says so', () => [...dev.stdout().matchAll(shown)][before]?.[1]);
    };
    const [first, second] = [await request(6), await request(7)];
    const open = await lockstep(['cr', 'list', '--json'], { env: { LOCKSTEP_STATE: planet.state } });
    expect((JSON.parse(open.stdout) as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual([second]);
    expect(second).not.toBe(first);
    await flags.edit('pricing.yaml', fareShare(7), FARE_SHARE);
    await until('the last one is taken back', async () => {
      const { stdout } = await lockstep(['cr', 'list', '--json'], { env: { LOCKSTEP_STATE: planet.state } });
      return (JSON.parse(stdout) as { items: object[] }).items.length === 0;
    });
    expect(await versionInForce()).toBe(6);
  });

  it('says which POP is behind, and is not kept from the next save by it', async () => {
    await hurt(planet, 'edge-dub', 'cut');
    await flags.edit('search.yaml', rankShare(20), rankShare(30));
    await until('it is published', async () => (await versionInForce()) === 7);
    await flags.edit('search.yaml', rankShare(30), rankShare(40));
    await said(/^version 7 is not everywhere: .*dub serves version 6/m);
    await heal(planet);
    await said(/^version 8 everywhere/m);
  });

  it('stays while there is no planet, and goes on with the next one', async () => {
    await planet.stop();
    await flags.edit('search.yaml', rankShare(40), rankShare(45));
    await until('dev says so', () => (/no planet is running/.test(dev.stderr()) ? true : undefined));
    planet = await startPlanet({ state: planet.state });
    await flags.edit('search.yaml', rankShare(45), rankShare(50));
    await said(/^version 9 everywhere/m);
  });

  it('ends cleanly when it is interrupted', async () => {
    kill(dev.pid, 'SIGINT');
    expect(await dev.exited).toEqual({ code: 0, signal: null });
    expect(dev.stderr()).not.toMatch(STACK);
  });
});
