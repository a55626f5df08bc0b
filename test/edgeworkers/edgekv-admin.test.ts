import { beforeEach, describe, expect, it } from 'vitest';
import { type AdminExchange, createEdgeKv, type EdgeKv } from '../../scripts/edgeworkers/edgekv/edgekv.ts';
import { type Call, CREDENTIALS, callAdmin, sign } from './fixtures/edgekv-client.ts';
import { violations } from './fixtures/edgekv-description.ts';

const ITEM = 'networks/production/namespaces/lockstep/groups/production/items/pricing';

let now = Date.UTC(2026, 10, 23, 8);
let exchanges: AdminExchange[] = [];
let edgeKv: EdgeKv;

/** Every call of these tests is held against the description of the real API. */
async function call(path: string, options?: Call): Promise<{ readonly status: number; readonly text: string }> {
  const response = await callAdmin(edgeKv, () => now, path, options);
  const exchange = exchanges.at(-1) as AdminExchange;
  expect(violations(exchange), `${exchange.method} ${exchange.url}: ${exchange.status}`).toEqual([]);
  return { status: response.status, text: await response.text() };
}

async function problemOf(path: string, options?: Call) {
  const { status, text } = await call(path, options);
  const problem = JSON.parse(text) as Readonly<Record<string, unknown>>;
  expect(problem['status']).toBe(status);
  return problem;
}

beforeEach(async () => {
  now = Date.UTC(2026, 10, 23, 8);
  exchanges = [];
  edgeKv = createEdgeKv({
    credentials: CREDENTIALS,
    clock: () => now,
    maxDelayMs: 0,
    observe: (exchange) => exchanges.push(exchange),
  });
  edgeKv.store.putNamespace('production', {
    namespace: 'lockstep',
    retentionInSeconds: 0,
    groupId: 0,
    geoLocation: 'US',
  });
});

