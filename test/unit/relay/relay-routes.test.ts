import { afterEach, describe, expect, it } from 'vitest';
import { keyEntry } from './fixtures/held.ts';
import { CHANGED, closeAll, publish, ready, started } from './fixtures/serving.ts';

afterEach(closeAll);

describe('rulesets at a relay', () => {
  it('are polled, with the age of home’s word', async () => {
    const { call, held } = await ready();
    held.clock.forward(12_345);
    const { header, reader, claims } = held.rulesets.current()!;
    const response = await call('/v1/ruleset');
    expect(await response.text()).toBe(`${header}\n${reader.lines}`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...{ etag: `"${claims.version}.${claims.sha256}.${claims.iat}"`, 'lockstep-version': '7', age: '12' },
    });
    const again = await call('/v1/ruleset', { headers: { 'if-none-match': response.headers.get('etag')! } });
    expect([again.status, again.headers.get('age'), await again.text()]).toEqual([304, '12', '']);
  });

  it('are fetched by digest, as long as they are kept', async () => {
    const serving = await ready();
    const { call, held } = serving;
    const before = held.rulesets.current()!;
    await publish(serving, CHANGED, 8);
    for (const encoding of ['gzip', 'identity']) {
      const path = `/v1/rulesets/${before.claims.sha256}`;
      const response = await call(path, { headers: { 'accept-encoding': encoding } });
      expect(response.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
      expect(response.headers.get('content-encoding')).toBe(encoding === 'gzip' ? 'gzip' : null);
      expect(await response.text()).toBe(before.reader.lines);
    }
    expect((await call(`/v1/rulesets/${'x'.repeat(43)}`)).status).toBe(404);
  });

  it('are for services that see all, and the keys document for relays', async () => {
    const { call, held, relay } = await ready();
    const statusesAt = (path: string, keys: readonly string[]) =>
      Promise.all(keys.map(async (key) => (await call(path, { key })).status));
    expect(await statusesAt('/v1/keys', ['relay'])).toEqual([404]);
    const issued = [
      keyEntry('all'),
      keyEntry('scoped', { n: ['pricing'] }),
      keyEntry('page', { t: 'client' }),
      keyEntry('below', { t: 'relay' }),
    ];
    await held.issue(issued, 1);
    relay.keysApplied();
    const keys = ['', 'server', 'scoped', 'page', 'all', 'below'];
    for (const path of ['/v1/ruleset', `/v1/rulesets/${held.rulesets.current()!.claims.sha256}`]) {
      expect(await statusesAt(path, keys)).toEqual([401, 401, 403, 403, 200, 200]);
    }
    expect(await statusesAt('/v1/keys', keys)).toEqual([401, 401, 403, 403, 403, 200]);
    const { header, reader } = held.keys.current()!;
    expect(await (await call('/v1/keys', { key: 'below' })).text()).toBe(`${header}\n${reader.lines}`);
  });

  it('are none where there is nothing yet', async () => {
    const { call } = await started();
    const response = await call('/v1/ruleset');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
  });
});

describe('what a relay tells of itself', () => {
  it('R23: is ready with any ruleset, whatever home does', async () => {
    const { call, held } = await ready();
    for (const days of [0, 1, 400]) {
      held.clock.forward(days * 86_400_000);
      expect((await call('/readyz', { key: '' })).status).toBe(200);
    }
    expect(await (await call('/livez', { key: '' })).text()).toBe('live');
  });

  it('is for services', async () => {
    const { call } = await ready();
    for (const path of ['/v1/status', '/metrics']) {
      const found = await Promise.all(
        ['', 'client', 'server', 'relay'].map(async (key) => (await call(path, { key })).status),
      );
      expect(found).toEqual([401, 403, 200, 200]);
    }
  });

  it('is what it has, from where, and for whom', async () => {
    const { call } = await ready();
    expect(await (await call('/v1/status')).json()).toMatchObject({
      ...{ environment: 'production', region: 'eu-west-1', cloud: 'aws', source: 'stream', version: 7, stale: false },
      ...{ instance: 'relay-dub', canary: false, draining: false, storeErrors: 0 },
      upstream: { connected: true },
      keys: { source: 'settings', version: null },
      streams: { sdk: 0, relay: 0, page: 0, cut: 0 },
      below: { heard: 0, refusing: 0 },
    });
  });

  it('counts requests by route and status, and no path', async () => {
    const { call } = await ready();
    await call('/v1/ruleset');
    await call('/v1/ruleset', { key: 'x' });
    await call('/ofrep/v1/events/secret-ticket', { key: '' });
    await call('/nobody/knows', { key: '' });
    const text = await (await call('/metrics')).text();
    for (const one of [
      'ruleset",status="200',
      'ruleset",status="401',
      'ofrep-events",status="401',
      'other",status="404',
    ]) {
      expect(text).toContain(`lockstep_relay_requests_total{route="${one}"} 1`);
    }
    expect(text).not.toContain('secret-ticket');
  });

  it.each([
    ['POST', '/v1/ruleset', 'GET, HEAD'],
    ['PUT', '/livez', 'GET, HEAD'],
    ['GET', '/v1/acks', 'POST'],
    ['GET', '/v1/exposures', 'POST'],
    ['POST', '/v1/acks/booking-1', 'DELETE'],
    ['POST', '/v1/stream', 'GET'],
  ])('refuses %s %s, and says what it takes', async (method, path, allow) => {
    const { call } = await ready();
    const response = await call(path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
  });
});
