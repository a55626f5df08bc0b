/**
 * A booking service of the marketplace, on Node, with flags inside: it prices trips by two of them, and says what came of it when somebody
 * checks out. What it shows of itself is what any service would have at hand: Lockstep's SDK is an object in its process.
 */
import { resolve } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { decodeBase64url } from '#core/base64url';
import { problemResponse } from '#http/problem';
import { createLockstepClient } from '#sdk/node/create-lockstep-client';
import { readCheckOut } from './check-out.ts';

const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} must be set`);
  return value;
};

const [region, cloud] = [setting('REGION'), setting('CLOUD')];
/** Without it, nobody is told who was served what. */
const unitKey = decodeBase64url(process.env['UNIT_KEY'] ?? '');

const client = createLockstepClient({
  url: setting('RELAY_URL'),
  key: setting('LOCKSTEP_KEY'),
  environment: setting('ENVIRONMENT'),
  publicKeys: JSON.parse(setting('PUBLIC_KEYS')),
  offlineDefaults: JSON.parse(setting('OFFLINE_DEFAULTS')),
  staleAfterMs: Number(setting('STALE_AFTER_MS')),
  folder: resolve(setting('CACHE_DIR')),
  instance: setting('INSTANCE'),
  place: { region, cloud },
  ...(unitKey?.byteLength === 32 && { exposures: { unitKey } }),
});

/** Euro. */
const FARE = 120;
const BUNDLE = 35;

const app = new Hono();
app.get('/livez', (c) => c.text('live', 200));
app.get('/status', (c) => {
  const { state, version, ageMs } = client.status();
  const source = state === 'offline' || state === 'starting' ? 'offline-defaults' : 'relay';
  return c.json({
    region,
    cloud,
    state,
    source,
    version: version === 0 ? null : version,
    ageMs,
    stale: state === 'stale',
  });
});

function priceFor(user: string | undefined): object {
  const flags = client.flagsFor(user === undefined ? {} : { targetingKey: user });
  const bundling = flags.stringDetails('pricing.fareBundlingV2', 'control');
  const markup = flags.numberDetails('pricing.dynamicMarkup', 4.5);
  const euro = Math.round((FARE + (bundling.value === 'v2' ? BUNDLE : 0)) * (100 + markup.value)) / 100;
  return { user: user ?? null, euro, region, cloud, version: client.status().version, bundling, markup };
}

/** `?user=` is whose price it is. */
app.get('/prices', (c) => c.json(priceFor(c.req.query('user')), 200));
/** A user who got no answer sends the same order again: what comes of an order is told by its name, and so counted once. */
app.post('/checkouts', async (c) => {
  const began = performance.now();
  const read = await readCheckOut(c.req.raw);
  if (!read.ok) return problemResponse({ status: 400, title: 'Bad Request', detail: read.error });
  const { user, order, card } = read.value;
  const price = priceFor(user);
  const isPaid = card === 'approved';
  const context = { targetingKey: user };
  client.track(isPaid ? 'checkout.completed' : 'checkout.error', context, { id: order });
  client.track('checkout.latency', context, { id: order, value: performance.now() - began });
  return c.json({ ...price, order, card }, isPaid ? 201 : 402);
});
app.notFound(() =>
  problemResponse({ status: 404, title: 'Not Found', detail: 'see /prices?user=, /checkouts, /status' }),
);

await client.ready(2_000);
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(setting('PORT')) });
process.once('SIGTERM', () => {
  server.close();
  void client.close().finally(() => process.exit(0));
});
