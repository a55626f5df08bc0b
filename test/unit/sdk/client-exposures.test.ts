import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Beacon } from '#exposure/exposure';
import { createPseudonymiser } from '#exposure/pseudonym';
import { createClientEmitter } from '#sdk/exposures/create-client-emitter';
import { createExposureTelemetry } from '#sdk/exposures/exposure-telemetry';
import { createLockstepClient } from '#sdk/node/create-lockstep-client';
import { createSigner, ENVIRONMENT, type Signer } from '../fixtures/signing.ts';
import { runClient } from './fixtures/lockstep-client.ts';
import { createTurnedClock } from './fixtures/turned-clock.ts';
import { type Edition, editionOf } from './fixtures/upstream-client.ts';

const UNIT_KEY = new Uint8Array(32).map((_, at) => at);
const USER = { targetingKey: 'anna@marketplace.example' };

let signer: Signer;
let edition: Edition;

beforeAll(async () => {
  signer = await createSigner();
  edition = await editionOf(signer, 1, [{ k: 'a.on', r: 1, o: 0, f: 1 }] as never);
});

/** An ingest, and a network that can be cut. */
function createNetwork() {
  const beacons: Beacon[] = [];
  const asked: { url: string; authorization: string | null }[] = [];
  const network = {
    ...{ beacons, asked, isDark: false },
    async fetch(url: string, { headers: sent, body }: RequestInit): Promise<Response> {
      if (network.isDark || !url.endsWith('/v1/exposures')) throw new TypeError('fetch failed');
      const headers = new Headers(sent);
      asked.push({ url, authorization: headers.get('authorization') });
      const text = headers.get('content-encoding') === 'gzip' ? gunzipSync(body as Uint8Array).toString() : `${body}`;
      beacons.push(JSON.parse(text) as Beacon);
      return Response.json({ accepted: 1, duplicates: 0, quarantined: 0, rejected: [] }, { status: 202 });
    },
  };
  return network;
}

describe('a client with exposures', () => {
  it('sends what it served and what was tracked, under pseudonyms, and counts every evaluation', async () => {
    const network = createNetwork();
    const clock = createTurnedClock();
    const emitter = createClientEmitter({
      ...{ url: 'https://ingest.example', key: 'ls_server_1', unitKey: UNIT_KEY, clock },
      ...{ fetch: network.fetch, random: () => 0.5 },
    });
    const telemetry = createExposureTelemetry(emitter, 'server', { region: 'dub', cloud: 'aws' });
    const { client } = runClient(signer, { clock, telemetry, bootstrap: edition.text });
    await clock.forward(0);
    const flags = client.flagsFor(USER);
    for (let time = 0; time < 5; time++) flags.boolean('a.on', false);
    flags.all();
    flags.boolean('a.unknown', false);
    client.track('checkout', USER, { value: 12.5, id: 'order-7', currency: 'EUR' });
    client.track('no name', USER);
    await clock.forward(1_000);
    const unit = createPseudonymiser(UNIT_KEY)('user', USER.targetingKey);
    const common = { unit, region: 'dub', cloud: 'aws', time: clock.now() - 1_000 };
    expect(network.asked).toEqual([
      { url: 'https://ingest.example/v1/exposures', authorization: 'Bearer ls_server_1' },
    ]);
    expect(network.beacons[0]).toMatchObject({
      sequence: 1,
      events: [{ flag: 'a.on', revision: 1, variation: 'on', reason: 'STATIC', version: 1, ...common }],
      outcomes: [{ name: 'checkout', value: 12.5, id: 'order-7', source: 'server', ...common }],
      ledger: { evaluated: 7, exposed: 1, outcomes: { tracked: 2, sent: 0, dropped: 1 } },
    });
    expect(Object.keys(network.beacons[0]?.events[0] ?? {})).not.toContain('type');
    expect(JSON.stringify(network.beacons)).not.toContain('anna');
    const closed = client.close();
    await clock.forward(2_000);
    await closed;
    expect(clock.running()).toBe(0);
  });
});

describe('a client with a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'client-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('R15: leaves there what did not arrive before it ended, and the next one sends it', async () => {
    const network = createNetwork();
    network.isDark = true;
    const start = () =>
      createLockstepClient({
        ...{ url: 'https://relay.example', key: 'ls_server_1', environment: ENVIRONMENT, folder },
        ...{ publicKeys: [signer.publicKey], bootstrap: edition.text, fetch: network.fetch },
        exposures: { unitKey: UNIT_KEY },
      });
    const first = start();
    expect(await first.ready()).toBe('stale');
    expect(first.flagsFor(USER).boolean('a.on', false)).toBe(true);
    first.track('checkout', USER);
    await first.close();
    expect((await readdir(join(folder, 'exposures'))).some((name) => name.endsWith('.spill'))).toBe(true);

    network.isDark = false;
    const second = start();
    await vi.waitUntil(() => network.beacons.length > 0, { timeout: 20_000 });
    await second.close();
    expect(network.beacons).toHaveLength(1);
    expect(network.beacons[0]).toMatchObject({
      ...{ sequence: 1, events: [{ flag: 'a.on' }], outcomes: [{ name: 'checkout' }] },
      ledger: { evaluated: 1, exposed: 1, spilled: 1, dropped: 0 },
    });
    expect(network.asked[0]?.url).toBe('https://relay.example/v1/exposures');
  });
});
