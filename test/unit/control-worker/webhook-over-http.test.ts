/** Real receivers on this machine, and all that they may do to whoever calls them. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Ed25519Jwk } from '#control/audit/ed25519';
import { webhookAddressFault } from '../../../workers/control/webhook-address.ts';
import { createWebhooksOverHttp, type WebhookOptions } from '../../../workers/control/webhook-over-http.ts';
import { createWebhookSigner } from '../../../workers/control/webhook-signature.ts';

const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as unknown as Ed25519Jwk;
const signer = createWebhookSigner(crypto.subtle, [jwk]);
const NOW = 1_795_420_800_123;

interface Heard {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let server: Server;
let origin: string;
let heard: Heard[];
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  heard = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    heard.push({ path: request.url ?? '', headers: request.headers, body });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const send = (options: Partial<WebhookOptions> = {}) =>
  createWebhooksOverHttp({
    ...{ fetch: (request: Request) => fetch(request), signer, addressFault: () => undefined, now: () => NOW },
    ...options,
  }).send({ url: `${origin}/hook`, id: 'msg_1', body: '{"type":"change.applied"}' });

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(code, headers).end();

describe('a receiver', () => {
  it('gets what was to be sent, signed, and is heard for its status', async () => {
    answer = status(204);
    expect(await send()).toEqual({ kind: 'delivered', code: 204 });
    const signature = await signer.sign({ id: 'msg_1', seconds: 1_795_420_800, body: '{"type":"change.applied"}' });
    expect(heard).toMatchObject([
      {
        path: '/hook',
        body: '{"type":"change.applied"}',
        headers: {
          ...{ 'content-type': 'application/json', 'webhook-id': 'msg_1', 'webhook-timestamp': '1795420800' },
          'webhook-signature': signature,
        },
      },
    ]);
  });

  it.each([400, 401, 404, 429, 500, 503])('that answers %i has not taken it', async (code) => {
    answer = status(code);
    expect(await send()).toEqual({ kind: 'failed', code, error: `the receiver answered ${code}` });
  });

  it('that answers 410 is gone', async () => {
    answer = status(410);
    expect(await send()).toEqual({ kind: 'gone', code: 410 });
  });

  it.each([301, 302, 303, 307, 308])('B52: that answers %i is not followed', async (code) => {
    answer = status(code, { location: `${origin}/elsewhere` });
    expect(await send()).toMatchObject({ kind: 'failed', code });
    expect(heard.map(({ path }) => path)).toEqual(['/hook']);
  });

  it('that never stops answering is left', async () => {
    let closed = false;
    answer = (response) => {
      response.writeHead(200);
      const more = setInterval(() => response.write('x'.repeat(65_536)), 1);
      response.on('close', () => {
        clearInterval(more);
        closed = true;
      });
    };
    expect(await send()).toEqual({ kind: 'delivered', code: 200 });
    await vi.waitFor(() => expect(closed).toBe(true), 30_000);
  });

  it('that cuts the line, and one that is not there, is told of as neither', async () => {
    answer = (response) => void response.destroy();
    const noConnection = { kind: 'failed', error: 'no connection' };
    expect(await send()).toEqual(noConnection);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await send()).toEqual(noConnection);
  });

  it('that hangs is given 10 s', async () => {
    vi.useFakeTimers();
    let aborted = false;
    let call = (): void => undefined;
    const called = new Promise<void>((resolve) => {
      call = resolve;
    });
    const outcome = send({
      fetch: ({ signal }) =>
        new Promise((_resolve, reject) => {
          call();
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(signal.reason);
          });
        }),
    });
    await called;
    await vi.advanceTimersByTimeAsync(9_999);
    expect(aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    vi.useRealTimers();
    expect(await outcome).toEqual({ kind: 'failed', error: 'no answer within 10 s' });
    expect(aborted).toBe(true);
  });

  it('B52: whose address may not be, is never called, whatever it was when it was written', async () => {
    answer = status(204);
    const outcome = await send({ addressFault: webhookAddressFault });
    expect(outcome).toEqual({ kind: 'failed', error: 'the address must begin with https:' });
    expect(heard).toEqual([]);
  });

  it('is not called without a key to sign with', async () => {
    const outcome = await send({ signer: createWebhookSigner(crypto.subtle, []) });
    expect(outcome).toMatchObject({ kind: 'failed', error: expect.stringContaining('WEBHOOK_KEYS') });
    expect(heard).toEqual([]);
  });
});
