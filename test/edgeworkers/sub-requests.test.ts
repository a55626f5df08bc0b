import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EdgeWorker, startEdgeWorker } from '../../scripts/edgeworkers/edge-worker.ts';
import { TIERS } from '../../scripts/edgeworkers/tiers.ts';
import { bundleOf } from './fixtures/bundle.ts';
import { type Cases, startCases } from './fixtures/cases.ts';
import { inputOf } from './fixtures/event-input.ts';

const PRELUDE = `
  import { httpRequest } from 'http-request';
  import { ReadableStream } from 'streams';
  import { TextDecoderStream } from 'text-encode-transform';
  const tell = (request, value) => request.respondWith(200, {}, JSON.stringify(value));
  const later = async (act) => { try { return await act(); } catch (error) { return [error.message, error instanceof Error]; } };
  const statusOf = async (url, options) => (await httpRequest(url, options)).status;
`;

const never = (request: Request): Promise<Response> =>
  new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason)));

describe('a sub-request', () => {
  let cases: Cases<string>;
  let origin: string;
  let aborted = 0;
  const asked: { readonly line: string; readonly headers: readonly string[]; readonly body: string }[] = [];
  const server = createServer(async (incoming: IncomingMessage, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    asked.push({
      line: `${incoming.method} ${incoming.url}`,
      headers: incoming.rawHeaders,
      body: Buffer.concat(chunks).toString(),
    });
    if (incoming.url === '/cut') {
      outgoing.writeHead(200, { 'Content-Length': 100 });
      outgoing.write('half', () => outgoing.destroy());
      return;
    }
    outgoing.writeHead(
      202,
      [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['X-One', '1'],
      ].flat(),
    );
    outgoing.end('{"from":"loopback"}');
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    cases = await startCases({
      prelude: PRELUDE,
      tier: 'dynamic',
      // So that memory does not run out before a response is too large.
      limits: { ...TIERS.dynamic, handler: { ...TIERS.dynamic.handler, memoryBytes: 64 * 1_048_576 } },
      hosts: {
        'loopback.example.com': origin,
        'www.example.com': async (request) => new Response(new URL(request.url).pathname),
        'echo.example.com': async (request) =>
          Response.json({ method: request.method, url: request.url, body: await request.text() }),
        'hang.example.com': (request) => {
          request.signal.addEventListener('abort', () => aborted++);
          return never(request);
        },
        'slow-body.example.com': async (request) =>
          new Response(
            new ReadableStream({
              start: (controller) => controller.enqueue(new TextEncoder().encode('first')),
              pull: () => never(request).then(() => undefined),
            }),
          ),
        'broken.example.com': () => Promise.reject(new Error('unreachable')),
        'large.example.com': async () => new Response(new Uint8Array(5 * 1_048_576 + 1)),
        'headers.example.com': async () => new Response('', { headers: { a: 'x'.repeat(8_192) } }),
        'bytes.example.com': async () => new Response(new Uint8Array([0, 255, 195, 169])),
      },
      cases: {
        loopback: `async (request) => {
          const response = await httpRequest('https://loopback.example.com/path?q=1', { method: 'POST', headers: { 'X-Many': ['1', '2'], 'X-Akamai-EdgeDB-Auth': 'token' }, body: 'sent' });
          tell(request, [response.status, response.ok, response.getHeader('set-cookie'), response.getHeader('gone'), response.getHeaders()['x-one'], await response.json()]);
        }`,
        relative: `async (request) => tell(request, [await (await httpRequest('/other')).text(), await (await httpRequest('next')).text()])`,
        upgraded: `async (request) => tell(request, (await (await httpRequest('http://echo.example.com/x', { method: 'put', body: 'b' })).json()))`,
        streamed: `async (request) => {
          const body = new ReadableStream({ start(controller) { controller.enqueue('hello '); controller.enqueue(new Uint8Array([119])); controller.close(); } });
          const sent = await (await httpRequest('https://echo.example.com/', { method: 'POST', body })).json();
          const response = await httpRequest('https://bytes.example.com/');
          const reader = response.body.getReader();
          const { value } = await reader.read();
          const text = [];
          const stream = (await httpRequest('https://echo.example.com/')).body.pipeThrough(new TextDecoderStream()).getReader();
          for (;;) { const { done, value } = await stream.read(); if (done) break; text.push(value); }
          tell(request, [sent.body, value instanceof Uint8Array, [...value], JSON.parse(text.join('')).method]);
        }`,
        nobody: `async (request) => tell(request, [await statusOf('https://elsewhere.example.org/'), (await httpRequest('https://constructor/')).ok])`,
        refused: `async (request) => tell(request, [
          await later(() => httpRequest('https://www.example.com:8443/')), await later(() => httpRequest('https://www.example.com:443/').then((r) => r.status)),
          await later(() => httpRequest('ftp://www.example.com/')), await later(() => httpRequest('/x', { method: 'PATCH' })),
        ])`,
        refusedMore: `async (request) => tell(request, [
          await later(() => httpRequest('https://user:pass@www.example.com/')), await later(() => httpRequest('/x', { timeout: 0 })), await later(() => httpRequest('/x', { headers: { 'a b': '1' } })),
        ])`,
        timeout: `async (request) => tell(request, [await later(() => httpRequest('https://hang.example.com/', { timeout: 40 }))])`,
        timeoutOfBody: `async (request) => {
          const response = await httpRequest('https://slow-body.example.com/', { timeout: 600 });
          tell(request, [response.status, await later(() => response.text())]);
        }`,
        broken: `async (request) => tell(request, [await later(() => httpRequest('https://broken.example.com/')), await later(async () => (await httpRequest('https://loopback.example.com/cut')).text())])`,
        large: `async (request) => tell(request, [await later(async () => (await httpRequest('https://large.example.com/')).text())])`,
        headers: `async (request) => tell(request, [await later(() => httpRequest('https://headers.example.com/'))])`,
      },
    });
  });
  afterAll(async () => {
    await cases.stop();
    server.closeAllConnections();
    server.close();
  });

  it('reaches a server on loopback, under the host’s name, with headers and body as they are', async () => {
    expect(await cases.answer('loopback')).toEqual([...[202, true, ['a=1', 'b=2'], null, ['1']], { from: 'loopback' }]);
    expect(asked[0]).toMatchObject({ line: 'POST /path?q=1', body: 'sent' });
    expect(asked[0]?.headers.join('|')).toContain(
      'Host|loopback.example.com|X-Many|1|X-Many|2|X-Akamai-EdgeDB-Auth|token',
    );
  });

  it('is relative to the request', async () => {
    expect(await cases.answer('relative')).toEqual(['/other', '/next']);
  });

  it('is made by HTTPS, whatever it says', async () => {
    const upgraded = { method: 'PUT', url: 'https://echo.example.com/x', body: 'b' };
    expect(await cases.answer('upgraded')).toEqual(upgraded);
  });

  it('streams both ways', async () => {
    expect(await cases.answer('streamed')).toEqual(['hello w', true, [0, 255, 195, 169], 'GET']);
  });

  it('answers 400 where the host is not on the platform', async () => {
    expect(await cases.answer('nobody')).toEqual([400, false]);
  });

  it('is refused with a port, another protocol, another method', async () => {
    const [port, ownPort, protocol, method] = (await cases.answer('refused')) as unknown[];
    expect(port).toEqual(['httpRequest: not a URL that can be requested: https://www.example.com:8443/', true]);
    expect(ownPort).toBe(200);
    expect(protocol).toEqual(['httpRequest: not a URL that can be requested: ftp://www.example.com/', true]);
    expect(method).toEqual(['httpRequest: method PATCH is not supported', true]);
    expect(await cases.answer('refusedMore')).toEqual([
      ['httpRequest: not a URL that can be requested: https://user:pass@www.example.com/', true],
      ['httpRequest: timeout must be above 0', true],
      ['Invalid header name: a b', true],
    ]);
  });

  it('throws when its time is over, and is given up', async () => {
    const before = aborted;
    const { report, effects } = await cases.run('timeout');
    expect(JSON.parse(effects?.responded?.body ?? '')).toEqual([['httpRequest: timeout after 40 ms', true]]);
    expect(report.subRequests).toEqual([
      { id: 1, method: 'GET', url: 'https://hang.example.com/', error: 'timeout after 40 ms' },
    ]);
    await expect.poll(() => aborted).toBe(before + 1);
  });

  it('throws when its time is over, also in the middle of its body', async () => {
    expect(await cases.answer('timeoutOfBody')).toEqual([200, ['httpRequest: timeout after 600 ms', true]]);
  });

  it('throws where the connection breaks', async () => {
    const [unreachable, cut] = (await cases.answer('broken')) as [
      readonly [string, boolean],
      readonly [string, boolean],
    ];
    expect(unreachable).toEqual(['httpRequest: unreachable', true]);
    expect(cut).toEqual(['httpRequest: aborted', true]);
  });

  it('has at most 5 MB', async () => {
    const { report, effects } = await cases.run('large');
    expect(JSON.parse(effects?.responded?.body ?? '')).toEqual([
      ['httpRequest: response has over 5242880 bytes', true],
    ]);
    expect(report.excesses).toContain('sub-request response');
  });

  it('has at most 8,192 bytes of headers', async () => {
    expect(await cases.answer('headers')).toEqual([['httpRequest: response headers have over 8192 bytes', true]]);
  });
});

