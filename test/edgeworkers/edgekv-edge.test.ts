import { beforeEach, describe, expect, it } from 'vitest';
import { startEdgeWorker } from '../../scripts/edgeworkers/edge-worker.ts';
import { tokensModule } from '../../scripts/edgeworkers/edgekv/access-tokens.ts';
import { EDGEKV_HOST } from '../../scripts/edgeworkers/edgekv/edge-api.ts';
import { bundleOf } from './fixtures/bundle.ts';
import { createEdgeKvAtEdge, type EdgeCall, type EdgeKvAtEdge, START } from './fixtures/edgekv-at-edge.ts';
import { callAdmin } from './fixtures/edgekv-client.ts';
import { inputOf } from './fixtures/event-input.ts';

let kv: EdgeKvAtEdge;

describe('EdgeKV at the edge', () => {
  beforeEach(() => {
    kv = createEdgeKvAtEdge({ maxDelayMs: 0 });
    kv.write('value');
  });

  const statusOf = async (call: EdgeCall): Promise<number> => (await kv.call('edge-ams', call)).status;

  it('gives a value with its length, by the token or by its reference', async () => {
    const response = await kv.call('edge-ams', { headers: { 'X-Akamai-EdgeDB-Auth-Ref': kv.token.uuid } });
    expect([response.status, response.headers.get('Content-Length'), await response.text()]).toEqual([
      200,
      '5',
      'value',
    ]);
  });

  it('401: wants a token that is one, and is still good', async () => {
    expect(await statusOf({ headers: {} })).toBe(401);
    expect(await statusOf({ headers: { 'X-Akamai-EdgeDB-Auth': `${kv.token.value}x` } })).toBe(401);
    expect(await statusOf({ headers: { 'X-Akamai-EdgeDB-Auth-Ref': 'unknown' } })).toBe(401);
    kv.now = Date.UTC(2026, 11, 31, 23, 59, 59);
    expect(await statusOf({})).toBe(200);
    kv.now = Date.UTC(2027, 0, 1);
    expect(await statusOf({})).toBe(401);
    kv.now = START;
    kv.edgeKv.tokens.revoke('reader');
    const revoked = await kv.call('edge-ams');
    expect(revoked.status).toBe(401);
    expect(await revoked.json()).toMatchObject({ status: 401, title: 'Unauthorized', errorCode: 'EKV_1000' });
  });

  it('403: wants a token for that namespace, network and use', async () => {
    expect(await statusOf({ path: 'default/groups/g/items/i' })).toBe(403);
    expect(await statusOf({ method: 'PUT', body: 'x' })).toBe(403);
    expect(await statusOf({ method: 'DELETE' })).toBe(403);
    kv = createEdgeKvAtEdge({ maxDelayMs: 0, network: 'staging' });
    expect(await statusOf({})).toBe(403);
  });

  it('400: wants a namespace that there is, and names that can be', async () => {
    expect(await statusOf({ path: 'gone/groups/g/items/i' })).toBe(400);
    expect(await statusOf({ path: 'lockstep/groups/production/items/a.b' })).toBe(400);
    expect(await statusOf({ path: 'lockstep/items/a' })).toBe(400);
  });

  it('404 and 405: what is missing, what cannot be done', async () => {
    expect(await statusOf({ path: 'lockstep/groups/production/items/other' })).toBe(404);
    expect(await statusOf({ method: 'POST', body: 'x' })).toBe(405);
  });

  it('takes writes and deletions from who may', async () => {
    const writer = kv.edgeKv.tokens.issue({
      ...kv.token,
      name: 'writer',
      namespacePermissions: { lockstep: ['r', 'w', 'd'] },
    });
    const headers = { 'X-Akamai-EdgeDB-Auth': writer.value };
    expect(await statusOf({ method: 'PUT', body: 'new', headers })).toBe(200);
    expect(await kv.read('edge-nrt')).toBe('new');
    expect(await statusOf({ method: 'PUT', body: 'x'.repeat(262_145), headers })).toBe(413);
    expect(await statusOf({ method: 'DELETE', headers })).toBe(200);
    expect(await kv.read('edge-nrt')).toBe(404);
  });
});

