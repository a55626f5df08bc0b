import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Published } from '../../scripts/cli/published.ts';
import { decisionAt, edgeUrl, servedAt } from './fixtures/decisions.ts';
import { FLAG } from './fixtures/expect-planet.ts';
import { heal, hurt, popIn, statusOf } from './fixtures/faults.ts';
import { copyFlags, type FlagsCopy } from './fixtures/flags-copy.ts';
import { inLanes } from './fixtures/lanes.ts';
import { endPlanets, type Planet, planetFile, startPlanet } from './fixtures/planet.ts';
import { until } from './fixtures/poll.ts';
import { isRunning, kill } from './fixtures/processes.ts';
import { createPublishMore } from './fixtures/publish-more.ts';

const AKAMAI = ['ams', 'nrt'];
const STALE_AFTER_MS = 3_000;

let planet: Planet;
let flags: FlagsCopy;
let publishMore: () => Promise<Published>;

beforeAll(async () => {
  flags = await copyFlags();
  planet = await startPlanet({ env: { LOCKSTEP_STALE_AFTER_MS: String(STALE_AFTER_MS) } });
  publishMore = createPublishMore(flags, planet);
  // That the POPs serve version 1 is known of their OFREP; pages are decided by EdgeWorkers of their own, which on a busy machine may
  // not have read it in time for the first of them.
  await Promise.all(AKAMAI.map((pop) => until(`pages at ${pop} are decided`, () => isDecided(pop))));
});

async function isDecided(pop: string): Promise<boolean> {
  const page = await fetch(`${edgeUrl(planet, pop)}/first`, { headers: cookie('user-1') });
  return Number(page.headers.get('lockstep-version')) > 0;
}
afterEach(() => heal(planet));
afterAll(async () => {
  await endPlanets();
  await flags.remove();
});

const popStatus = async (pop: string) => popIn(await statusOf(planet), pop);

const pidOf = async (name: string): Promise<number> => (await planetFile(planet.state))?.processes[name] as number;

const cookie = (user: string): HeadersInit => ({ cookie: `visitor=${user}` });

describe('a page behind Akamai', () => {
  /** Until the decision differs from what `user-1` has. */
  async function otherThan(variant: string | undefined): Promise<string> {
    for (let at = 2; ; at++)
      if ((await decisionAt(planet, 'ams', `user-${at}`)).variant !== variant) return `user-${at}`;
  }
  const pageOf = async (user: string, path: string, headers: HeadersInit = {}): Promise<string> =>
    (await fetch(`${edgeUrl(planet, 'ams')}${path}`, { headers: { ...cookie(user), ...headers } })).text();

  it.each(AKAMAI)('is decided at the edge, and says by which version: %s', async (pop) => {
    const response = await fetch(`${edgeUrl(planet, pop)}/fares`, { headers: cookie('user-1') });
    const { variant } = await decisionAt(planet, pop);
    const { version } = (await popStatus(pop)) ?? {};
    expect([response.status, response.headers.get('lockstep-version')]).toEqual([200, String(version)]);
    expect(await response.text()).toContain(`<td>${FLAG}</td><td>${variant}</td>`);
  });

  it('is kept apart by variation: whoever is decided the same sees the same page, and nobody another one', async () => {
    const other = await otherThan((await decisionAt(planet, 'ams')).variant);
    const [mine, again, theirs] = [
      await pageOf('user-1', '/kept'),
      await pageOf('user-1', '/kept'),
      await pageOf(other, '/kept'),
    ];
    expect(again).toBe(mine);
    const { variant } = await decisionAt(planet, 'ams', other);
    expect(theirs).toContain(`<td>${FLAG}</td><td>${variant}</td>`);
  });

  it('is told nothing by who claims to be the edge, also where no EdgeWorker is asked', async () => {
    const spoofed = { 'lockstep-decisions': `9;0,${FLAG}=spoofed;9;SPLIT` };
    expect(await pageOf('user-1', '/spoofed', spoofed)).not.toContain('spoofed');
    const url = `${edgeUrl(planet, 'ams')}/spoofed`;
    const undecided = await (await fetch(url, { method: 'OPTIONS', headers: spoofed })).text();
    expect(undecided).toContain('Nothing was decided for it.');
  });

  it('is none where a load balancer asks whether the POP lives', async () => {
    const response = await fetch(`${edgeUrl(planet, 'ams')}/livez`);
    expect([response.status, await response.text()]).toEqual([200, 'live']);
  });
});

