/** The stream in workerd, relays and services, all of them processes: one region is cut off, then everything upstream is killed. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../scripts/planet/free-port.ts';
import { until } from '../e2e/fixtures/poll.ts';
import { endAll, kill } from '../e2e/fixtures/processes.ts';
import { endHomes, newFolder, type RelayProcess, startRelay, statusOf } from '../e2e/fixtures/relay-process.ts';
import type { RawEntry } from '../unit/fixtures/lines.ts';
import { createSigner, type Signer } from '../unit/fixtures/signing.ts';
import { hashOf } from '../unit/relay/fixtures/held.ts';
import { type BookingProcess, startBooking } from './fixtures/booking-process.ts';
import { closeLinks, createRoughLink, type RoughLink } from './fixtures/rough-link.ts';
import { type BoardRow, createStreamProcess, type StreamProcess } from './fixtures/stream-process.ts';

const STALE_AFTER_MS = 6_000;
/** A stream is found dead after 15 s, the next is opened within 30 s and a word is said within 5 s more: that, with something on top. */
const HEALING_MS = 90_000;
const SDK_KEYS = JSON.stringify(['server', 'relay'].map((kind) => ({ kind, sha256: hashOf(kind) })));

interface Region {
  readonly name: string;
  readonly link: RoughLink;
  readonly port: number;
  readonly folders: { readonly relay: string; readonly booking: string };
  relay: RelayProcess;
  booking: BookingProcess;
}

let signer: Signer;
let stream: StreamProcess;
let [dub, iad]: Region[] = [] as never;

/** A flag of which so many of 100,000 users get the new variation. */
const bundling = (users: number, revision: number): RawEntry => ({
  ...{ k: 'pricing.fareBundlingV2', r: revision, s: 'x7Kq2mPd', o: 0 },
  v: [
    ['control', 'control', 'aaaaaaaa'],
    ['v2', 'v2', 'bbbbbbbb'],
  ],
  f: users === 0 ? 0 : [0, [1, users, 0, 100_000]],
});

beforeAll(async () => {
  signer = await createSigner();
  stream = await createStreamProcess(signer);
  await stream.start();
  await stream.publish(1, [bundling(0, 1)]);
  [dub, iad] = await Promise.all([startRegion('dub'), startRegion('iad')]);
});
afterAll(async () => {
  endAll();
  closeLinks();
  await stream.stop();
  await endHomes();
});

async function startRegion(name: string): Promise<Region> {
  const folders = { relay: await newFolder(), booking: await newFolder() };
  const place = { name, folders, link: await createRoughLink(stream.url()), port: await freePort(0) };
  const relay = await relayOf(place);
  await until('it has a ruleset', async () => Number((await statusOf(relay))['version']) >= 1);
  return { ...place, relay, booking: await bookingOf(place) };
}

type PlaceOf = Pick<Region, 'name' | 'link' | 'port' | 'folders'>;

const relayOf = ({ name, link, port, folders }: PlaceOf): Promise<RelayProcess> =>
  startRelay({
    ...{ home: link, publicKey: signer.publicKey, folder: folders.relay, region: name },
    env: { PORT: String(port), SDK_KEYS, STALE_AFTER_MS: String(STALE_AFTER_MS) },
  });

const bookingOf = ({ name, port, folders }: PlaceOf): Promise<BookingProcess> =>
  startBooking({
    ...{ relayUrl: `http://127.0.0.1:${port}`, publicKey: signer.publicKey, folder: folders.booking, region: name },
    ...{ instance: `booking-${name}`, staleAfterMs: STALE_AFTER_MS },
  });

const rowOf = async (region: string): Promise<BoardRow | undefined> =>
  (await stream.board()).regions.find((row) => row.region === region);

async function evaluatedBy({ call }: RelayProcess): Promise<{ reason: string; metadata: { version: number } }> {
  const ask = { method: 'POST', body: JSON.stringify({ context: { targetingKey: 'anna' } }) };
  const answer = await call('/ofrep/v1/evaluate/flags/pricing.fareBundlingV2', ask);
  expect(answer.status).toBe(200);
  return (await answer.json()) as { reason: string; metadata: { version: number } };
}

async function expectEverybodyAt(version: number): Promise<void> {
  let board = await stream.board();
  await until(
    `everybody has ${version}`,
    async () => {
      board = await stream.board();
      return board.version === version && board.everywhere && board.regions.every(({ stale }) => stale === 0);
    },
    HEALING_MS,
  ).catch(({ message }: Error) => {
    throw new Error(`${message}: ${JSON.stringify(board)}`);
  });
  for (const { booking } of [dub, iad] as Region[]) {
    await until(`services have ${version}`, async () => (await booking.status()).version === version);
  }
}

