import { beforeEach, describe, expect, it } from 'vitest';
import { startEdgeWorker } from '../../scripts/edgeworkers/edge-worker.ts';
import { type AccessToken, tokensModule } from '../../scripts/edgeworkers/edgekv/access-tokens.ts';
import { EDGEKV_HOST } from '../../scripts/edgeworkers/edgekv/edge-api.ts';
import { createEdgeKv, type EdgeKv, type EdgeKvOptions } from '../../scripts/edgeworkers/edgekv/edgekv.ts';
import { bundleOf } from './fixtures/bundle.ts';
import { CREDENTIALS, callAdmin } from './fixtures/edgekv-client.ts';
import { inputOf } from './fixtures/event-input.ts';

const START = Date.UTC(2026, 10, 23, 8);
const PATH = { namespace: 'lockstep', group: 'production', item: 'pricing' };
const POPS = ['edge-ams', 'edge-nrt'];

let now = START;
let edgeKv: EdgeKv;
let token: AccessToken;

function create(options: Partial<EdgeKvOptions> = {}): void {
  edgeKv = createEdgeKv({ credentials: CREDENTIALS, clock: () => now, ...options });
  edgeKv.store.putNamespace('production', {
    namespace: 'lockstep',
    retentionInSeconds: 0,
    groupId: 0,
    geoLocation: 'EU',
  });
  token = edgeKv.tokens.issue({
    name: 'reader',
    allowOnStaging: false,
    allowOnProduction: true,
    expiry: '2026-12-31',
    namespacePermissions: { lockstep: ['r'], gone: ['r'] },
  });
}

interface EdgeCall {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly path?: string;
}

function callEdge(pop: string, { path = 'lockstep/groups/production/items/pricing', ...init }: EdgeCall = {}) {
  const headers = init.headers ?? { 'X-Akamai-EdgeDB-Auth': token.value };
  return edgeKv.edge(pop)(new Request(`https://${EDGEKV_HOST}/api/v1/namespaces/${path}`, { ...init, headers }));
}

const write = (text: string): void => edgeKv.store.write('production', PATH, { text, type: 'text/plain' });
const read = async (pop: string): Promise<string | number> => {
  const response = await callEdge(pop);
  return response.status === 200 ? response.text() : response.status;
};

/** When a POP first reads something else, in milliseconds from now, by steps of 100 up to 11 s. */
async function changeAfter(pop: string): Promise<number> {
  const before = await read(pop);
  const from = now;
  while ((await read(pop)) === before && now <= from + 11_000) now += 100;
  const took = now - from;
  now = from;
  return took;
}

beforeEach(() => {
  now = START;
  create();
});