describe('an Akamai POP', () => {
  it('I3, I7: whose link is cut keeps serving, says its age, turns STALE past the bound, and follows when healed', async () => {
    await hurt(planet, 'edge-ams', 'cut');
    const before = (await decisionAt(planet, 'ams')).metadata['version'] as number;
    const { version } = await publishMore();
    await Promise.all(['iad', 'nrt'].map((pop) => servedAt(planet, pop, version)));
    const stale = await until('ams says STALE', async () => {
      const answer = await decisionAt(planet, 'ams');
      return answer.reason === 'STALE' ? answer : undefined;
    });
    expect(stale).toMatchObject({ metadata: { version: before, freshReason: 'SPLIT' } });
    const ams = await popStatus('ams');
    expect(ams).toMatchObject({ version: before, stale: true });
    expect(ams?.ageMs).toBeGreaterThan(STALE_AFTER_MS);
    expect(ams?.storeErrors).toBeGreaterThan(0);
    const page = await fetch(`${edgeUrl(planet, 'ams')}/while-cut-off`, { headers: cookie('user-1') });
    expect([page.status, page.headers.get('lockstep-version')]).toEqual([200, String(before)]);
    await heal(planet);
    await servedAt(planet, 'ams', version);
    expect(await popStatus('ams')).toMatchObject({ version, stale: false });
  });

  it('sees what was written only later where its link lags, and nothing older than what it has seen', async () => {
    const before = (await decisionAt(planet, 'nrt')).metadata['version'];
    await hurt(planet, 'edge-nrt/edgekv', 'lag', { ms: 90_000 });
    const { version } = await publishMore();
    await servedAt(planet, 'ams', version);
    await until('nrt has looked again', async () => {
      const { metadata } = await decisionAt(planet, 'nrt');
      expect(metadata['version']).toBe(before);
      return ((await popStatus('nrt'))?.ageMs ?? 0) < 1_500;
    });
    expect(await popStatus('nrt')).toMatchObject({ version: before, refusals: 0 });
    await heal(planet);
    await servedAt(planet, 'nrt', version);
  });

  it.each(AKAMAI)('answers again in the middle of traffic right after its sandbox is killed: %s', async (pop) => {
    const before = await pidOf(`edge-${pop}`);
    const restarts = async (): Promise<number> =>
      (await statusOf(planet)).processes.find(({ name }) => name === `edge-${pop}`)?.restarts ?? 0;
    const restartsBefore = await restarts();
    const statuses: number[] = [];
    const { variant } = await decisionAt(planet, pop, 'user-7');
    await inLanes(8, Array(400).keys(), async (at) => {
      if (at === 100) kill(before);
      const page = await fetch(`${edgeUrl(planet, pop)}/traffic-${at}`, { headers: cookie('user-7') });
      // The page goes on whatever becomes of the EdgeWorker; who asks for a flag gets no page.
      expect(page.status).toBe(200);
      const { status, text } = await askQuietly(pop, 'user-7');
      statuses.push(status);
      if (status === 200) expect(JSON.parse(text)).toMatchObject({ variant });
    });
    expect(statuses.filter((status) => status !== 200 && status !== 500)).toEqual([]);
    expect(statuses.filter((status) => status === 500).length).toBeLessThanOrEqual(8);
    await until('it has another pid', async () => ![before, undefined].includes(await pidOf(`edge-${pop}`)));
    expect([isRunning(before), isRunning(await pidOf(`edge-${pop}`))]).toEqual([false, true]);
    expect(await restarts()).toBe(restartsBefore + 1);
    const version = await until('iad says its version', async () => (await popStatus('iad'))?.version ?? undefined);
    await servedAt(planet, pop, version);
  });

  /** What is no OFREP: a 500 of the property. */
  async function askQuietly(pop: string, user: string): Promise<{ status: number; text: string }> {
    const headers = { authorization: `Bearer ${planet.file.keys['server']}` };
    const body = JSON.stringify({ context: { targetingKey: user } });
    const response = await fetch(`${edgeUrl(planet, pop)}/ofrep/v1/evaluate/flags/${FLAG}`, {
      method: 'POST',
      headers,
      body,
    });
    return { status: response.status, text: await response.text() };
  }
});
