import { beforeAll, describe, expect, it } from 'vitest';
import { createSigner, type Signer } from '../unit/fixtures/signing.ts';
import {
  type Asking,
  BULK,
  bodyOf,
  CLIENT_KEY,
  createEdge,
  createStore,
  type Edge,
  FLAG,
  linesOf,
  SERVER_KEY,
  STALE_MS,
} from './fixtures/edge.ts';

let signer: Signer;
let edge: Edge;
beforeAll(async () => {
  signer = await createSigner();
  edge = await createEdge(signer, createStore(await signer.sign(linesOf(7), { version: 7 })));
  await edge.flag();
});

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('I7: every evaluation', () => {
  it.each<[string, string, Asking]>([
    ['of one flag', `${BULK}/${FLAG}`, {}],
    ['of a flag that there is not', `${BULK}/no.such`, {}],
    ['of all flags', BULK, {}],
    ['of a body that is none', BULK, { body: '' }],
    ['for a page', `${BULK}/${FLAG}`, { key: CLIENT_KEY, headers: { origin: 'https://www.marketplace.example' } }],
  ])('%s tells the version that it is of, how long it waited for it, and how old that is', async (_, path, asking) => {
    const { headers } = await edge.ask(path, { ...bodyOf(), ...asking });
    expect(headers.get('lockstep-version')).toBe('7');
    expect(headers.get('server-timing')).toMatch(/^ruleset;dur=\d+, age;dur=\d+$/);
    expect(headers.get('content-type')).toBe('application/json');
  });

  it('tells an age that grows until the store confirms what is served', async () => {
    const aging = await createEdge(signer, createStore(await signer.sign(linesOf(7), { version: 7 })));
    expect((await aging.flag()).headers.get('server-timing')).toMatch(/age;dur=0$/);
    aging.clock.forward(4_000);
    expect((await aging.flag()).headers.get('server-timing')).toMatch(/age;dur=4000$/);
    await aging.revalidate();
    expect((await aging.flag()).headers.get('server-timing')).toMatch(/age;dur=0$/);
  });

  it('tells no age before there is a ruleset', async () => {
    const empty = await createEdge(signer, createStore());
    expect((await empty.flag()).headers.get('server-timing')).toMatch(/^ruleset;dur=\d+$/);
  });

  it('tells of 304 too', async () => {
    const etag = (await edge.ask(BULK, bodyOf())).headers.get('etag') as string;
    const again = await edge.ask(BULK, { ...bodyOf(), headers: { 'if-none-match': etag } });
    expect([again.status, again.headers.get('lockstep-version')]).toEqual([304, '7']);
    expect(again.headers.get('server-timing')).toMatch(/^ruleset;dur=/);
  });
});