describe('items of EdgeKV', () => {
  it('are written, read, listed and deleted, in the texts of the real API', async () => {
    expect(await call(ITEM, { method: 'PUT', body: '{"a":"€"}', type: 'application/json' })).toEqual({
      status: 200,
      text: 'Item was upserted in database, namespace lockstep, group production, and key pricing.',
    });
    expect(await call(ITEM)).toEqual({ status: 200, text: '{"a":"€"}' });
    expect(await call(ITEM, { method: 'PUT', body: 'signed\nlines' })).toMatchObject({ status: 200 });
    expect(await call(ITEM)).toEqual({ status: 200, text: 'signed\nlines' });
    await call(ITEM.replace('pricing', 'search'), { method: 'PUT', body: 'x' });
    const groups = ITEM.replace('/production/items/pricing', '');
    expect((await call(groups)).text).toBe('["production"]');
    expect((await call(ITEM.replace('/items/pricing', ''))).text).toBe('["pricing","search"]');
    expect((await call(`${ITEM.replace('/items/pricing', '')}?maxItems=1`)).text).toBe('["pricing"]');
    expect(await call(ITEM, { method: 'DELETE' })).toEqual({
      status: 200,
      text: 'Item was deleted in the KV store with database 123456 namespace lockstep group production key pricing.',
    });
    expect((await call(ITEM)).status).toBe(404);
  });

  it('404: are missing, or their group is', async () => {
    expect(await problemOf(ITEM)).toMatchObject({
      type: '/edgekv/error-types/edgekv-not-found',
      title: 'Not Found',
      errorCode: 'EKV_9000',
      detail: "Item 'pricing' or group 'production' was not found in the database.",
    });
    expect((await problemOf(ITEM.replace('/items/pricing', '')))['detail']).toBe(
      'The requested group is empty or not found.',
    );
    expect((await problemOf(ITEM.replace('/production/items/pricing', '')))['detail']).toBe('There are no groups.');
  });

  it('400: have keys of A-Z a-z 0-9 _ and -', async () => {
    const detail = 'Key must only use a string that matches A-Z a-z 0-9 _ or -..';
    for (const key of ['pricing.fareBundlingV2', 'a%20b', 'a%2Fb', 'é', 'k'.repeat(513)]) {
      const problem = await problemOf(ITEM.replace('pricing', key), { method: 'PUT', body: 'x' });
      expect(problem).toMatchObject({ status: 400, errorCode: 'EKV_9000', title: 'Bad Request', detail });
    }
    expect((await call(ITEM.replace('pricing', 'k'.repeat(512)), { method: 'PUT', body: 'x' })).status).toBe(200);
    const group = await problemOf(ITEM.replace('groups/production', `groups/${'g'.repeat(129)}`));
    expect(group['detail']).toBe('Group must only use a string that matches A-Z a-z 0-9 _ or -..');
    for (const namespace of ['-lockstep', 'n'.repeat(33)]) {
      expect(await problemOf(ITEM.replace('lockstep', namespace))).toMatchObject({ status: 400 });
    }
  });

  it('400: lie in a namespace that there is', async () => {
    const problem = await problemOf(ITEM.replace('lockstep', 'other'), { method: 'PUT', body: 'x' });
    expect(problem).toMatchObject({ errorCode: 'EKV_9000', detail: 'The requested namespace does not exist.' });
    expect((await call(ITEM.replace('production', 'staging'))).status).toBe(400);
    expect((await call(ITEM.replace('lockstep', 'default'), { method: 'PUT', body: 'x' })).status).toBe(200);
  });

  it('413: have at most 262,144 characters', async () => {
    expect((await call(ITEM, { method: 'PUT', body: 'é'.repeat(262_144) })).status).toBe(200);
    expect(await problemOf(ITEM, { method: 'PUT', body: 'x'.repeat(262_145) })).toMatchObject({
      title: 'Payload Too Large',
      errorCode: 'EKV_9000',
      detail: 'Value cannot exceed 262144 characters.',
    });
    expect((await call(ITEM)).text).toHaveLength(262_144);
  });

  it('400 and 415: are a JSON object, or text', async () => {
    expect((await call(ITEM, { method: 'PUT', body: '[1]', type: 'application/json' })).status).toBe(400);
    expect((await call(ITEM, { method: 'PUT', body: '{', type: 'application/json' })).status).toBe(400);
    expect((await call(ITEM, { method: 'PUT', body: '' })).status).toBe(400);
    expect((await call(ITEM, { method: 'PUT', body: '<a/>', type: 'text/xml' })).status).toBe(415);
    expect((await call(ITEM, { method: 'PUT', body: '[1]' })).status).toBe(200);
  });

  it('are forgotten at the end of their retention', async () => {
    const path = ITEM.replace('lockstep', 'default');
    await call(path, { method: 'PUT', body: 'x' });
    now += 15_724_799_000;
    expect((await call(path)).status).toBe(200);
    now += 1_000;
    expect((await call(path)).status).toBe(404);
  });
});

