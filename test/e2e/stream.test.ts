import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { variationId } from '#ruleset/write/digest';
import { entryLines } from '#ruleset/write/line';
import type { Entry } from '#schema/entry';
import { createSigner } from '../unit/fixtures/signing.ts';
import { flag, ramp } from '../unit/publisher/fixtures/entries.ts';
import { until } from './fixtures/poll.ts';
import { type Instance, type StagedPlanet, startStagedPlanet } from './fixtures/staged-planet.ts';

const SOAK_MS = 500;

let planet: StagedPlanet;
let version = 0;
let set: readonly Entry[] = [flag('search.mapView'), ramp('pricing.fareBundlingV2', 1_000)];

beforeAll(async () => {
  planet = await startStagedPlanet(await createSigner(), SOAK_MS);
  await publish(set);
});
afterAll(() => planet.stop());

async function publish(entries: readonly Entry[], more: object = {}) {
  const answer = await planet.publish('/v1/ruleset', {
    ...{ base: version, lines: entryLines(entries), confirm: ['size'] },
    ...more,
  });
  expect(answer).toMatchObject({ status: 200, published: true });
  [version, set] = [answer.version, entries];
  return answer;
}

const textVariation = (name: string): [string, string, string] => [name, name, variationId(name)];

const moved = (buckets: number): readonly Entry[] => [flag('search.mapView'), ramp('pricing.fareBundlingV2', buckets)];

const has = (instance: Instance, asked: number): Promise<unknown> =>
  until(`${instance.name} has version ${asked}`, async () => instance.version() >= asked || undefined);

/** Once each of them was heard to have what is in force. */
const heard = (count: number): Promise<unknown> =>
  until(`${count} instances are everywhere`, async () => {
    const { everywhere, instances } = await planet.board();
    return (everywhere && instances.length === count) || undefined;
  });

describe('a publish that is staged, over HTTP', () => {
  let refuses: string | undefined;
  /** One region takes nothing. */
  let isAway = false;
  let us: Instance;
  let eu: Instance;
  let sdk: Instance;

  it('R2: reaches everybody who is connected: a move by its canary', async () => {
    us = planet.instance('relay-us', { refuses: () => refuses });
    await has(us, 1);
    eu = planet.instance('relay-eu', { region: 'northeurope', refuses: () => (isAway ? 'away' : undefined) });
    sdk = planet.instance('sdk-us', { kind: 'sdk' });
    await Promise.all([has(eu, 1), has(sdk, 1)]);
    await heard(3);
    const answer = await publish(moved(5_000));
    await Promise.all([us, eu, sdk].map((instance) => has(instance, version)));
    expect(answer).toMatchObject({ changes: { 'pricing.fareBundlingV2': 'move' }, stage: { phase: 'released' } });
    await heard(3);
    await until('Workers KV has it', async () => (await planet.storedVersion()) === version || undefined);
  });

  it('R2: R21: soaks new content in one region first; the board shows who has it, and stores wait', async () => {
    const before = version;
    await publish([...moved(5_000), flag('checkout.newForm')]);
    await Promise.all([has(us, version), has(sdk, version)]);
    expect([eu.version(), await planet.storedVersion()]).toEqual([before, before]);
    expect(await planet.board()).toMatchObject({ version: before, stage: { version, audience: 'region' } });
    await has(eu, version);
    await until('Workers KV has it', async () => (await planet.storedVersion()) === version || undefined);
  });

  it('R6: holds what the canary refuses, from everybody else and from stores, until it is taken back', async () => {
    const before = version;
    refuses = 'not today';
    const answer = await publish([...set, flag('checkout.other')]);
    expect(answer.stage).toMatchObject({
      phase: 'held',
      why: expect.stringContaining('not today'),
      everybodys: before,
    });
    expect(await planet.board()).toMatchObject({
      version: before,
      stage: { version, audience: 'canary' },
      instances: expect.arrayContaining([expect.objectContaining({ instance: 'relay-us', error: expect.anything() })]),
    });
    expect([us, eu, sdk].map((instance) => instance.version())).toEqual([before, before, before]);
    refuses = undefined;
    const back = await planet.publish('/v1/ruleset/return', { flags: ['checkout.other'], reason: 'refused' });
    version = back.version;
    set = set.filter(({ k }) => k !== 'checkout.other');
    await Promise.all([us, eu, sdk].map((instance) => has(instance, version)));
    await until('Workers KV has it', async () => (await planet.storedVersion()) === version || undefined);
    // A hold leaves nothing behind: the next one goes its way.
    await publish([...moved(6_000), flag('checkout.newForm')], { acknowledge: back.journalId });
    await Promise.all([us, eu, sdk].map((instance) => has(instance, version)));
  });

  it('I4: gives a session flag’s new variation to nobody before everybody has it, and names whom it waits for', async () => {
    const before = version;
    const flags = set;
    isAway = true;
    const fares = flag('pricing.fares', 1, { v: [textVariation('old'), textVariation('new')], c: 1 });
    const answer = await publish([...flags, fares]);
    expect(answer).toMatchObject({
      version: before + 2,
      stage: { needs: { 'pricing.fares': before + 1 } },
    });
    const expanded = [us, sdk].map((instance) => has(instance, before + 1));
    await Promise.all(expanded);
    await until('it waits for who refuses', async () => {
      const { waiting } = await planet.board();
      return waiting?.behind.places.some(({ region }) => region === 'northeurope') || undefined;
    });
    const status = await until('the publisher says so, too', async () => {
      const answer = await planet.status();
      return answer.stage.why?.includes('northeurope') ? answer : undefined;
    });
    expect(status.stage).toMatchObject({ version, phase: 'waiting', everybodys: before + 1 });
    expect(status.targets.at(-1)).toMatchObject({ name: 'stream', state: 'pending' });
    expect([us, eu, sdk].map((instance) => instance.version())).toEqual([before + 1, before, before + 1]);
    isAway = false;
    // It is given what it has refused once more where it connects anew.
    await eu.upstream.close();
    eu = planet.instance('relay-eu-2', { region: 'northeurope' });
    await Promise.all([us, eu, sdk].map((instance) => has(instance, version)));
    await until('Workers KV has it', async () => (await planet.storedVersion()) === version || undefined);
  });

  it('says goodbye where somebody leaves in order', async () => {
    await sdk.upstream.close();
    await until('it is off the board', async () => {
      const { instances } = await planet.board();
      return instances.every(({ instance }) => instance !== 'sdk-us') || undefined;
    });
  });
});