describe('another method', () => {
  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    '%s is 405, and POST is named',
    async (method) => {
      for (const path of [BULK, `${BULK}/${FLAG}`, `${BULK}/a%2Fb`]) {
        const { status, headers, json } = await edge.ask(path, { method });
        expect([path, status, headers.get('allow')]).toEqual([path, 405, 'POST']);
        expect(headers.get('content-type')).toBe('application/problem+json');
        if (method !== 'HEAD') expect(json).toMatchObject({ status: 405, detail: expect.stringContaining('POST') });
      }
    },
  );

  it('than GET is 405 for the status, and GET is named', async () => {
    const { status, headers } = await edge.ask('/v1/status', { method: 'POST' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('is not told to somebody without a key', async () => {
    expect((await edge.ask(BULK, { method: 'GET', key: null })).status).toBe(401);
  });

  it('overridden by a header or in the query is still the one that it is', async () => {
    const headers = { 'x-http-method-override': 'POST', 'x-method-override': 'POST' };
    expect((await edge.ask(`${BULK}/${FLAG}?_method=POST`, { method: 'GET', headers })).status).toBe(405);
  });
});

it('tells anybody that it lives, and takes nothing there', async () => {
  expect((await edge.ask('/livez', { method: 'HEAD', key: null })).status).toBe(200);
  expect((await edge.ask('/livez', { method: 'POST', key: null })).status).toBe(401);
});

describe('I12: a key that is odd', () => {
  it.each([
    ['a slash', 'a%2Fb', 'a/b'],
    ['a path', 'a%2fb%2F..%2Fc', 'a/b/../c'],
    ['a percent sign', '%', '%'],
    ['an escaped percent sign', '%25', '%'],
    ['half an escape', '%2', '%2'],
    ['no escape', '%zz', '%zz'],
    ['a zero', '%00', '\0'],
    ['a prototype', '__proto__', '__proto__'],
    ['a constructor', 'constructor', 'constructor'],
    ['a method', 'hasOwnProperty', 'hasOwnProperty'],
    ['Cyrillic', '%D1%84%D0%BB%D0%B0%D0%B3', 'флаг'],
    ['Cyrillic that is not escaped', 'флаг', 'флаг'],
    ['an escaped lone surrogate', '%ED%A0%80', '%ED%A0%80'],
    ['two of them', '%ED%A0%BD%ED%B8%80', '%ED%A0%BD%ED%B8%80'],
    ['half a letter', '%C3', '%C3'],
    ['a face', '%F0%9F%98%80', '😀'],
    ['lines of a header', '%0d%0aset-cookie:x=1', '\r\nset-cookie:x=1'],
    ['8,000 letters', 'x'.repeat(8_000), 'x'.repeat(8_000)],
  ])('%s is not found, for either kind of key', async (_, path, key) => {
    for (const kind of [SERVER_KEY, CLIENT_KEY]) {
      const { status, json, headers } = await edge.ask(`${BULK}/${path}`, { ...bodyOf(), key: kind });
      expect([status, json]).toMatchObject([
        404,
        { key, errorCode: 'FLAG_NOT_FOUND', errorDetails: expect.any(String) },
      ]);
      expect(headers.has('set-cookie')).toBe(false);
    }
  });

  it.each(['a/b', `${FLAG}/`, '/', `/${FLAG}`, 'a/%2F', '%2F/a'])(
    '%s names no flag, as OFREP tells it',
    async (path) => {
      const { status, json } = await edge.ask(`${BULK}/${path}`, bodyOf());
      expect([status, json]).toMatchObject([404, { key: decodeURIComponent(path), errorCode: 'FLAG_NOT_FOUND' }]);
    },
  );
});

describe('I12: a body that is odd', () => {
  it.each<[string, BodyInit, string]>([
    ['an empty one', '', 'PARSE_ERROR'],
    ['a list', '[]', 'INVALID_CONTEXT'],
    ['null', 'null', 'INVALID_CONTEXT'],
    ['a context of null', '{"context":null}', 'INVALID_CONTEXT'],
    ['a context that is a list', '{"context":[]}', 'INVALID_CONTEXT'],
    ['two megabytes', `{"context":{"note":"${'x'.repeat(2 * 1024 * 1024)}"}}`, 'INVALID_CONTEXT'],
    ['two megabytes of spaces', ' '.repeat(2 * 1024 * 1024), 'INVALID_CONTEXT'],
    ['lists 20,000 deep', nested(20_000), 'INVALID_CONTEXT'],
    ['a context 20,000 deep', `{"context":{"a":${nested(20_000)}}}`, 'INVALID_CONTEXT'],
    ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0x7b, 0x00]), 'PARSE_ERROR'],
  ])('%s is told as the specification has it', async (_, body, errorCode) => {
    for (const path of [BULK, `${BULK}/${FLAG}`]) {
      const { status, json } = await edge.ask(path, { method: 'POST', body });
      expect([path, status, json]).toMatchObject([path, 400, { errorCode, errorDetails: expect.any(String) }]);
    }
    expect((await edge.flag()).status).toBe(200);
  });
});

describe('an ETag', () => {
  const etagOf = async (
    asked: Edge,
    context: object = { targetingKey: 'user-1' },
    asking: Asking = {},
  ): Promise<string> => {
    const { status, headers } = await asked.ask(BULK, { ...bodyOf(context), ...asking });
    expect([status, headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
    return headers.get('etag') as string;
  };

  it('is the same for the same question, however it is written', async () => {
    const first = await etagOf(edge, { targetingKey: 'user-1', plan: 'gold' });
    expect(await etagOf(edge, { plan: 'gold', targetingKey: 'user-1' })).toBe(first);
  });

  it('is never another user’s, another key kind’s, another place’s, another version’s, or a stale one’s', async () => {
    const text = await signer.sign(linesOf(7), { version: 7 });
    const elsewhere = await createEdge(signer, createStore(text), { REGION: 'asia' });
    const newer = await createEdge(signer, createStore(await signer.sign(linesOf(9), { version: 9 })));
    const stale = await createEdge(signer, createStore(text));
    await stale.flag();
    stale.store.fault = 'rejects';
    stale.clock.forward(STALE_MS + 1);
    const etags = [
      await etagOf(edge),
      await etagOf(edge, { targetingKey: 'user-2' }),
      await etagOf(edge, { targetingKey: 'user-1', plan: 'gold' }),
      await etagOf(edge, { targetingKey: 1 }),
      await etagOf(edge, { targetingKey: '1' }),
      await etagOf(edge, {}),
      await etagOf(edge, { targetingKey: 'user-1' }, { key: CLIENT_KEY }),
      await etagOf(edge, { targetingKey: 'user-1' }, { cf: { colo: 'SIN' } } as Asking),
      await etagOf(elsewhere),
      await etagOf(newer),
      await etagOf(stale),
      await etagOf(await createEdge(signer, createStore())),
    ];
    expect(new Set(etags).size).toBe(etags.length);
    for (const etag of etags.slice(1)) {
      const { status } = await edge.ask(BULK, { ...bodyOf(), headers: { 'if-none-match': etag } });
      expect(status).toBe(200);
    }
  });
});