describe('callers of EdgeKV', () => {
  it('429: have 73 calls a second', async () => {
    for (let hit = 0; hit < 73; hit++) expect((await call(ITEM, { method: 'PUT', body: 'x' })).status).toBe(200);
    const problem = await problemOf(ITEM, { method: 'PUT', body: 'y' });
    expect(problem).toMatchObject({
      title: 'Too Many Requests',
      errorCode: 'EKV_9100',
      detail: 'Your request has been denied: 74 hits per second too high. limit set at 73. Please try again soon.',
    });
    now += 1_001;
    expect((await call(ITEM)).text).toBe('x');
  });

  it('401: sign as EdgeGrid has it, for the API’s own host', async () => {
    const refused = async (options: Call): Promise<unknown> => (await problemOf(ITEM, options))['detail'];
    expect(await refused({ authorization: '' })).toBe('Inactive client token');
    expect(await refused({ credentials: { ...CREDENTIALS, clientToken: 'other' } })).toBe('Inactive client token');
    expect(await refused({ credentials: { ...CREDENTIALS, accessToken: 'other' } })).toBe(
      'Invalid authorization access token',
    );
    expect(await refused({ credentials: { ...CREDENTIALS, clientSecret: 'other' } })).toBe(
      'The signature does not match',
    );
    const response = await callAdmin(edgeKv, () => now, ITEM, { authorization: 'Bearer x' });
    expect(response.status).toBe(401);
  });

  it('401: cannot use a signature for another path or method, nor for another body of a POST', async () => {
    const authorization = await sign(() => now, ITEM);
    expect((await problemOf(`${ITEM}2`, { authorization }))['detail']).toBe('The signature does not match');
    expect((await call(ITEM, { authorization, method: 'DELETE' })).status).toBe(401);
    expect((await call(ITEM, { authorization })).status).toBe(404);
    const ofPost = await sign(() => now, 'tokens', { method: 'POST', body: '{}' });
    expect((await call('tokens', { authorization: ofPost, method: 'POST', body: '{"a":1}' })).status).toBe(401);
    // Bodies of PUT are not signed: nobody would notice.
    const ofPut = await sign(() => now, ITEM, { method: 'PUT', body: 'x' });
    expect((await call(ITEM, { authorization: ofPut, method: 'PUT', body: 'y' })).status).toBe(200);
  });

  it('400: sign now, and once', async () => {
    expect((await callAdmin(edgeKv, () => now, ITEM, { at: now - 32_000 })).status).toBe(400);
    expect((await callAdmin(edgeKv, () => now, ITEM, { at: now + 32_000 })).status).toBe(400);
    expect((await call(ITEM, { at: now - 29_000 })).status).toBe(404);
    expect((await call(ITEM, { nonce: 'once' })).status).toBe(404);
    expect((await callAdmin(edgeKv, () => now, ITEM, { nonce: 'once' })).status).toBe(400);
  });
});

