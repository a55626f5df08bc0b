/** Outages that last for minutes and hours, and a thousand relays that come back: the deployed code by a clock that the test turns. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGenerations } from '#ruleset/generations';
import { createLockstepClient } from '#sdk/client/create-lockstep-client';
import type { LockstepClient } from '#sdk/client/lockstep-client';
import { createLkgStore } from '#sdk/node/lkg-store';
import { createUpstream, type Upstream } from '#sdk/stream/create-upstream';
import { createDecisionCounter } from '../../workers/relay/decision-counts.ts';
import { type Home, openHome } from '../../workers/relay/home.ts';
import { cacheOf } from '../unit/fixtures/caches.ts';
import type { RawEntry } from '../unit/fixtures/lines.ts';
import { createSigner, ENVIRONMENT, type Signer } from '../unit/fixtures/signing.ts';
import { instantCrypto } from '../unit/sdk/fixtures/instant-crypto.ts';
import { createMemoryDisk } from '../unit/sdk/fixtures/memory-disk.ts';
import { createWorld, type World } from './fixtures/simulated-world.ts';

let signer: Signer;
let world: World;
beforeAll(async () => {
  signer = await createSigner();
});
beforeEach(async () => {
  world = await createWorld(signer);
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A flag of which so many of 100,000 users get the new variation. */
const bundle = (users: number, revision: number): RawEntry => ({
  ...{ k: 'pricing.bundle', r: revision, s: 'x7Kq2mPd', o: 0 },
  v: [
    ['control', 'old', 'aaaaaaaa'],
    ['v2', 'new', 'bbbbbbbb'],
  ],
  f: [0, [1, users, 0, 100_000]],
});
const OFF = [{ ...bundle(1, 1), f: 0 }];
const AT_5_PERCENT = [bundle(5_000, 2)];

const crypto = () => instantCrypto(signer.publicKey);

async function relayIn(region: string): Promise<Home> {
  const { clock, url, random } = world;
  const home = await openHome({
    ...{ url, clock, random, crypto: crypto(), fetch: world.wayFrom(region).fetch },
    settings: { environment: ENVIRONMENT, key: 'relay', staleAfterMs: MINUTE, soakMs: MINUTE },
    identity: { instance: `relay-${region}`, kind: 'relay', region, cloud: 'aws', sdk: 'relay/test', canary: false },
    disks: { rulesets: createMemoryDisk(), keys: createMemoryDisk() },
    counter: createDecisionCounter(clock.now),
  });
  home.connect(() => {});
  return home;
}

function serviceIn(region: string): LockstepClient {
  const { clock, url, random } = world;
  const generations = createGenerations({ now: clock.now });
  const store = createLkgStore({
    disk: createMemoryDisk(),
    environment: ENVIRONMENT,
    crypto: crypto(),
    clock,
    generations,
  });
  return createLockstepClient({
    ...{
      url,
      key: 'server',
      environment: ENVIRONMENT,
      publicKeys: [signer.publicKey],
      crypto: crypto(),
      clock,
      random,
    },
    fetch: world.wayFrom(region).fetch,
    instance: `booking-${region}`,
    place: { region, cloud: 'aws' },
    kept: { ...store, generations },
  });
}

const reasonAt = (service: LockstepClient) =>
  service.flagsFor({ targetingKey: 'anna' }).stringDetails('pricing.bundle', 'none').reason;
const rowOf = (region: string) => world.board().regions.find((row) => row.region === region);

describe('B17, R21, R22: dub is cut off for eleven minutes while a flag goes to 5 %', () => {
  it('is behind on the board within 5 s and for as long, serves what it has and says STALE, and heals by itself', async () => {
    await world.publish(1, OFF);
    const [dub, iad] = [await relayIn('dub'), await relayIn('iad')];
    const booking = serviceIn('dub');
    await world.clock.forward(20_000);
    expect(world.board()).toMatchObject({ version: 1, everywhere: true });
    expect(reasonAt(booking)).toBe('STATIC');

    world.wayFrom('dub').cut();
    await world.publish(2, AT_5_PERCENT);
    const cutAt = world.clock.elapsed();
    const since = (): number => world.clock.elapsed() - cutAt;
    await world.clock.forward(5_000);
    expect(iad.held.rulesets.status()).toMatchObject({ version: 2, stale: false });
    expect(world.board()).toMatchObject({ version: 2, everywhere: false });
    expect(rowOf('dub')).toMatchObject({ version: 1, instances: 2, behind: 2 });
    expect(rowOf('iad')).toMatchObject({ version: 2, behind: 0 });

    while (since() < 11 * MINUTE) {
      await world.clock.forward(5_000);
      expect(world.board().everywhere).toBe(false);
      const row = rowOf('dub');
      expect(row).toMatchObject({ version: 1, behind: 2 });
      // Its last word is at most a heartbeat older than the cut.
      expect(Math.abs((row?.ageMs ?? 0) - since())).toBeLessThanOrEqual(10_000);
      const isStale = since() > MINUTE + 6_000;
      if (isStale) expect(row?.stale).toBe(2);
      expect(booking.flagsFor({ targetingKey: 'anna' }).string('pricing.bundle', 'none')).toBe('old');
      if (since() < MINUTE - 6_000) expect(reasonAt(booking)).toBe('STATIC');
      if (isStale) expect([reasonAt(booking), dub.held.rulesets.status().stale]).toEqual(['STALE', true]);
    }

    world.wayFrom('dub').heal();
    await world.clock.forward(45_000);
    expect(dub.held.rulesets.status()).toMatchObject({ version: 2, stale: false });
    expect(booking.status()).toMatchObject({ state: 'live', version: 2 });
    expect(world.board()).toMatchObject({ version: 2, everywhere: true });
    expect(rowOf('dub')).toMatchObject({ version: 2, lowest: 2, behind: 0, stale: 0, instances: 2 });
    expect(rowOf('dub')?.ageMs).toBeLessThanOrEqual(10_000);
  });
});

