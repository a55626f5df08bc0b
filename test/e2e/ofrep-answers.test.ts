import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RawEntry, rawLines } from '../unit/fixtures/lines.ts';
import { type Asked, type Caller, callerWith, etagOf, type Flag, flagsOf } from './fixtures/caller.ts';
import { type EdgeProcess, startEdge } from './fixtures/edge-process.ts';
import { BULK, faultsOf, type Route, SINGLE } from './fixtures/ofrep-description.ts';
import { until } from './fixtures/poll.ts';

// A caller holds each answer against the description of OFREP: a test here that gets one has shown that it is allowed.

const TEXTS = [
  ['a', 'A', 'aaaaaaaa'],
  ['b', 'B', 'bbbbbbbb'],
];
const ENTRIES: readonly RawEntry[] = [
  { k: 'a.boolean', r: 1, f: 1, n: 1 },
  { k: 'a.list', r: 1, v: [['one', [1, 'x'], 'aaaaaaaa']], f: 0 },
  { k: 'a.number', r: 1, v: [['half', 0.5, 'aaaaaaaa']], f: 0 },
  { k: 'a.split', r: 1, v: TEXTS, s: 'x7Kq2mPd', f: [0, [0, 50_000, 1, 100_000]] },
  { k: 'a.text', r: 1, v: TEXTS, f: 1 },
  { k: 'an.object', r: 1, v: [['deep', { a: { b: [null, 1] } }, 'aaaaaaaa']], f: 0 },
  { k: 'disabled', r: 1, e: 0, o: 0, f: 1 },
  { k: 'disabled.without-off', r: 1, e: 0, f: 1 },
  { k: 'gated', r: 1, o: 0, p: [['disabled', ['on']]], f: 1 },
  { k: 'refused', r: 1, v: TEXTS, d: 1, f: 99 },
  { k: 'refused.without-default', r: 1, v: TEXTS, f: 99 },
  { k: 'rule', r: 1, u: [['gold', [['in', 'plan', ['gold']]], 1]], f: 0 },
];
const OFFLINE = {
  'a.boolean': { variation: 'off', value: false, visibility: 'client' },
  'a.text': { variation: 'a', value: 'A', visibility: 'server' },
};
const USER = { targetingKey: 'user-1', plan: 'gold' };
const STALE_AFTER_MS = 2_000;

let edge: EdgeProcess;
let server: Caller;
let client: Caller;

beforeAll(async () => {
  edge = await startEdge({
    places: { iad: { region: 'us-east-1', cloud: 'cloudflare', pop: 'iad' } },
    vars: { OFFLINE_DEFAULTS: JSON.stringify(OFFLINE), STALE_AFTER_MS: String(STALE_AFTER_MS) },
  });
  server = callerWith(edge.url('iad'), { authorization: `Bearer ${edge.keys.server}` });
  client = callerWith(edge.url('iad'), { authorization: `Bearer ${edge.keys.client}` });
});
afterAll(() => edge?.stop());

const said = ({ status, json }: Asked): unknown => [status, json];

describe('a POP that never received a ruleset', () => {
  const metadata = { version: 0, revision: 0, warning: 'NO_RULESET' };

  it('gives the offline default, or no value', async () => {
    const text = { key: 'a.text', value: 'A', variant: 'a', reason: 'DEFAULT', metadata };
    expect(said(await server.one('a.text', USER))).toEqual([200, text]);
    for (const asked of [await server.one('a.number', USER), await client.one('a.text', USER)]) {
      expect(said(asked)).toMatchObject([200, { reason: 'DEFAULT', metadata: { version: 0, warning: 'NO_RULESET' } }]);
      expect(asked.json).not.toHaveProperty('value');
    }
  });

  it('gives all offline defaults together, and an ETag of them', async () => {
    const all = await server.all(USER);
    expect(flagsOf(all).map(({ key, value }) => [key, value])).toEqual([
      ['a.boolean', false],
      ['a.text', 'A'],
    ]);
    expect(flagsOf(await client.all(USER)).map(({ key }) => key)).toEqual(['a.boolean']);
    expect((await server.all(USER, { 'if-none-match': etagOf(all) })).status).toBe(304);
  });
});