describe('the copies of EdgeKV', () => {
  it('follow a write each at a time of its own, within 10 s; a new item is missing until then', async () => {
    write('one');
    expect(await Promise.all(POPS.map(read))).toEqual([404, 404]);
    const delays = [];
    for (const pop of POPS) delays.push(await changeAfter(pop));
    expect(new Set(delays).size).toBe(2);
    expect(Math.max(...delays)).toBeLessThanOrEqual(10_000);
    now += 10_000;
    expect(await Promise.all(POPS.map(read))).toEqual(['one', 'one']);
  });

  it('show the old value until the new one has come', async () => {
    write('one');
    now += 10_000;
    write('two');
    const seen = new Set<string | number>();
    for (let step = 0; step <= 100; step++, now += 100) seen.add(await read('edge-ams'));
    expect([...seen]).toEqual(['one', 'two']);
  });

  it('go back for nobody, however writes overtake one another', async () => {
    const seen: (string | number)[] = [];
    for (let step = 0; step < 300; step++, now += 100) {
      if (step % 7 === 0) write(String(step));
      seen.push(await read('edge-nrt'));
    }
    const versions = seen.filter((value) => value !== 404).map(Number);
    expect(versions.length).toBeGreaterThan(200);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  it('follow a deletion in the same way', async () => {
    write('one');
    now += 10_000;
    edgeKv.store.write('production', PATH, undefined);
    expect(await changeAfter('edge-ams')).toBeLessThanOrEqual(10_000);
    now += 10_000;
    expect(await read('edge-ams')).toBe(404);
  });

  it('come later where a POP lags, and take back nothing that it has seen', async () => {
    const lags = new Map<string, number>();
    create({ maxDelayMs: 0, lag: { of: (pop) => lags.get(pop) ?? 0, maxMs: 60_000 } });
    write('one');
    expect(await Promise.all(POPS.map(read))).toEqual(['one', 'one']);
    lags.set('edge-nrt', 60_000);
    expect(await read('edge-nrt')).toBe('one');
    for (const text of ['two', 'three']) {
      now += 20_000;
      write(text);
    }
    expect(await Promise.all(POPS.map(read))).toEqual(['three', 'one']);
    now += 40_000;
    expect(await read('edge-nrt')).toBe('two');
    lags.delete('edge-nrt');
    expect(await read('edge-nrt')).toBe('three');
    lags.set('edge-nrt', 60_000);
    expect(await read('edge-nrt')).toBe('three');
  });

  it('are late for the administration API too', async () => {
    const path = 'networks/production/namespaces/lockstep/groups/production/items/pricing';
    const put = await callAdmin(edgeKv, () => now, path, { method: 'PUT', body: 'one' });
    expect(put.status).toBe(200);
    expect((await callAdmin(edgeKv, () => now, path)).status).toBe(404);
    now += 10_000;
    expect(await (await callAdmin(edgeKv, () => now, path)).text()).toBe('one');
    expect(await read('edge-ams')).toBe('one');
  });

  it('are as late as the seed has it', async () => {
    const delays = async (seed: number): Promise<readonly number[]> => {
      create({ seed });
      write('one');
      return [await changeAfter('edge-ams'), await changeAfter('edge-nrt')];
    };
    const first = await delays(5);
    expect(await delays(5)).toEqual(first);
    expect(await delays(6)).not.toEqual(first);
  });

  it('are never late where no delay is wanted', async () => {
    create({ maxDelayMs: 0 });
    write('one');
    expect(await read('edge-ams')).toBe('one');
  });

  it('are there again after a restart', async () => {
    write('one');
    now += 10_000;
    write('two');
    const dump = JSON.parse(JSON.stringify(edgeKv.dump()));
    const due = await changeAfter('edge-ams');
    edgeKv = createEdgeKv({ credentials: CREDENTIALS, clock: () => now, restore: dump });
    expect(await read('edge-ams')).toBe('one');
    expect(await changeAfter('edge-ams')).toBe(due);
    now += 10_000;
    expect(await read('edge-ams')).toBe('two');
  });
});

describe('EdgeKV at the edge', () => {
  beforeEach(() => {
    create({ maxDelayMs: 0 });
    write('value');
  });

  const statusOf = async (call: EdgeCall): Promise<number> => (await callEdge('edge-ams', call)).status;

  it('gives a value with its length, by the token or by its reference', async () => {
    const response = await callEdge('edge-ams', { headers: { 'X-Akamai-EdgeDB-Auth-Ref': token.uuid } });
    expect([response.status, response.headers.get('Content-Length'), await response.text()]).toEqual([
      200,
      '5',
      'value',
    ]);
  });

  it('401: wants a token that is one, and is still good', async () => {
    expect(await statusOf({ headers: {} })).toBe(401);
    expect(await statusOf({ headers: { 'X-Akamai-EdgeDB-Auth': `${token.value}x` } })).toBe(401);
    expect(await statusOf({ headers: { 'X-Akamai-EdgeDB-Auth-Ref': 'unknown' } })).toBe(401);
    now = Date.UTC(2026, 11, 31, 23, 59, 59);
    expect(await statusOf({})).toBe(200);
    now = Date.UTC(2027, 0, 1);
    expect(await statusOf({})).toBe(401);
    now = START;
    edgeKv.tokens.revoke('reader');
    const revoked = await callEdge('edge-ams');
    expect(revoked.status).toBe(401);
    expect(await revoked.json()).toMatchObject({ status: 401, title: 'Unauthorized', errorCode: 'EKV_1000' });
  });

  it('403: wants a token for that namespace, network and use', async () => {
    expect(await statusOf({ path: 'default/groups/g/items/i' })).toBe(403);
    expect(await statusOf({ method: 'PUT', body: 'x' })).toBe(403);
    expect(await statusOf({ method: 'DELETE' })).toBe(403);
    create({ maxDelayMs: 0, network: 'staging' });
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
    const writer = edgeKv.tokens.issue({
      ...token,
      name: 'writer',
      namespacePermissions: { lockstep: ['r', 'w', 'd'] },
    });
    const headers = { 'X-Akamai-EdgeDB-Auth': writer.value };
    expect(await statusOf({ method: 'PUT', body: 'new', headers })).toBe(200);
    expect(await read('edge-nrt')).toBe('new');
    expect(await statusOf({ method: 'PUT', body: 'x'.repeat(262_145), headers })).toBe(413);
    expect(await statusOf({ method: 'DELETE', headers })).toBe(200);
    expect(await read('edge-nrt')).toBe(404);
  });
});

describe('faults of EdgeKV', () => {
  beforeEach(() => {
    create({ maxDelayMs: 0 });
    write('0123456789');
  });

  it('hit one POP and no other, as often as they should', async () => {
    edgeKv.faults.set('edge-ams', { fault: 'status', status: 500 }, 2);
    expect([await read('edge-ams'), await read('edge-nrt'), await read('edge-ams'), await read('edge-ams')]).toEqual([
      500,
      '0123456789',
      500,
      '0123456789',
    ]);
  });

  it('are healed', async () => {
    edgeKv.faults.set('edge-ams', { fault: 'status', status: 429 });
    expect(await read('edge-ams')).toBe(429);
    edgeKv.faults.heal('edge-ams');
    expect(await read('edge-ams')).toBe('0123456789');
  });

  it('hit the administration API in its own words', async () => {
    edgeKv.faults.set('api', { fault: 'status', status: 500 }, 1);
    edgeKv.faults.set('edge-ams', { fault: 'hang' });
    const failed = await callAdmin(edgeKv, () => now, 'initialize');
    expect([failed.status, await failed.json()]).toMatchObject([500, { errorCode: 'EKV_0000' }]);
    expect((await callAdmin(edgeKv, () => now, 'initialize')).status).toBe(200);
  });

  it('come to an EdgeWorker as what it would see: nothing, half, a broken connection, too late', async () => {
    const worker = await startEdgeWorker({
      tier: 'basic',
      hosts: { [EDGEKV_HOST]: edgeKv.edge('edge-ams') },
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
        { 'edgekv_tokens.js': tokensModule([token]) },
      ),
    });
    /** The time is short only where it shall run out: this machine may be slow. */
    const seen = async (timeoutMs = 3_000): Promise<string | undefined> =>
      (await worker.handle('onClientRequest', inputOf({ query: String(timeoutMs) }))).effects?.responded?.body;
    try {
      expect(await seen()).toBe('200 0123456789');
      edgeKv.faults.set('edge-ams', { fault: 'truncate' });
      expect(await seen()).toBe('200 01234');
      edgeKv.faults.set('edge-ams', { fault: 'cut' });
      expect(await seen()).toBe('httpRequest: the connection was reset');
      edgeKv.faults.set('edge-ams', { fault: 'hang' });
      expect(await seen(80)).toBe('httpRequest: timeout after 80 ms');
      edgeKv.faults.set('edge-ams', { fault: 'delay', ms: 400 });
      expect(await seen(80)).toBe('httpRequest: timeout after 80 ms');
      edgeKv.faults.set('edge-ams', { fault: 'delay', ms: 1 });
      expect(await seen()).toBe('200 0123456789');
      edgeKv.faults.set('edge-ams', { fault: 'status', status: 429 });
      expect(await seen()).toMatch(/^429 /);
    } finally {
      await worker.stop();
    }
  });
});