describe('sub-requests of one event', () => {
  const waiting: ((response: Response) => void)[] = [];
  const hosts = { 'www.example.com': () => new Promise<Response>((resolve) => waiting.push(resolve)) };
  let worker: EdgeWorker;
  beforeAll(async () => {
    const { responseProvider } = TIERS.basic;
    worker = await startEdgeWorker({
      tier: 'basic',
      limits: { ...TIERS.basic, responseProvider: { ...responseProvider, parallelSubRequests: 2 } },
      hosts,
      tgz: bundleOf(`
        import { httpRequest } from 'http-request';
        import { createResponse } from 'create-response';
        export async function responseProvider() {
          const all = await Promise.all(['a', 'b', 'c'].map((name) => httpRequest('/' + name)));
          return createResponse(200, {}, all.map((response) => response.status).join());
        }
        let late = 'nothing';
        export function onClientRequest(request) {
          request.setVariable('PMUSER_LATE', late);
          // Nobody waits for it.
          httpRequest('/beacon', { method: 'POST', body: 'x' }).then((response) => { late = 'status ' + response.status; throw new Error('unheard'); });
        }
      `),
      instances: 'reused',
    });
  });
  afterAll(() => worker.stop());

  it('run side by side as far as the tier allows; the others queue', async () => {
    const running = worker.handle('responseProvider', inputOf());
    await expect.poll(() => waiting.length).toBe(2);
    waiting.shift()?.(new Response('', { status: 201 }));
    await expect.poll(() => waiting.length).toBe(2);
    for (const answer of waiting.splice(0)) answer(new Response('', { status: 202 }));
    const { report, body } = await running;
    expect(new TextDecoder().decode(body).split(',').sort()).toEqual(['201', '202', '202']);
    expect(report.subRequests.map(({ queuedMs }) => queuedMs !== undefined)).toEqual([false, false, true]);
    expect(report.subRequests[2]?.durationMs).toBeGreaterThan(report.subRequests[2]?.queuedMs ?? Infinity);
  });

  it('may be left behind: the event ends, they are counted, and end later', async () => {
    const first = await worker.handle('onClientRequest', inputOf());
    expect(first.report).toMatchObject({
      status: 'Success',
      subRequests: [{ id: 1, method: 'POST', response: 'pending' }],
    });
    expect(first.effects?.variables).toEqual({ PMUSER_LATE: 'nothing' });
    await expect.poll(() => waiting.length).toBe(1);
    waiting.shift()?.(new Response(null, { status: 204 }));
    await expect
      .poll(async () => (await worker.handle('onClientRequest', inputOf())).effects?.variables['PMUSER_LATE'])
      .toBe('status 204');
  });
});