describe('R15, R20, B11: everything upstream is dark for twelve hours, which is longer than any time-out, and than the signature lasts', () => {
  it('costs no read, and nobody asks more often than the backoff', async () => {
    await world.publish(1, OFF, 6 * HOUR);
    const booking = serviceIn('dub');
    await world.clock.forward(20_000);
    const way = world.wayFrom('dub');
    way.cut();
    const [answered, asked] = [world.opened.length, way.streamsAsked()];
    for (let hour = 0; hour < 12; hour++) {
      await world.clock.forward(HOUR);
      expect(booking.flagsFor({ targetingKey: 'anna' }).string('pricing.bundle', 'none')).toBe('old');
      expect(booking.status()).toMatchObject({ state: 'stale', version: 1 });
    }
    expect(world.opened).toHaveLength(answered);
    // Half of the longest pause on average, and never less than a tenth of it.
    const tries = way.streamsAsked() - asked;
    expect(tries).toBeLessThan((12 * HOUR) / 10_000);
    expect(tries).toBeGreaterThan((12 * HOUR) / MINUTE);
    way.heal();
    await world.publish(2, AT_5_PERCENT);
    await world.clock.forward(45_000);
    expect(booking.status()).toMatchObject({ state: 'live', version: 2 });
  });
});

describe('B13: a clock that jumps by a day, and back', () => {
  it('has everybody well again with the next word of home', async () => {
    await world.publish(1, OFF, 72 * HOUR);
    const relay = await relayIn('dub');
    const booking = serviceIn('dub');
    await world.clock.forward(20_000);
    for (const jump of [24 * HOUR, -24 * HOUR, -24 * HOUR, 24 * HOUR]) {
      world.clock.jump(jump);
      expect(booking.flagsFor({ targetingKey: 'anna' }).string('pricing.bundle', 'none')).toBe('old');
      await world.clock.forward(6_000);
      expect([jump, booking.status()]).toMatchObject([jump, { state: 'live', version: 1, connected: true }]);
      expect([jump, relay.held.rulesets.status()]).toMatchObject([jump, { version: 1, stale: false }]);
      expect(Number(booking.status().ageMs)).toBeLessThanOrEqual(6_000);
    }
    await world.publish(2, AT_5_PERCENT, 72 * HOUR);
    await world.clock.forward(6_000);
    expect(world.board()).toMatchObject({ version: 2, everywhere: true });
  });
});

describe('R3, R18, B18: a thousand relays that lose the stream at once', () => {
  const RELAYS = 1_000;
  const PER_SECOND = 200;

  function relayNumbered(number: number): Upstream {
    const { clock, url, random } = world;
    return createUpstream({
      ...{ url, key: 'relay', environment: ENVIRONMENT, crypto: crypto(), clock, random },
      cache: cacheOf(signer, { clock: { now: clock.now, forward: () => {} }, crypto: crypto() }),
      identity: { instance: `relay-${number}`, kind: 'relay', region: 'dub', cloud: 'aws', sdk: 'relay/test' },
      fetch: world.wayFrom('dub').fetch,
    });
  }

  it('come back no faster than they are let in, all of them within a minute, one stream each', async () => {
    await world.publish(1, OFF);
    const relays = Array.from({ length: RELAYS }, (_, number) => relayNumbered(number));
    const areIn = (): number => relays.filter((relay) => relay.status().connected).length;
    for (let second = 0; second < 60 && areIn() < RELAYS; second++) await world.clock.forward(1_000);
    expect(areIn()).toBe(RELAYS);
    const seconds = Math.max(...world.opened.map(({ at }) => at)) / 1_000;
    expect(seconds).toBeLessThan(60);
    expect(world.opened.filter(({ status }) => status === 200)).toHaveLength(RELAYS);
    for (let from = 0; from < seconds * 1_000; from += 1_000) {
      const letIn = world.opened.filter(({ at, status }) => status === 200 && at >= from && at < from + 1_000);
      // What a quiet second saved up comes on top, once.
      expect(letIn.length).toBeLessThanOrEqual(2 * PER_SECOND);
    }
    // Whoever was sent away stayed away for as long as it was told: none of them asked many times over.
    expect(world.opened.length).toBeLessThan(4 * RELAYS);
    expect(world.board().instances).toHaveLength(RELAYS);
    await Promise.all(relays.map((relay) => relay.close()));
  });
});