describe('a POP with flags of every kind', () => {
  beforeAll(() => edge.publish(rawLines(ENTRIES), 1, ['iad']));

  const metadata = { version: 1, revision: 1 };
  it.each<[string, string, number, object]>([
    ['a boolean', 'a.boolean', 200, { value: true, variant: 'on', reason: 'STATIC', metadata }],
    ['a number', 'a.number', 200, { value: 0.5, variant: 'half', reason: 'STATIC', metadata }],
    ['a text', 'a.text', 200, { value: 'B', variant: 'b', reason: 'STATIC', metadata }],
    ['an object', 'an.object', 200, { value: { a: { b: [null, 1] } }, variant: 'deep', reason: 'STATIC', metadata }],
    ['a list', 'a.list', 200, { value: [1, 'x'], variant: 'one', reason: 'STATIC', metadata }],
    ['a share', 'a.split', 200, { value: 'A', variant: 'a', reason: 'SPLIT', metadata }],
    ['a rule', 'rule', 200, { value: true, reason: 'TARGETING_MATCH', metadata: { ...metadata, rule: 'gold' } }],
    [
      'a gate',
      'gated',
      200,
      { value: false, reason: 'DEFAULT', metadata: { ...metadata, prerequisiteFailed: 'disabled' } },
    ],
    ['a disabled flag', 'disabled', 200, { value: false, variant: 'off', reason: 'DISABLED', metadata }],
    [
      'a refused flag',
      'refused',
      200,
      { value: 'B', reason: 'DEFAULT', metadata: { ...metadata, errorCode: 'PARSE_ERROR' } },
    ],
    ['a refused flag without a default', 'refused.without-default', 400, { errorCode: 'PARSE_ERROR' }],
    ['no flag', 'no.such.flag', 404, { errorCode: 'FLAG_NOT_FOUND' }],
  ])('answers for %s, alone and among all', async (_, key, status, body) => {
    const one = await server.one(key, USER);
    expect([one.status, one.json]).toMatchObject([status, { key, ...body }]);
    const among = flagsOf(await server.all(USER)).find((flag) => flag.key === key);
    expect(among).toEqual(status === 404 ? undefined : one.json);
  });

  it('leaves out the value of a disabled flag that has nothing to serve', async () => {
    const one = await server.one('disabled.without-off', USER);
    expect(said(one)).toEqual([200, { key: 'disabled.without-off', reason: 'DISABLED', metadata }]);
  });

  it('tells who has no targeting key that one was missed', async () => {
    const { json } = await server.one('a.split', {});
    expect(json).toMatchObject({ variant: 'a', reason: 'SPLIT', metadata: { warning: 'TARGETING_KEY_MISSING' } });
  });

  it.each<[string, string | undefined, string]>([
    ['no body', undefined, 'PARSE_ERROR'],
    ['half a body', '{"context":', 'PARSE_ERROR'],
    ['no context', '{}', 'INVALID_CONTEXT'],
    ['a context too large', JSON.stringify({ context: { x: 'x'.repeat(70_000) } }), 'INVALID_CONTEXT'],
  ])('refuses %s with 400, for one flag and for all', async (_, body, errorCode) => {
    expect(said(await server.post(BULK, body))).toMatchObject([400, { errorCode }]);
    expect(said(await server.post(`${BULK}/a.text`, body))).toMatchObject([400, { key: 'a.text', errorCode }]);
  });

  it('gives 304 for the ETag that it gave, and for no other', async () => {
    const etag = etagOf(await server.all(USER));
    expect((await server.all(USER, { 'if-none-match': etag })).status).toBe(304);
    expect((await server.all(USER, { 'if-none-match': '"abc123xyz"' })).status).toBe(200);
  });

  it('gives a problem for no key, for a route that there is not, and for another method', async () => {
    const nobody = callerWith(edge.url('iad'), {});
    expect(said(await nobody.all(USER))).toMatchObject([401, { status: 401 }]);
    expect(said(await nobody.one('a.text', USER))).toMatchObject([401, { status: 401 }]);
    expect(said(await server.post('/ofrep/v1/nothing', '{}'))).toMatchObject([404, { status: 404 }]);
    for (const path of [BULK, `${BULK}/a.text`]) {
      const headers = { authorization: `Bearer ${edge.keys.server}` };
      const response = await fetch(`${edge.url('iad')}${path}`, { headers });
      expect([response.status, response.headers.get('allow'), await response.json()]).toMatchObject([
        405,
        'POST',
        { status: 405 },
      ]);
    }
  });

  // Last: nothing brings the store's word back.
  it('says STALE of all but what is wrong, once the store has said nothing for too long', async () => {
    await edge.clear();
    const flag = await until('the POP is stale', async () => {
      const { json } = await server.one('a.text', USER);
      return (json as Flag).reason === 'STALE' ? json : undefined;
    });
    expect(flag).toMatchObject({ value: 'B', metadata: { ...metadata, freshReason: 'STATIC' } });
    const reasons = flagsOf(await server.all(USER)).map(({ key, reason }) => [key, reason]);
    expect(Object.fromEntries(reasons)).toMatchObject({ 'a.split': 'STALE', disabled: 'STALE', refused: 'DEFAULT' });
  });
});

