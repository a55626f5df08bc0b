/** The control plane's API in workerd: the Worker that finds the organisation, and the Durable Object that answers. */
import { evictAllDurableObjects, reset } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import worker from '../../workers/control/index.ts';
import { SETTINGS, TOKEN } from './fixtures/worker.ts';

const organisations = (env as unknown as { readonly ORGANISATION: { getByName(name: string): unknown } }).ORGANISATION;
const woken: string[] = [];
const bindings = {
  ...SETTINGS,
  ORGANISATION: {
    getByName(name: string) {
      woken.push(name);
      return organisations.getByName(name);
    },
  },
};

/** Read to its end: an answer that is still read holds its object. */
async function ask(method: string, path: string, { token = TOKEN, body, ...headers }: Record<string, string> = {}) {
  const request = new Request(`https://control.example${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
  const response = await worker.fetch(request as never, bindings as never);
  return { status: response.status, headers: response.headers, body: (await response.json()) as object };
}

beforeEach(() => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('', { status: 503 }));
});
afterEach(async () => {
  woken.length = 0;
  vi.restoreAllMocks();
  await reset();
});

const FOUND = JSON.stringify({
  operations: [{ op: 'put', kind: 'environment', key: 'production', base: 0, body: { name: 'Production' } }],
  justification: 'To begin with.',
});
const SEGMENT = JSON.stringify({ body: { description: 'Staff.', included: ['s-1'] }, justification: 'For tests.' });
const AT = '/v1/environments/production/segments/staff';

describe('the API of an organisation', () => {
  it('writes, remembers over an eviction, and says that config is frozen', async () => {
    expect((await ask('POST', '/v1/organisation', { body: FOUND })).status).toBe(200);
    const put = { body: SEGMENT, 'if-none-match': '*', 'idempotency-key': 'k-1' };
    const first = await ask('PUT', AT, put);
    expect(first).toMatchObject({ status: 200, body: { status: 'applied', seq: 1 } });
    await evictAllDurableObjects();
    expect((await ask('PUT', AT, put)).body).toMatchObject({ status: 'applied', seq: 1 });
    const read = await ask('GET', AT);
    expect(read.headers.get('etag')).toBe('"1"');
    expect(read.body).toMatchObject({ body: { included: ['s-1'] } });
    await vi.waitFor(async () => {
      expect((await ask('GET', '/v1/status')).body).toMatchObject({
        message: expect.stringMatching(/^config is frozen/),
      });
    }, 30_000);
  });

  it('wakes no object for a token of an organisation that there is not', async () => {
    expect((await ask('GET', '/v1/me', { token: TOKEN.replace('marketplace', 'other') })).status).toBe(401);
    expect((await ask('GET', '/v1/me', { token: 'other' })).status).toBe(401);
    expect(woken).toEqual([]);
    expect((await ask('GET', '/v1/me')).status).toBe(200);
    expect(woken).toEqual(['marketplace']);
  });

  it('says that it lives to anybody', async () => {
    const answer = await worker.fetch(new Request('https://control.example/livez') as never, bindings as never);
    expect(answer.status).toBe(204);
  });
});
