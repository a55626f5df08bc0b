/** Paths, bodies and origins that try to be what they are not. */
import { describe, expect, it } from 'vitest';
import { uiOnly } from '../../control/fixtures/people.ts';
import { foundedApi, newApi, tokenOf } from '../fixtures/api.ts';

const FLAG = '/v1/environments/production/flags/pricing.fare';

describe('B42: a path', () => {
  it.each([
    ...[
      '//v1/me',
      '/v1//me',
      '/v1/./me',
      '/v1/../v1/me/',
      '/v1/me/',
      '/V1/me',
      '/v1/Me',
      '/v1/me.',
      '/v1/me;x',
      '/v1/%6de',
    ],
    ...[
      '/v1%2Fme',
      '/v1/x/%2e%2e/me',
      '/v1/environments/production/flags/pricing%2Efare',
      '/v1/me%00',
      '/v1/me%20',
      '/v1/me%3F',
    ],
  ])('%s is no other spelling of a route', async (path) => {
    const { fetch } = await foundedApi();
    // Spelled as it stands: a client, and `Request` too, would mend some of these.
    const request = new Request('https://control.example/', {
      headers: { authorization: `Bearer ${tokenOf(uiOnly)}` },
    });
    const url = `https://control.example${path}`;
    const spelled = new Proxy(request, {
      get: (target, name) => (name === 'url' ? url : (Reflect.get(target, name, target) as unknown)),
    });
    const { status } = await fetch(spelled);
    const mended = new URL(url).pathname;
    expect(status).toBe(mended === '/v1/me' ? 200 : 404);
  });

  it('is what it is, whatever method a header names', async () => {
    const { ask, control } = await foundedApi();
    const before = control.status().entries;
    for (const name of ['x-http-method-override', 'x-method-override', 'x-http-method'])
      expect((await ask(`GET ${FLAG}`, { headers: { [name]: 'DELETE', 'if-match': '"1"' } })).status).toBe(200);
    expect(await ask('POST /v1/me', { body: {} })).toMatchObject({
      status: 405,
      body: { code: 'wrong-method', allow: ['GET'] },
    });
    expect(control.status().entries).toBe(before);
  });
});

describe('B48: another origin', () => {
  const change = JSON.stringify({ operations: [], justification: 'From elsewhere.' });

  it.each([
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    '',
  ])('sends no write as %s', async (type) => {
    const { ask, control } = await foundedApi();
    const before = control.status().entries;
    const headers = { 'content-type': type, origin: 'https://elsewhere.example' };
    expect((await ask('POST /v1/changes', { body: change, headers })).status).toBe(415);
    expect(control.status().entries).toBe(before);
  });

  it('is given no permission, and no cookie counts', async () => {
    const { fetch } = await foundedApi();
    const origin = 'https://elsewhere.example';
    const preflight = await fetch(
      new Request('https://control.example/v1/changes', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      }),
    );
    expect(preflight.status).toBe(401);
    expect([...preflight.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    const cookie = `token=${tokenOf(uiOnly)}`;
    expect((await fetch(new Request('https://control.example/v1/me', { headers: { cookie, origin } }))).status).toBe(
      401,
    );
  });
});

describe('B51: another organisation', () => {
  it('has cursors, ETags and ids that mean nothing here', async () => {
    const here = await foundedApi();
    const there = await foundedApi({}, 'other');
    const change = {
      operations: [{ op: 'archive', kind: 'flag', environment: 'production', key: 'pricing.old', base: 1 }],
      justification: 'Old.',
    };
    const { body: opened } = await there.ask('POST /v1/changes', { body: change });
    const { id, hash } = opened.request;
    expect((await here.ask(`GET /v1/change-requests/${id}`)).status).toBe(404);
    expect(
      (await here.ask(`POST /v1/change-requests/${id}/approve`, { headers: { 'if-match': `"${hash}"` } })).status,
    ).toBe(404);
    const { body: page } = await there.ask('GET /v1/environments/production/flags?limit=2');
    const mine = await here.ask(`GET /v1/environments/production/flags?limit=500&cursor=${page.next}`);
    const own = (await here.ask('GET /v1/environments/production/flags?limit=500')).body.items;
    expect(own.slice(2)).toEqual(mine.body.items);
    const token = { authorization: `Bearer ${tokenOf(uiOnly, 'other')}` };
    expect((await here.ask('GET /v1/me', { as: null, headers: token })).status).toBe(401);
    expect((await newApi().ask('GET /v1/environments/production/flags')).status).toBe(404);
  });
});

describe('B55: what is written into the log', () => {
  it('breaks no line of it, is bounded, and holds no secret', async () => {
    const { ask, control } = await foundedApi();
    const put = (justification: string) =>
      ask('PUT /v1/environments/production/segments/unused', {
        body: { body: { description: 'S', included: [justification.slice(0, 5)] }, justification },
        headers: { 'if-match': '"1"' },
      });
    expect((await put('x'.repeat(1_000_000))).status).toBe(422);
    expect(await put(`see ${tokenOf(uiOnly)}`)).toMatchObject({ status: 422, body: { code: 'holds-secret' } });
    expect((await put('one\ntwo\r\n{"hash":"x"}\u001b[31m\u2028')).status).toBe(200);
    const lines = (await ask('GET /v1/log')).text.trimEnd().split('\n');
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
    expect(lines.filter((line) => line.startsWith('{"hash"'))).toHaveLength(control.status().entries);
  });
});
