/** What else a POP of EdgeWorkers answers, and to pages of other origins: on the built bundle, in the harness. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BULK } from '../e2e/fixtures/ofrep-description.ts';
import { KEYS, PLACE } from './fixtures/deployed.ts';
import { bearer, createPops, type ServedPop, USER } from './fixtures/pop.ts';

const { served, stop } = createPops();
afterAll(stop);

let pop: ServedPop;
beforeAll(async () => {
  pop = await served({ instances: 'mixed' });
  await pop.publish(7);
});

const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${pop.url}${path}`, { headers: bearer(KEYS.server), ...init });

describe('a POP’s other routes', () => {
  it('tell its status to servers, and not to clients', async () => {
    const response = await get('/v1/status');
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await response.json()).toMatchObject({
      environment: 'production',
      view: 'pricing',
      ...PLACE,
      source: 'edgekv',
      version: 7,
      digest: expect.stringMatching(/^[\w-]{43}$/),
      ageMs: 0,
      stale: false,
      refusals: 0,
      storeErrors: 0,
    });
    expect((await get('/v1/status', { headers: bearer(KEYS.client) })).status).toBe(403);
    expect((await get('/v1/status', { headers: {} })).status).toBe(401);
  });

  it('tell anybody that it lives', async () => {
    const response = await get('/livez', { headers: {} });
    expect([response.status, await response.text()]).toEqual([200, 'live']);
  });

  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('take no evaluation by %s', async (method) => {
    const response = await get(BULK, { method });
    expect([response.status, response.headers.get('allow'), response.headers.get('content-type')]).toEqual([
      405,
      'POST',
      'application/problem+json',
    ]);
  });

  it('give the status by GET alone', async () => {
    const response = await get('/v1/status', { method: 'POST' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it.each(['/', '/ofrep/v1/evaluate/flags/', '/ofrep/v1/configuration', '/v1/other'])('are not %s', async (path) => {
    const response = await get(path, { method: 'POST' });
    expect([response.status, response.headers.get('cache-control')]).toEqual([404, 'private, no-store']);
  });
});

describe('a page of another origin', () => {
  const ORIGIN = 'https://www.marketplace.example';
  const preflight = (url: string, origin = ORIGIN): Promise<Response> =>
    fetch(`${url}${BULK}`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
  const ask = (url: string, key: string, origin = ORIGIN): Promise<Response> =>
    fetch(`${url}${BULK}`, {
      method: 'POST',
      headers: { origin, ...bearer(key) },
      body: JSON.stringify({ context: USER }),
    });

  it('may ask with a client’s key, and not with a server’s', async () => {
    const { status, headers } = await preflight(pop.url);
    expect([status, headers.get('access-control-allow-origin'), headers.get('access-control-allow-methods')]).toEqual([
      204,
      '*',
      'POST',
    ]);
    const allowed = async (key: string): Promise<string | null> =>
      (await ask(pop.url, key)).headers.get('access-control-allow-origin');
    expect(await Promise.all([KEYS.client, KEYS.server, 'none'].map(allowed))).toEqual(['*', null, '*']);
  });

  it('is one of those of the settings', async () => {
    const closed = await served({ settings: { ALLOWED_ORIGINS: JSON.stringify([ORIGIN]) } });
    await closed.publish(7);
    for (const [origin, allowed] of [
      [ORIGIN, ORIGIN],
      ['https://elsewhere.example', null],
    ] as const) {
      for (const response of [await preflight(closed.url, origin), await ask(closed.url, KEYS.client, origin)]) {
        expect([response.headers.get('access-control-allow-origin'), response.headers.get('vary')]).toEqual([
          allowed,
          'origin',
        ]);
      }
    }
  });
});