describe('the description, as these tests hold answers against it', () => {
  const JSON_TYPE = { 'content-type': 'application/json' };
  const etag = '"e"';
  it.each<[string, Route, number, Record<string, string>, unknown]>([
    ['a success without a key', SINGLE, 200, JSON_TYPE, { reason: 'STATIC', value: true }],
    ['a success without a reason', SINGLE, 200, JSON_TYPE, { key: 'a', value: true }],
    ['a success of reason ERROR', SINGLE, 200, JSON_TYPE, { key: 'a', reason: 'ERROR', value: true }],
    ['a variant that is no text', SINGLE, 200, JSON_TYPE, { key: 'a', reason: 'STATIC', value: 1, variant: 1 }],
    ['metadata within metadata', SINGLE, 200, JSON_TYPE, { key: 'a', reason: 'STATIC', metadata: { a: {} } }],
    ['a failure without a code', SINGLE, 400, JSON_TYPE, { key: 'a' }],
    ['a code that there is not', SINGLE, 400, JSON_TYPE, { key: 'a', errorCode: 'OOPS' }],
    ['another code under 404', SINGLE, 404, JSON_TYPE, { key: 'a', errorCode: 'GENERAL' }],
    ['a status that it does not name', SINGLE, 418, JSON_TYPE, { key: 'a', errorCode: 'GENERAL' }],
    ['flags that are no list', BULK, 200, { ...JSON_TYPE, etag }, { flags: {} }],
    ['an item that is wrong', BULK, 200, { ...JSON_TYPE, etag }, { flags: [{ key: 'a' }] }],
    ['all flags without an ETag', BULK, 200, JSON_TYPE, { flags: [] }],
    ['an ETag without quotes', BULK, 200, { ...JSON_TYPE, etag: 'abc123xyz' }, { flags: [] }],
    ['304 with a body', BULK, 304, { etag }, {}],
    ['another type', SINGLE, 200, { 'content-type': 'text/html' }, { key: 'a', reason: 'STATIC' }],
    ['a problem of another status', SINGLE, 401, { 'content-type': 'application/problem+json' }, { status: 403 }],
    [
      'a problem where it has a body of its own',
      BULK,
      400,
      { 'content-type': 'application/problem+json' },
      { status: 400 },
    ],
  ])('does not allow %s', (_, route, status, headers, body) => {
    const answer = { status, headers: new Headers(headers), text: JSON.stringify(body) };
    expect(faultsOf(route, answer)).not.toEqual([]);
  });
});
