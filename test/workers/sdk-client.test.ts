import { afterEach, beforeAll, expect, it } from 'vitest';
import { createLockstepClient } from '#sdk/client/create-lockstep-client';
import type { LockstepClient } from '#sdk/client/lockstep-client';
import { rawLines } from '../unit/fixtures/lines.ts';
import { createSigner, ENVIRONMENT, type Signer } from '../unit/fixtures/signing.ts';

let signer: Signer;
let text: string;
beforeAll(async () => {
  signer = await createSigner();
  text = await signer.sign(rawLines([{ k: 'a.on', r: 1, o: 0, f: 1 }]));
});

const clients: LockstepClient[] = [];
afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));

/** An upstream whose bookmark says that there is something, which is then fetched. */
async function upstream(url: string): Promise<Response> {
  if (url.endsWith('/v1/ruleset')) return new Response(text);
  if (!url.endsWith('/v1/stream')) return new Response(null, { status: 204 });
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const bookmark = JSON.stringify({ version: 1, digest: 'x'.repeat(43), floor: 1 });
  void writable.getWriter().write(new TextEncoder().encode(`event: bookmark\ndata: ${bookmark}\n\n`));
  return new Response(readable, { headers: { 'content-type': 'text/event-stream' } });
}

function start(options: { readonly fetch: typeof upstream; readonly bootstrap?: string }): LockstepClient {
  const client = createLockstepClient({
    ...{ url: 'https://relay.test', key: 'key', environment: ENVIRONMENT, publicKeys: [signer.publicKey] },
    offlineDefaults: { 'a.on': { variation: 'off', value: false, visibility: 'server' } },
    ...options,
  });
  clients.push(client);
  return client;
}

it('decides in a Worker, by what the stream brings', async () => {
  const client = start({ fetch: upstream });
  expect(client.flagsFor().booleanDetails('a.on', true)).toMatchObject({ value: false, metadata: { version: 0 } });
  await client.ready();
  const flags = client.flagsFor({ targetingKey: 'user-1' });
  expect(flags.booleanDetails('a.on', false)).toMatchObject({ value: true, metadata: { version: 1 } });
});

it('R17: decides in a Worker by what it was deployed with, where nobody answers', async () => {
  const client = start({ fetch: () => Promise.reject(new Error('unreachable')), bootstrap: text });
  expect(await client.ready()).toBe('stale');
  expect(client.flagsFor().booleanDetails('a.on', false)).toMatchObject({ value: true, reason: 'STALE' });
});
