import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHANGED, ENTRIES, publish, type Serving } from '../unit/relay/fixtures/serving.ts';
import { createEventSourceClass } from './fixtures/event-source.ts';
import { until } from './fixtures/poll.ts';
import { endAll, runScript } from './fixtures/processes.ts';
import { endHomes, hasVersion, type RelayProcess, startHome, startRelay } from './fixtures/relay-process.ts';
import { endClients, startPolling } from './fixtures/web-provider.ts';

const BUILT = 'node_modules/.cache/relay/relay.cjs';
const opened: string[] = [];
let home: Serving;
let relay: RelayProcess;

beforeAll(async () => {
  globalThis.EventSource = createEventSourceClass(opened) as unknown as typeof EventSource;
  home = await startHome();
  await publish(home, ENTRIES, 7);
  // As it is deployed: one file.
  expect(await runScript('scripts/build-relay.ts', [BUILT])).toMatchObject({ code: 0 });
  relay = await startRelay({ home, publicKey: home.held.signer.publicKey, script: BUILT });
  await hasVersion(relay, 7);
});
afterAll(async () => {
  await endClients();
  endAll();
  await endHomes();
});

it('OFREP’s web provider hears of a change by its stream, and asks; where nothing changed for it, it is told 304', async () => {
  const site = { name: 'relay', baseUrl: relay.url, key: 'client' };
  const page = await startPolling(site, { targetingKey: 'anna' }, 0);
  expect(page.ask('checkout.form', 'boolean')).toMatchObject({ value: true, reason: 'STATIC' });
  // It asks again once it is connected, as something may have changed meanwhile.
  await until('it is told that nothing has', () => page.statuses.includes(304));
  expect(opened).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/ofrep\/v1\/events\/[\w-]{43}$/)]);
  await publish(home, CHANGED, 8);
  await until('it has the change', () => page.ask('checkout.form', 'boolean').value === false);
  await until('it says so', () => page.changes.at(-1)?.includes('checkout.form'));
  expect(page.statuses.filter((status) => status === 200)).toHaveLength(2);
  expect(opened).toHaveLength(1);
});
