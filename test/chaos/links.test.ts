/** What links do to streams: relays as processes, whose way home goes silent, trickles, breaks and heals. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../e2e/fixtures/poll.ts';
import { endAll } from '../e2e/fixtures/processes.ts';
import {
  endHomes,
  hasVersion,
  type RelayProcess,
  startHome,
  startRelay,
  statusOf,
} from '../e2e/fixtures/relay-process.ts';
import { listen } from '../unit/relay/fixtures/listening.ts';
import { CHANGED, ENTRIES, publish, type Serving } from '../unit/relay/fixtures/serving.ts';
import { closeLinks, createRoughLink, type RoughLink, type Way } from './fixtures/rough-link.ts';

interface Place {
  readonly link: RoughLink;
  readonly relay: RelayProcess;
}

const WAYS = ['silent', 'trickling', 'cut', 'slow'] as const satisfies readonly Way[];
const STALE_AFTER_MS = 8_000;
/** The longest pause of a relay that comes back, with something on top. */
const HEALING_MS = 45_000;
const ONE = '/ofrep/v1/evaluate/flags/checkout.form';

let home: Serving;
let places: Readonly<Record<(typeof WAYS)[number], Place>>;
let bookmarks: NodeJS.Timeout;

beforeAll(async () => {
  home = await startHome();
  await publish(home, ENTRIES, 7);
  bookmarks = setInterval(bookmark, 1_000);
  const started = await Promise.all(WAYS.map(async (way) => [way, await placeBehindALink()] as const));
  places = Object.fromEntries(started) as typeof places;
});
afterAll(async () => {
  clearInterval(bookmarks);
  endAll();
  closeLinks();
  await endHomes();
});

/** Home is where versions come from: nobody else confirms what it has. */
function bookmark(): void {
  home.held.rulesets.confirm(home.held.rulesets.current()?.claims.version ?? 0);
  home.relay.bookmark();
}

async function placeBehindALink(): Promise<Place> {
  const link = await createRoughLink(home.url);
  const env = { STALE_AFTER_MS: String(STALE_AFTER_MS) };
  const relay = await startRelay({ home: link, publicKey: home.held.signer.publicKey, env });
  await hasVersion(relay, 7);
  await until('it is connected', async () => (await upstreamOf(relay)).connected);
  return { link, relay };
}

const upstreamOf = async (relay: RelayProcess): Promise<{ connected: boolean; why?: string; attempts: number }> =>
  (await statusOf(relay))['upstream'] as { connected: boolean; why?: string; attempts: number };

async function decided({ call }: RelayProcess): Promise<Record<string, unknown>> {
  const answer = await call(ONE, { method: 'POST', body: JSON.stringify({ context: { targetingKey: 'anna' } }) });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
}

const firstFarewell = ({ running }: RelayProcess): string =>
  /"event":"disconnected","why":"([^"]*)"/.exec(running.stdout())?.[1] ?? '';

const isReady = async ({ call }: RelayProcess): Promise<boolean> => (await call('/readyz', { key: '' })).status === 200;

it('B15, B16, B17, R22, R23: relays that home does not reach notice, serve what they have, say STALE, and heal by themselves', async () => {
  const sdk = await listen(`${places.silent.relay.url}/v1/stream`, {
    ...{ authorization: 'Bearer server', 'lockstep-instance': 'booking-1' },
  });
  for (const way of WAYS) places[way].link.become(way);
  await publish(home, CHANGED, 8);

  // Latency alone keeps nobody from anything.
  await hasVersion(places.slow.relay, 8);

  const sayings = { silent: /silent for 15000 ms/, trickling: /silent for 15000 ms/, cut: /./ };
  const goesDark = async (way: keyof typeof sayings): Promise<void> => {
    const { relay } = places[way];
    await until('it says STALE', async () => (await decided(relay))['reason'] === 'STALE');
    await until('it notices', () => sayings[way].test(firstFarewell(relay)));
    expect(await decided(relay)).toMatchObject({ value: true, metadata: { version: 7 } });
    expect(await isReady(relay)).toBe(true);
    expect(await (await relay.call('/metrics')).text()).toMatch(/lockstep_relay_stale 1/);
  };
  const heals = async (way: keyof typeof sayings): Promise<void> => {
    const { relay, link } = places[way];
    const { pid } = relay.running;
    link.become('open');
    await hasVersion(relay, 8, HEALING_MS);
    await until('it is fresh', async () => (await decided(relay))['reason'] === 'STATIC');
    await until('it is connected', async () => (await upstreamOf(relay)).connected, HEALING_MS);
    expect([relay.running.pid, relay.running.exit()]).toEqual([pid, undefined]);
    expect(link.open()).toBeLessThan(5);
  };
  // The relay lives, and says how old home's word is: nobody below takes that for news.
  const isToldBelow = until('those below know', () => Number(sdk.last('bookmark')?.['ageMs']) > STALE_AFTER_MS);
  await Promise.all([
    isToldBelow.then(() => goesDark('silent')).then(() => heals('silent')),
    ...(['trickling', 'cut'] as const).map((way) => goesDark(way).then(() => heals(way))),
  ]);
  await until('those below have it', () => sdk.last('ruleset')?.['version'] === 8);
  sdk.end();
}, 300_000);
