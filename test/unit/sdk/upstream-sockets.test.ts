import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { LockstepClient } from '#sdk/client/lockstep-client';
import { createLockstepClient } from '#sdk/node/create-lockstep-client';
import { type Clock, systemClock } from '#sdk/stream/clock';
import { createSigner, ENVIRONMENT, type Signer } from '../fixtures/signing.ts';
import { beginStream, eventText, type SseServer, startSseServer } from './fixtures/sse-server.ts';
import { type Edition, editionOf, flag } from './fixtures/upstream-client.ts';

/** A hundred times as fast: fifteen seconds of silence are 150 ms. */
const FAST: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const handle = setTimeout(run, ms / 100);
    return () => clearTimeout(handle);
  },
};

let signer: Signer;
let one: Edition;
let two: Edition;
let server: SseServer;
let folder: string;
let clients: LockstepClient[];

beforeAll(async () => {
  signer = await createSigner();
  const times = { iat: Math.floor(Date.now() / 1_000), exp: Math.floor(Date.now() / 1_000) + 86_400 };
  one = await editionOf(signer, 1, [flag('a', 1)], times);
  two = await editionOf(signer, 2, [flag('a', 2, 0)], times);
});
beforeEach(async () => {
  server = await startSseServer();
  folder = await mkdtemp(join(tmpdir(), 'lockstep-client-'));
  clients = [];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server.close();
  await rm(folder, { recursive: true });
});

function start(url = server.url, clock: Clock = FAST): LockstepClient {
  const client = createLockstepClient({
    ...{ url, key: 'key', environment: ENVIRONMENT, publicKeys: [signer.publicKey], folder, clock },
  });
  clients.push(client);
  return client;
}

async function until(check: () => boolean): Promise<void> {
  const since = Date.now();
  while (!check()) {
    if (Date.now() - since > 10_000) throw new Error(`not within 10 s: ${check}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const inForce = (client: LockstepClient, version: number) => until(() => client.status().version === version);

it('B15: B16: heals from streams that are silent, half-open, trickle, break, or never end a line', async () => {
  const wrongs: Parameters<SseServer['onStream']>[0][] = [
    // Silent from the start: not even a head.
    () => {},
    // Half-open: a head, and nothing more.
    (response) => void beginStream(response),
    // A byte at a time.
    (response) => {
      const drip = setInterval(() => beginOnce(response).write('x'), 10);
      response.on('close', () => clearInterval(drip));
    },
    // Cut in the middle of an event.
    (response, _, socket) => {
      beginStream(response).write('event: ruleset\ndata: {"vers', () => setTimeout(() => socket.destroy(), 10));
    },
    // Ten megabytes on one line.
    (response) => void beginStream(response).write(`data: ${'x'.repeat(10_000_000)}`),
    // Ended at once.
    (response) => void beginStream(response).end(),
  ];
  const began = new Set<object>();
  const beginOnce = <T extends Parameters<typeof beginStream>[0]>(response: T): T => {
    if (!began.has(response)) beginStream(response);
    began.add(response);
    return response;
  };
  let streams = 0;
  server.onStream((response, request, socket) => {
    const wrong = wrongs[streams++];
    if (wrong !== undefined) return wrong(response, request, socket);
    beginStream(response).write(eventText('ruleset', one.pointer));
  });
  server.serve(one.text, one.etag);
  const client = start();
  await until(() => client.status().connected && streams > wrongs.length);
  await inForce(client, 1);
  // The server may hear of an end a little after the client has begun anew.
  expect(server.mostStreams()).toBeLessThanOrEqual(2);
  expect(client.flagsFor().boolean('a', false)).toBe(true);
});

it('takes an event in pieces as small as they come, and deltas behind it', async () => {
  let stream: ReturnType<typeof beginStream> | undefined;
  server.onStream((response) => {
    stream = beginStream(response);
  });
  server.serve(one.text, one.etag);
  // As slow as it is: a busy machine may leave more than a hundredth of the silence between two pieces.
  const client = start(server.url, systemClock);
  await until(() => stream !== undefined);
  const text = `\ufeff: hello\r\n${eventText('bookmark', one.bookmark).replaceAll('\n', '\r\n')}`;
  for (const piece of text.match(/.{1,7}/gs) ?? []) {
    stream?.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await inForce(client, 1);
  stream?.write(eventText('ruleset', two.deltaOn(one)).replaceAll('\n', '\r'));
  await inForce(client, 2);
  expect(client.flagsFor().boolean('a', true)).toBe(false);
});

it('R17: R22: serves from the disk where nobody answers, and says STALE', async () => {
  server.onStream((response) => void beginStream(response).write(eventText('bookmark', two.bookmark)));
  server.serve(two.text, two.etag);
  const first = start();
  await inForce(first, 2);
  await first.close();
  await server.close();
  const second = start('http://127.0.0.1:9');
  await second.ready();
  const details = second.flagsFor({ targetingKey: 'user-1' }).booleanDetails('a', true);
  expect(details).toMatchObject({ value: false, reason: 'STALE', metadata: { version: 2 } });
  server = await startSseServer();
});

it('ends its stream when it is closed', async () => {
  server.onStream((response) => void beginStream(response).write(eventText('bookmark', one.bookmark)));
  server.serve(one.text, one.etag);
  const client = start(server.url, systemClock);
  await inForce(client, 1);
  expect(server.open()).toBe(1);
  await client.close();
  await until(() => server.open() === 0);
});
