/** The control plane on a workerd of one's own, behind the network that `docs/webhooks.md` says to bind. */
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare';
import { afterEach, expect, it } from 'vitest';
import { type ControlClient, createControlClient, pathOf } from '../../scripts/cli/control-client.ts';
import { buildWorker } from '../../scripts/planet/build-worker.ts';
import { deployedWorker } from '../../scripts/planet/deployed-worker.ts';
import { everybody } from '../unit/control/fixtures/people.ts';
import { startWebhookReceiver, type WebhookReceiver } from './fixtures/webhook-receiver.ts';

let miniflare: Miniflare | undefined;
let receiver: WebhookReceiver | undefined;
afterEach(async () => {
  receiver?.close();
  await miniflare?.dispose();
});

const justification = 'a test of the network';

/** A control plane that looks at no address by itself: what is left is the network that it calls by. */
async function controlBehind(allow: readonly string[]): Promise<ControlClient> {
  const token = `ls_shop.everybody.${randomBytes(32).toString('base64url')}`;
  const sha256 = createHash('sha256').update(token).digest('base64url');
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const { main, options } = await deployedWorker('control');
  const bindings = {
    ...options.bindings,
    CHECKPOINT_KEYS: JSON.stringify([jwk]),
    WEBHOOK_KEYS: JSON.stringify([jwk]),
    WEBHOOKS_ALLOW_PRIVATE: 'true',
    DIRECTORY: JSON.stringify({ shop: { principals: [{ ...everybody, sha256 }] } }),
  };
  const network = { allow: [...allow], tlsOptions: { trustBrowserCas: true } };
  const worker = { ...options, name: 'control', modules: true, script: await buildWorker(main), bindings };
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...{ host: '127.0.0.1', port: 0, cf: false, log: new Log(LogLevel.NONE), handleStructuredLogs: () => undefined },
      workers: [{ ...worker, serviceBindings: { WEBHOOK_OUT: { network } } }],
    }),
  );
  const { origin: url } = await miniflare.ready;
  return createControlClient({ url, token, planet: false });
}

it.each([
  { allow: ['public'], answer: { status: 'failed', code: null, error: 'no connection' }, calls: 0 },
  { allow: ['public', 'private'], answer: { status: 'delivered', code: 204, error: null }, calls: 1 },
])('B52: a name that leads to this machine is as good as the network allows: $allow', async (expected) => {
  receiver = await startWebhookReceiver();
  const control = await controlBehind(expected.allow);
  const environment = { op: 'put', kind: 'environment', key: 'production', base: 0, body: { name: 'Production' } };
  await control.must({
    ...{ method: 'POST', path: pathOf('organisation') },
    body: { operations: [environment], justification },
  });
  const url = receiver.url.replace('127.0.0.1', 'localhost');
  const body = { url, events: ['*'], environments: ['*'] };
  const path = pathOf('webhooks', 'inside');
  await control.must({ method: 'PUT', path, seen: 'new', body: { body, justification } });
  const answer = await control.must({ method: 'POST', path: pathOf('webhooks', 'inside', 'test') });
  expect(answer).toMatchObject(expected.answer);
  expect(receiver.received).toHaveLength(expected.calls);
});