describe('faults of EdgeKV', () => {
  beforeEach(() => {
    kv = createEdgeKvAtEdge({ maxDelayMs: 0 });
    kv.write('0123456789');
  });

  it('hit one POP and no other, as often as they should', async () => {
    kv.edgeKv.faults.set('edge-ams', { fault: 'status', status: 500 }, 2);
    expect([
      await kv.read('edge-ams'),
      await kv.read('edge-nrt'),
      await kv.read('edge-ams'),
      await kv.read('edge-ams'),
    ]).toEqual([500, '0123456789', 500, '0123456789']);
  });

  it('are healed', async () => {
    kv.edgeKv.faults.set('edge-ams', { fault: 'status', status: 429 });
    expect(await kv.read('edge-ams')).toBe(429);
    kv.edgeKv.faults.heal('edge-ams');
    expect(await kv.read('edge-ams')).toBe('0123456789');
  });

  it('hit the administration API in its own words', async () => {
    kv.edgeKv.faults.set('api', { fault: 'status', status: 500 }, 1);
    kv.edgeKv.faults.set('edge-ams', { fault: 'hang' });
    const failed = await callAdmin(kv.edgeKv, kv.clock, 'initialize');
    expect([failed.status, await failed.json()]).toMatchObject([500, { errorCode: 'EKV_0000' }]);
    expect((await callAdmin(kv.edgeKv, kv.clock, 'initialize')).status).toBe(200);
  });

  it('come to an EdgeWorker as what it would see: nothing, half, a broken connection, too late', async () => {
    const worker = await startEdgeWorker({
      tier: 'basic',
      hosts: { [EDGEKV_HOST]: kv.edgeKv.edge('edge-ams') },
      tgz: bundleOf(
        `import { httpRequest } from 'http-request';
         import { edgekv_access_tokens } from './edgekv_tokens.js';
         const headers = { 'X-Akamai-EdgeDB-Auth': [edgekv_access_tokens['namespace-lockstep'].value] };
         export async function onClientRequest(request) {
           const read = async () => {
             const response = await httpRequest('https://${EDGEKV_HOST}/api/v1/namespaces/lockstep/groups/production/items/pricing', { headers, timeout: Number(request.query) });
             return response.status + ' ' + (await response.text()).slice(0, 10);
           };
           request.respondWith(200, {}, await read().catch((error) => error.message));
         }`,
        { 'edgekv_tokens.js': tokensModule([kv.token]) },
      ),
    });
    /** The time is short only where it shall run out: this machine may be slow. */
    const seen = async (timeoutMs = 3_000): Promise<string | undefined> =>
      (await worker.handle('onClientRequest', inputOf({ query: String(timeoutMs) }))).effects?.responded?.body;
    try {
      expect(await seen()).toBe('200 0123456789');
      kv.edgeKv.faults.set('edge-ams', { fault: 'truncate' });
      expect(await seen()).toBe('200 01234');
      kv.edgeKv.faults.set('edge-ams', { fault: 'cut' });
      expect(await seen()).toBe('httpRequest: the connection was reset');
      kv.edgeKv.faults.set('edge-ams', { fault: 'hang' });
      expect(await seen(80)).toBe('httpRequest: timeout after 80 ms');
      kv.edgeKv.faults.set('edge-ams', { fault: 'delay', ms: 400 });
      expect(await seen(80)).toBe('httpRequest: timeout after 80 ms');
      kv.edgeKv.faults.set('edge-ams', { fault: 'delay', ms: 1 });
      expect(await seen()).toBe('200 0123456789');
      kv.edgeKv.faults.set('edge-ams', { fault: 'status', status: 429 });
      expect(await seen()).toMatch(/^429 /);
    } finally {
      await worker.stop();
    }
  });
});
