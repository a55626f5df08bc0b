/** OFREP by `responseProvider`: on the built bundle, in the harness, as the edge Worker answers it. */
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { FLAVOURS } from '../../scripts/akamai/bundle.ts';
import { etagOf, flagsOf } from '../e2e/fixtures/caller.ts';
import { BULK } from '../e2e/fixtures/ofrep-description.ts';
import { askFor, CODE_DEFAULTS, flagTypes, sorted } from '../e2e/fixtures/open-feature.ts';
import { createUsers } from '../e2e/fixtures/users.ts';
import { rawLines } from '../unit/fixtures/lines.ts';
import { FLAG, KEYS, POP, REVALIDATE_MS, readerOfMarketplace, STALE_MS } from './fixtures/deployed.ts';
import { type ServedPop, servePop } from './fixtures/pop.ts';

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function served(...options: Parameters<typeof servePop>): Promise<ServedPop> {
  const pop = await servePop(...options);
  stops.push(pop.stop);
  return pop;
}

const USER = { targetingKey: 'user-1', country: 'DE' };
const PLACE = { region: 'europe-west4', cloud: 'akamai', pop: POP };
const reader = readerOfMarketplace(7);

let pop: ServedPop;
beforeAll(async () => {
  pop = await served({ instances: 'mixed' });
  await pop.publish(7);
});

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${pop.url}${path}`, { headers: bearer(KEYS.server), ...init });

describe('an evaluation', () => {
  afterEach(() => {
    for (const { status, excesses, subRequests } of pop.reports.splice(0)) {
      expect([status, excesses]).toEqual(['Success', []]);
      expect(subRequests.length).toBeLessThanOrEqual(1);
    }
  });

  it('of one flag is answered as the evaluator in this process decides', async () => {
    const { value, variation, reason, revision, rule } = evaluate(reader, FLAG, createContext(USER, PLACE));
    const { status, json, headers } = await pop.server.one(FLAG, USER);
    expect([status, json]).toEqual([
      200,
      { key: FLAG, value, variant: variation, reason, metadata: { version: 7, revision, ...(rule && { rule }) } },
    ]);
    expect([headers.get('lockstep-version'), headers.get('server-timing')]).toEqual(['7', 'age;dur=0']);
    expect(headers.get('cache-control')).toBe('private, no-store');
  });

  it('of all flags is answered with each as it is by itself, and an ETag by which it is not sent again', async () => {
    const all = await pop.server.all(USER);
    expect(flagsOf(all).map(({ key }) => key)).toEqual(reader.flagKeys());
    for (const flag of flagsOf(all).slice(0, 8)) expect((await pop.server.one(flag.key, USER)).json).toEqual(flag);
    for (const held of [etagOf(all), `W/${etagOf(all)}`, `"x", ${etagOf(all)}`, '*']) {
      const again = await pop.server.all(USER, { 'if-none-match': held });
      expect([held, again.status, again.text, etagOf(again)]).toEqual([held, 304, '', etagOf(all)]);
    }
    expect(all.headers.get('cache-control')).toBe('private, no-store');
  });

  it('is never left out for another user’s ETag, nor for another key’s', async () => {
    const [mine, others] = [await pop.server.all(USER), await pop.server.all({ ...USER, targetingKey: 'user-2' })];
    expect(etagOf(mine)).not.toBe(etagOf(others));
    expect((await pop.server.all(USER, { 'if-none-match': etagOf(others) })).status).toBe(200);
    expect((await pop.client.all(USER, { 'if-none-match': etagOf(mine) })).status).toBe(200);
  });

  it('with a client’s key sees what clients may see', async () => {
    const visible = flagsOf(await pop.client.all(USER)).map(({ key }) => key);
    const ofClients = reader.flagKeys().filter((key) => reader.line(key)?.includes('"n":1'));
    expect(visible).toEqual(ofClients);
    const key = reader.flagKeys().find((one) => !ofClients.includes(one)) as string;
    expect((await pop.client.one(key, USER)).json).toMatchObject({ key, errorCode: 'FLAG_NOT_FOUND' });
    expect((await pop.server.one(key, USER)).status).toBe(200);
    expect((await pop.client.one(visible[0] as string, USER)).status).toBe(200);
  });

  it.each<[string, Record<string, string>]>([
    ['no key', {}],
    ['an empty one', { authorization: 'Bearer ' }],
    ['a wrong one', bearer('ls_server_of_somebody')],
    ['one that lacks its last character', bearer(KEYS.server.slice(0, -1))],
    ['one that is too long', bearer('x'.repeat(8_000))],
    ['one that is no ASCII', { 'x-api-key': 'ls_server_of_the_t\u00e9st' }],
    ['the bare key', { authorization: KEYS.server }],
    ['a cookie', { cookie: `authorization=${KEYS.server}` }],
  ])('with %s is refused: 401, and what to send', async (_, headers) => {
    const response = await fetch(`${pop.url}${BULK}`, { method: 'POST', headers, body: '{"context":{}}' });
    expect([response.status, response.headers.get('content-type'), response.headers.get('www-authenticate')]).toEqual([
      401,
      'application/problem+json',
      'Bearer',
    ]);
    expect(await response.json()).toMatchObject({ status: 401, detail: expect.stringContaining('Bearer <key>') });
  });
});

describe('a body that is no request', () => {
  let hostile: ServedPop;
  beforeAll(async () => {
    // The harness keeps a request's body in the sandbox, read or not, and the Basic tier has no more memory than two megabytes.
    hostile = await served({ instances: 'mixed', tier: 'dynamic' });
    await hostile.publish(7);
  });

  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const padded = (bytes: number): string => JSON.stringify({ context: { targetingKey: 'u', note: 'x'.repeat(bytes) } });

  it.each<[string, BodyInit, string]>([
    ['an empty one', '', 'PARSE_ERROR'],
    ['no JSON', 'targetingKey=user-1', 'PARSE_ERROR'],
    ['half of it', '{"context":{"targetingKey":"use', 'PARSE_ERROR'],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x00, 0x80]), 'PARSE_ERROR'],
    ['null', 'null', 'INVALID_CONTEXT'],
    ['an empty list', '[]', 'INVALID_CONTEXT'],
    ['a list of requests', '[{"context":{}}]', 'INVALID_CONTEXT'],
    ['no context', '{}', 'INVALID_CONTEXT'],
    ['a context of null', '{"context":null}', 'INVALID_CONTEXT'],
    ['a context that is a list', '{"context":[]}', 'INVALID_CONTEXT'],
    ['an inherited context', '{"__proto__":{"context":{}}}', 'INVALID_CONTEXT'],
    ['lists 20,000 deep', nested(20_000), 'INVALID_CONTEXT'],
    ['a context 20,000 deep', `{"context":{"targetingKey":"user-1","a":${nested(20_000)}}}`, 'INVALID_CONTEXT'],
    ['a byte more than 64 KB', padded(64 * 1_024), 'INVALID_CONTEXT'],
    ['two megabytes', padded(2 * 1_048_576), 'INVALID_CONTEXT'],
  ])('%s gets 400 and says what to send', async (_, body, errorCode) => {
    for (const route of [BULK, `${BULK}/${FLAG}`]) {
      const { status, json } = await hostile.server.post(route, body);
      expect([status, json]).toMatchObject([400, { errorCode, errorDetails: expect.stringMatching(/./) }]);
    }
    for (const { status } of hostile.reports.splice(0)) expect(status).toBe('Success');
  });

  it.each([70_000, 1_000_000])('%i bytes in pieces, of a length that is not said, get 400', async (bytes) => {
    const piece = new TextEncoder().encode('x'.repeat(bytes / 4));
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < 4; at++) controller.enqueue(piece);
        controller.close();
      },
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const { status } = await fetch(`${hostile.url}${BULK}`, { ...init, headers: bearer(KEYS.server) });
    expect([status, hostile.reports.at(-1)]).toMatchObject([400, { status: 'Success' }]);
    for (const { event, status } of hostile.reports.splice(0)) expect([event, status]).toEqual([event, 'Success']);
  });
});

describe('a context that is odd', () => {
  it.each<[string, string]>([
    ['no targeting key', '{}'],
    ['an empty one', '{"targetingKey":""}'],
    ['one of 10 KB', `{"targetingKey":"${'x'.repeat(10_240)}"}`],
    ['half a surrogate pair', '{"targetingKey":"\\ud800"}'],
    ['an object', '{"targetingKey":{"a":1}}'],
    ['an infinite one', '{"targetingKey":1e400}'],
    ['a prototype', '{"targetingKey":"user-1","__proto__":{"country":"US"},"constructor":{"prototype":{}}}'],
    ['names of methods', '{"targetingKey":"user-1","toString":1,"toJSON":3,"length":-1}'],
    ['5,000 attributes', JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`a${at}`, at])))],
    ['30 deep', `{"targetingKey":"user-1","tags":${'['.repeat(30)}${']'.repeat(30)}}`],
  ])('%s is decided for as in this process', async (_, text) => {
    const all = await pop.server.post(BULK, `{"context":${text}}`);
    const context = createContext(JSON.parse(text), PLACE);
    expect(flagsOf(all).map(({ key, variant }) => [key, variant])).toEqual(
      reader.flagKeys().map((key) => [key, evaluate(reader, key, context).variation]),
    );
  });
});

describe('a key of a flag that there cannot be', () => {
  const named = (path: string, key: string): [string, string, string] => [path.slice(0, 40), path, key];
  it.each([
    named('a%2Fb', 'a/b'),
    named('a/b', 'a/b'),
    named('%', '%'),
    named('%zz', '%zz'),
    named('%E4%F6', '%E4%F6'),
    named('%00', '\u0000'),
    named('__proto__', '__proto__'),
    named('constructor', 'constructor'),
    named('%D1%84%D0%BB%D0%B0%D0%B3', 'флаг'),
    named('segment:staff', 'segment:staff'),
    named(`${FLAG}%0A`, `${FLAG}\n`),
    named('%22%5D%7D%3Cscript%3E', '"]}<script>'),
    named('x'.repeat(8_000), 'x'.repeat(8_000)),
  ])('%s is not found, and named in the answer', async (_, path, key) => {
    const { status, json } = await pop.server.post(`${BULK}/${path}`, JSON.stringify({ context: USER }));
    expect([status, json]).toMatchObject([404, { key, errorCode: 'FLAG_NOT_FOUND' }]);
  });
});

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

describe('a POP in trouble', () => {
  it('that never received a view answers with the offline defaults, and names no flag unknown', async () => {
    const dark = await served();
    const [known, unknown, all] = [
      await dark.server.one(FLAG, USER),
      await dark.server.one('pricing.noSuchFlag', USER),
      await dark.server.all(USER),
    ];
    const metadata = { version: 0, warning: 'NO_RULESET' };
    expect([known.status, known.json]).toMatchObject([200, { value: 'control', reason: 'DEFAULT', metadata }]);
    expect([unknown.status, unknown.json]).toEqual([200, { key: 'pricing.noSuchFlag', reason: 'DEFAULT', metadata }]);
    expect(flagsOf(all)).toEqual([known.json]);
    expect(all.headers.get('lockstep-version')).toBe('0');
    const status = await fetch(`${dark.url}/v1/status`, { headers: bearer(KEYS.server) });
    expect(await status.json()).toMatchObject({
      source: 'offline-defaults',
      version: null,
      storeErrors: 1,
      lastFault: 'missing',
    });
  });

  it.each(['status', 'hang', 'cut', 'truncate'] as const)(
    'whose EdgeKV fails by "%s" goes on, and says STALE in time',
    async (name) => {
      const dark = await served({ instances: 'reused' });
      await dark.publish(7);
      const fresh = await dark.server.one(FLAG, USER);
      dark.edgeKv.faults.set(POP, name === 'status' ? { fault: name, status: 500 } : { fault: name });
      dark.forward(REVALIDATE_MS + 1);
      expect((await dark.server.one(FLAG, USER)).json).toEqual(fresh.json);
      dark.forward(STALE_MS);
      const stale = await dark.server.one(FLAG, USER);
      const { reason, ...same } = fresh.json as Record<string, unknown>;
      expect(stale.json).toMatchObject({
        value: same['value'],
        reason: 'STALE',
        metadata: { version: 7, freshReason: reason },
      });
      dark.edgeKv.faults.heal(POP);
      dark.forward(1_001);
      expect((await dark.server.one(FLAG, USER)).json).toEqual(fresh.json);
    },
  );

  it('whose settings are not sound says so, and not what they are', async () => {
    const broken = await served({ settings: { PUBLIC_KEYS: '[]' } });
    const response = await fetch(`${broken.url}${BULK}`, { method: 'POST', body: '{"context":{}}' });
    const text = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([500, 'application/problem+json']);
    expect(text).not.toContain('PUBLIC_KEYS');
    expect(broken.reports.find(({ event }) => event === 'responseProvider')?.log).toMatch(/PUBLIC_KEYS/);
  });

  it('without keys lets nobody ask', async () => {
    const closed = await served({ settings: { SDK_KEYS: '[]' } });
    await closed.publish(7);
    expect((await closed.server.one(FLAG, USER)).status).toBe(401);
  });
});

describe.each(FLAVOURS)('a view as large as a view may be, flavour %s', (flavour) => {
  it('is answered whole, inside the Basic tier', async () => {
    const lines: { readonly k: string; readonly [name: string]: unknown }[] = [];
    for (let bytes = 0, at = 1_000; bytes < 125_000; at++) {
      const k = `pricing.flag${at}`;
      const text = `${String(at)} ${'é'.repeat(40)} ${'x'.repeat(300)}`;
      lines.push({
        k,
        r: 1,
        n: 1,
        v: [
          ['control', text, 'aaaaaaaa'],
          ['v2', `${text}!`, 'bbbbbbbb'],
        ],
        s: `salt-${at}`,
        o: 0,
        f: [0, [1, 50_000, 0, 100_000]],
      });
      bytes += rawLines([lines.at(-1) as never]).length;
    }
    const large = await served({ flavour, instances: 'reused', memory: 'exact' });
    await large.publish(7, rawLines(lines));
    for (const targetingKey of ['user-1', 'user-2']) {
      const all = await large.server.all({ targetingKey });
      expect([all.status, flagsOf(all).length]).toEqual([200, lines.length]);
      expect(all.text.length).toBeGreaterThan(60_000);
    }
    for (const { status, excesses } of large.reports) expect([status, excesses]).toEqual(['Success', []]);
  });
});

describe('the marketplace over OpenFeature, by the provider as npm has it', () => {
  beforeAll(async () => {
    const { url, publish } = await served({ instances: 'reused' });
    await publish(7);
    const headers = Object.entries(bearer(KEYS.server)) as [string, string][];
    await OpenFeature.setProviderAndWait(POP, new OFREPProvider({ baseUrl: url, headers }));
  });
  afterAll(() => OpenFeature.close());

  it('decides every flag for all sorts of users as the evaluator in this process does there', async () => {
    const types = flagTypes(reader);
    expect(types.size).toBe(35);
    const client = OpenFeature.getClient(POP);
    const differences: object[] = [];
    for (const user of createUsers(25)) {
      const context = createContext(JSON.parse(JSON.stringify(user)), PLACE);
      for (const [key, type] of types) {
        const { value, variation, reason, rule, revision, version, metadata } = evaluate(reader, key, context);
        const details = await askFor(client, key, type, user);
        const got = {
          value: details.value,
          ...(value !== undefined && {
            variant: details.variant,
            reason: details.reason,
            metadata: details.flagMetadata,
          }),
        };
        const wanted =
          value === undefined
            ? { value: CODE_DEFAULTS[type] }
            : {
                value,
                variant: variation,
                reason,
                metadata: { version, revision, ...(rule && { rule }), ...metadata },
              };
        if (sorted(got) !== sorted(wanted)) differences.push({ key, user, got, wanted });
      }
    }
    expect(differences).toEqual([]);
  }, 180_000);
});