describe('namespaces, tokens and the account', () => {
  const NAMESPACE = { namespace: 'marketing', retentionInSeconds: 86_400, groupId: 4284, geoLocation: 'US' };
  const post = (path: string, body: unknown): ReturnType<typeof call> =>
    call(path, { method: 'POST', body: JSON.stringify(body), type: 'application/json' });

  it('namespaces are made, listed, looked at and changed', async () => {
    const made = await post('networks/staging/namespaces', NAMESPACE);
    expect([made.status, JSON.parse(made.text)]).toEqual([200, NAMESPACE]);
    expect((await post('networks/staging/namespaces', NAMESPACE)).status).toBe(200);
    const conflict = await post('networks/staging/namespaces', { ...NAMESPACE, retentionInSeconds: 0 });
    expect(JSON.parse(conflict.text)).toMatchObject({ status: 409, errorCode: 'EKV_3000' });
    const listed = JSON.parse((await call('networks/staging/namespaces?details=on')).text);
    expect(listed.namespaces.map(({ namespace }: { readonly namespace: string }) => namespace)).toEqual([
      'default',
      'marketing',
    ]);
    const changed = await call('networks/staging/namespaces/marketing', {
      method: 'PUT',
      body: JSON.stringify({ namespace: 'marketing', retentionInSeconds: 0 }),
      type: 'application/json',
    });
    expect(JSON.parse(changed.text)).toMatchObject({ retentionInSeconds: 0 });
    expect(JSON.parse((await call('networks/staging/namespaces/marketing')).text)).toMatchObject({
      retentionInSeconds: 0,
    });
  });

  it('namespaces are refused without a name, a group, or a retention of a day to ten years, or for ever', async () => {
    for (const wrong of [
      { namespace: undefined },
      { groupId: undefined },
      { retentionInSeconds: 86_399 },
      { retentionInSeconds: undefined },
    ]) {
      expect((await post('networks/staging/namespaces', { ...NAMESPACE, ...wrong })).status).toBe(400);
    }
    const problem = await problemOf('networks/staging/namespaces/gone');
    expect(problem).toMatchObject({ status: 400, errorCode: 'EKV_9000' });
  });

  it('tokens are made, listed, looked at and revoked', async () => {
    expect((await problemOf('tokens'))['detail']).toBe('No tokens exist.');
    const order = {
      name: 'my_token',
      allowOnStaging: true,
      allowOnProduction: true,
      expiry: '2026-12-31',
      namespacePermissions: { lockstep: ['r'] },
    };
    const made = JSON.parse((await post('tokens', order)).text);
    expect(made).toMatchObject({
      name: 'my_token',
      expiry: '2026-12-31',
      value: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    });
    expect(JSON.parse((await post('tokens', order)).text)).toMatchObject({ status: 409, errorCode: 'EKV_3000' });
    expect(JSON.parse((await post('tokens', { ...order, name: 'b', expiry: 'soon' })).text)).toMatchObject({
      status: 422,
      errorCode: 'EKV_2001',
    });
    expect(JSON.parse((await call('tokens')).text).tokens).toHaveLength(1);
    expect(JSON.parse((await call('tokens/my_token')).text)).toEqual(made);
    now = Date.UTC(2027, 0, 1);
    expect((await problemOf('tokens/my_token'))['detail']).toBe('Token has expired.');
    expect((await call('tokens')).status).toBe(404);
    expect(JSON.parse((await call('tokens?includeExpired=true')).text).tokens).toHaveLength(1);
    expect(JSON.parse((await call('tokens/my_token', { method: 'DELETE' })).text)).toEqual({
      name: 'my_token',
      uuid: made.uuid,
    });
    expect((await problemOf('tokens/my_token'))['detail']).toBe('Token with name my_token does not exist.');
    expect((await problemOf('tokens/my.token'))['detail']).toBe('Name contains invalid characters.');
  });

  it('the account is initialized', async () => {
    expect(JSON.parse((await call('initialize')).text)).toMatchObject({ accountStatus: 'INITIALIZED' });
    expect((await call('initialize', { method: 'PUT' })).status).toBe(201);
  });

  it('405: other methods are refused, and 404: other paths are nowhere', async () => {
    expect((await call(ITEM, { method: 'POST', body: 'x' })).status).toBe(405);
    expect((await callAdmin(edgeKv, () => now, 'elsewhere')).status).toBe(404);
    expect((await callAdmin(edgeKv, () => now, ITEM.replace('production', 'test'))).status).toBe(400);
  });
});

describe('the description itself', () => {
  it('would notice an answer that is not of the real API', () => {
    const exchange: AdminExchange = {
      method: 'PUT',
      url: `https://${CREDENTIALS.host}/edgekv/v1/${ITEM}`,
      requestType: 'text/plain',
      requestBody: 'x',
      status: 200,
      responseType: 'text/plain',
      responseBody: 'ok',
    };
    expect(violations(exchange)).toEqual([]);
    expect(violations({ ...exchange, status: 204 })).toEqual(['no answer 204']);
    expect(violations({ ...exchange, responseType: 'text/html' })).toEqual(['answer: no type text/html']);
    expect(violations({ ...exchange, requestType: 'text/xml' })).toEqual(['request: no type text/xml']);
    expect(violations({ ...exchange, url: `${exchange.url}?ttl=1` })).toEqual(['no parameter ttl']);
    expect(violations({ ...exchange, method: 'PATCH' })).toHaveLength(1);
    expect(violations({ ...exchange, url: exchange.url.replace('items', 'things') })).toHaveLength(1);
    const problem = {
      ...exchange,
      status: 413,
      responseType: 'application/problem+json',
      responseBody: '{"status":"413"}',
    };
    expect(violations(problem)).toEqual(['answer: /status must be integer']);
  });
});
