import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FlagEntry } from '#schema/entry';
import { type Caller, callerOf, callerWith, type Flag, flagsOf } from './fixtures/caller.ts';
import { rulesetInForce } from './fixtures/in-force.ts';
import { BULK } from './fixtures/ofrep-description.ts';
import { type SharedPlanet, sharedPlanet } from './fixtures/shared-planet.ts';
import { createUsers } from './fixtures/users.ts';

const FLAG = 'pricing.fareBundlingV2';
const BODY = JSON.stringify({ context: { targetingKey: 'user-1' } });

let planet: SharedPlanet;
let server: Caller;
let client: Caller;
let flags: readonly FlagEntry[];

beforeAll(async () => {
  planet = await sharedPlanet();
  server = callerOf(planet);
  client = callerOf(planet, 'client');
  const { reader } = await rulesetInForce(planet);
  flags = reader.flagKeys().map((key) => JSON.parse(reader.line(key) as string) as FlagEntry);
});

const keysOf = (ofClients: boolean): string[] => flags.filter(({ n }) => (n === 1) === ofClients).map(({ k }) => k);

describe('a client key', () => {
  it('B24: sees the flags that clients may see, all of them and no other', async () => {
    const seen = flagsOf(await client.all({ targetingKey: 'user-1' })).map(({ key }) => key);
    expect(seen).toEqual(keysOf(true));
    expect(seen.length).toBeLessThan(flags.length);
  });

  it('gets for its flags what a server gets', async () => {
    for (const user of createUsers(20)) {
      const ofServer = flagsOf(await server.all(user)).filter(({ key }) => keysOf(true).includes(key));
      const values = (list: readonly Flag[]): unknown[] => list.map(({ key, value, variant }) => [key, value, variant]);
      expect(values(flagsOf(await client.all(user)))).toEqual(values(ofServer));
    }
  });

  it('B24: cannot tell a flag of servers from one that there is not', async () => {
    const unknown = await client.one('pricing.noSuchFlag', { targetingKey: 'user-1' });
    expect(unknown.status).toBe(404);
    expect(keysOf(false).length).toBeGreaterThan(10);
    for (const key of keysOf(false)) {
      const asked = await client.one(key, { targetingKey: 'user-1' });
      expect([asked.status, asked.text]).toEqual([404, unknown.text.replaceAll('pricing.noSuchFlag', key)]);
      expect([...asked.headers.keys()].sort()).toEqual([...unknown.headers.keys()].sort());
    }
  });

  it('B24: reads in no answer what rules are made of: segments, e-mail domains, addresses, patterns, salts, named users', async () => {
    const secrets = [
      'staff"',
      'beta-testers',
      'high-value',
      'corporate',
      'suspicious',
      'european-union',
      '@marketplace',
      '192.0.2.',
      '2001:db8',
      'curl|wget',
      'qa-fares',
      'qa-pay',
      'segment:',
      ...flags.flatMap(({ s }) => (s === undefined ? [] : [String(s)])),
    ];
    const answers = await Promise.all(createUsers(60).map((user) => client.all(user)));
    const texts = answers.map(({ text }) => text.replaceAll('"rule":"staff"', ''));
    expect(secrets.filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([]);
  });

  it('B24: reads in no answer the names of rules, of holdouts, or of flags that only servers see', async () => {
    const answers = await Promise.all(createUsers(60).map((user) => client.all(user)));
    const hidden = ['rule', 'holdout', 'layer'];
    const told = answers
      .flatMap(flagsOf)
      .flatMap(({ key, metadata }) =>
        hidden.filter((name) => name in metadata).map((name) => `${key}: ${name} ${metadata[name]}`),
      );
    expect([...new Set(told)].sort()).toEqual([]);
    const failed = answers.flatMap(flagsOf).map(({ metadata }) => metadata['prerequisiteFailed']);
    expect(keysOf(false).filter((key) => failed.includes(key))).toEqual([]);
  });
});

describe('the status of a POP', () => {
  it('B24: is for servers, and not for clients', async () => {
    const asked = ['server', 'client'].map(async (kind) => {
      const headers = { authorization: `Bearer ${planet.file.keys[kind]}` };
      const response = await fetch(`${planet.edge}/v1/status`, { headers });
      return [response.status, (await response.text()).includes('digest')];
    });
    expect(await Promise.all(asked)).toEqual([
      [200, true],
      [403, false],
    ]);
  });
});

describe('a request without a valid key', () => {
  const wrongKeys = (): [string, Record<string, string>][] => {
    const { server: key = '', publisher = '' } = planet.file.keys;
    return [
      ['no key', {}],
      ['an empty one', { authorization: 'Bearer ' }],
      ['a wrong one', { authorization: 'Bearer ls_server_AAAAAAAAAAAAAAAAAAAAAAAA' }],
      ['one that lacks its last character', { authorization: `Bearer ${key.slice(0, -1)}` }],
      ['one with more behind it', { authorization: `Bearer ${key} ${key}` }],
      ['one in other case', { authorization: `Bearer ${key.toUpperCase()}` }],
      ['another scheme', { authorization: `Basic ${Buffer.from(`x:${key}`).toString('base64')}` }],
      ['the bare key', { authorization: key }],
      ['the hash of a key', { authorization: `Bearer ${createHash('sha256').update(key).digest('base64url')}` }],
      ['the publisher', { authorization: `Bearer ${publisher}` }],
      ['a very long one', { authorization: `Bearer ${'x'.repeat(8_000)}` }],
      ['a wrong one in X-API-Key', { 'x-api-key': 'ls_server_AAAAAAAAAAAAAAAAAAAAAAAA' }],
      ['a cookie', { cookie: `authorization=${key}; key=${key}` }],
    ];
  };

  it('B49: is refused with 401 and a problem that says what to send', async () => {
    for (const [what, credentials] of wrongKeys()) {
      for (const path of [BULK, `${BULK}/${FLAG}`, `${BULK}/no.such.flag`, '/no/such/route']) {
        const asked = await callerWith(planet.edge, credentials).post(path, BODY);
        expect([what, asked.status, asked.headers.get('content-type')]).toEqual([
          what,
          401,
          'application/problem+json',
        ]);
        expect(asked.headers.get('www-authenticate')).toMatch(/^Bearer/);
        expect(asked.text).toMatch(/Authorization: Bearer/);
        expect(asked.text).not.toMatch(/ls_|pricing/);
      }
    }
  });

  it('B49: is refused where the key stands in the query string', async () => {
    const key = planet.file.keys['server'] as string;
    for (const query of [
      `key=${key}`,
      `api_key=${key}`,
      `x-api-key=${key}`,
      `access_token=${key}`,
      `authorization=Bearer%20${key}`,
    ]) {
      const asked = await callerWith(planet.edge, {}).post(`${BULK}?${query}`, BODY);
      expect([query, asked.status]).toEqual([query, 401]);
      expect(asked.text).not.toContain(key);
    }
  });

  it('B49: learns nothing of the state of the POP', async () => {
    const response = await fetch(`${planet.edge}/v1/status`);
    expect([response.status, response.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
  });

  it('is let in with the key in X-API-Key, or with another spelling of the scheme', async () => {
    const key = planet.file.keys['server'] as string;
    for (const credentials of [
      { 'x-api-key': key },
      { authorization: `bearer ${key}` },
      { authorization: `BEARER  ${key}` },
    ]) {
      expect((await callerWith(planet.edge, credentials).post(BULK, BODY)).status).toBe(200);
    }
  });
});

describe('a caller that says where it is answered', () => {
  const SPOOFED = { region: 'asia-southeast1', cloud: 'azure', pop: 'sin' };
  const HEADERS = {
    'x-region': 'asia-southeast1',
    'x-cloud': 'azure',
    'x-pop': 'sin',
    'x-lockstep-region': 'asia-southeast1',
    'lockstep-decisions': 'pricing.fxProvider=local',
    'lockstep-version': '999',
    'cf-ray': '8f2b1c0d9e7a6b5c-SIN',
    'cf-ipcountry': 'SG',
    'mf-cf-blob': '{"colo":"SIN"}',
    'x-forwarded-for': '192.0.2.1',
    cookie: '__Secure-ls-9=forged; region=asia-southeast1; pricing.fxProvider=local',
  };

  it('B23: is decided for as if it had said nothing', async () => {
    const honest = await server.all({ targetingKey: 'user-1' });
    const lists = [
      await server.all({ targetingKey: 'user-1', ...SPOOFED }),
      await server.all({ targetingKey: 'user-1' }, HEADERS),
      await server.all({ targetingKey: 'user-1', ...SPOOFED, user: SPOOFED }, HEADERS),
    ];
    for (const { text } of lists) expect(text).toBe(honest.text);
    const [place, cache] = ['pricing.fxProvider', 'search.cacheSeconds'];
    expect(flagsOf(honest).find(({ key }) => key === place)).toMatchObject({ variant: 'ecb' });
    expect(flagsOf(honest).find(({ key }) => key === cache)).toMatchObject({ variant: 'long' });
  });

  it('B23: gets the POP’s own place from the status', async () => {
    const headers = { ...HEADERS, authorization: `Bearer ${planet.file.keys['server']}` };
    const response = await fetch(`${planet.edge}/v1/status`, { headers });
    expect(await response.json()).toMatchObject({ region: 'us-east-1', cloud: 'cloudflare', pop: 'iad' });
  });
});