it('B17, R16, R21, R22: dub is cut off while a flag goes to 5 %: the board says so, dub serves and says STALE, and heals', async () => {
  const { link, relay, booking } = dub as Region;
  await expectEverybodyAt(1);
  const pids = [relay.running.pid, booking.running.pid];
  link.become('cut');
  const cutAt = Date.now();
  await stream.publish(2, [bundling(5_000, 2)]);
  const row = await until(
    'dub is behind',
    async () => {
      const found = await rowOf('dub');
      return found !== undefined && found.behind > 0 ? found : undefined;
    },
    HEALING_MS,
  );
  expect(row).toMatchObject({ version: 1, behind: row.instances });
  await until('iad has it', async () => (await rowOf('iad'))?.behind === 0);
  // Its age is that of its last word, and grows.
  await until('its age is told', async () => Number((await rowOf('dub'))?.ageMs) >= STALE_AFTER_MS);
  expect(Number((await rowOf('dub'))?.ageMs)).toBeLessThan(Date.now() - cutAt + 12_000);
  expect((await stream.board()).everywhere).toBe(false);
  await until('the relay says STALE', async () => (await evaluatedBy(relay)).reason === 'STALE');
  await until('the service says STALE', async () => (await booking.status()).stale);
  expect(await booking.price('anna')).toMatchObject({ version: 1, bundling: { value: 'control', reason: 'STALE' } });
  link.become('open');
  await expectEverybodyAt(2);
  expect((await evaluatedBy(relay)).reason).not.toBe('STALE');
  expect([relay.running.exit(), booking.running.exit()]).toEqual([undefined, undefined]);
  expect([relay.running.pid, booking.running.pid]).toEqual(pids);
}, 300_000);

it('R15, R17, R23: everything upstream of the relays is killed: all reads are served, from the disk after restarts, and by offline defaults', async () => {
  const regions = [dub, iad] as Region[];
  await stream.kill();
  for (const { relay, booking } of regions) {
    await until('it says STALE', async () => (await evaluatedBy(relay)).reason === 'STALE');
    expect((await evaluatedBy(relay)).metadata.version).toBe(2);
    await until('the service says STALE', async () => (await booking.status()).stale);
    expect(await booking.price('anna')).toMatchObject({ version: 2, bundling: { reason: 'STALE' } });
    expect((await relay.call('/readyz', { key: '' })).status).toBe(200);
  }

  const begun = regions.flatMap(({ relay, booking }) => [relay.running, booking.running]);
  for (const { pid } of begun) kill(pid);
  await Promise.all(begun.map(({ exited }) => exited));
  // A service that is back before its relay is.
  const bookings = await Promise.all(regions.map(bookingOf));
  for (const [at, region] of regions.entries()) region.booking = bookings[at] as BookingProcess;
  for (const { booking } of regions)
    expect(await booking.price('anna')).toMatchObject({ version: 2, bundling: { reason: 'STALE' } });
  const relays = await Promise.all(regions.map(relayOf));
  for (const [at, region] of regions.entries()) region.relay = relays[at] as RelayProcess;
  for (const { relay } of regions) {
    expect((await evaluatedBy(relay)).metadata.version).toBe(2);
    expect((await relay.call('/readyz', { key: '' })).status).toBe(200);
  }
  const fresh = await startBooking({
    ...{ relayUrl: 'http://127.0.0.1:9', publicKey: signer.publicKey, folder: await newFolder(), region: 'dub' },
    ...{ instance: 'booking-new', staleAfterMs: STALE_AFTER_MS },
    offlineDefaults: { 'pricing.fareBundlingV2': { variation: 'v2', value: 'v2', visibility: 'server' } },
  });
  expect(await fresh.status()).toMatchObject({ state: 'offline', source: 'offline-defaults', version: null });
  expect((await fresh.price('anna')).bundling).toMatchObject({ value: 'v2', reason: 'DEFAULT' });

  await stream.start();
  // Those that were killed said no goodbye, so the board waits for them; all who live are well.
  await until(
    'both relays are back',
    async () => {
      const back = (await stream.board()).instances.filter(({ kind, connected }) => kind === 'relay' && connected);
      return back.length === 2 && back.every(({ version, stale }) => version === 2 && !stale);
    },
    HEALING_MS,
  );
  for (const { relay, booking } of regions) {
    await until('the service is live', async () => (await booking.status()).state === 'live', HEALING_MS);
    expect((await evaluatedBy(relay)).reason).not.toBe('STALE');
  }
}, 300_000);
