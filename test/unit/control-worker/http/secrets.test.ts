/** SDK keys and service tokens: what is shown once, and what is kept. */
import { describe, expect, it } from 'vitest';
import { digestOfText } from '#ruleset/write/digest';
import { admin, editor, otherAdmin, uiOnly } from '../../control/fixtures/people.ts';
import { foundedApi, type TestApi } from '../fixtures/api.ts';
import { exportOf } from '../fixtures/control.ts';

const KEY = { key: 'search-1', kind: 'server', service: 'search', environment: 'production', justification: 'New.' };
const TOKEN = {
  ...{ key: 'ci', owner: 'erin', roles: ['editor'], justification: 'Deploys.' },
  scopes: { environments: ['production'], namespaces: ['*'], actions: ['read', 'edit'] },
};
const create = (api: TestApi, kind: string, body: object, headers: Record<string, string> = {}) =>
  api.ask(`POST /v1/${kind}`, { as: admin, body, headers });

describe('a secret', () => {
  it.each<[string, object]>([
    ['sdk-keys', KEY],
    ['service-tokens', TOKEN],
  ])(
    'B49: of %s is shown by one of many requests at once with the same key: the one that made it',
    async (kind, body) => {
      const api = await foundedApi();
      const headers = { 'idempotency-key': 'once' };
      const all = await Promise.all(Array.from({ length: 8 }, () => create(api, kind, body, headers)));
      expect(new Set(all.map(({ status, body: { seq } }) => `${status} ${seq}`)).size).toBe(1);
      const secrets = all.flatMap(({ body: { secret } }) => secret ?? []);
      expect(secrets).toHaveLength(1);
      expect(exportOf(api.control)).toContain(digestOfText(secrets[0]));
    },
  );

  it('B49: of a rotation is shown by the one that made it, too', async () => {
    const api = await foundedApi();
    await create(api, 'sdk-keys', KEY);
    const rotate = {
      ...{ as: admin, body: { justification: 'Time.' } },
      headers: { 'if-match': '"1"', 'idempotency-key': 'once' },
    };
    const all = await Promise.all(
      Array.from({ length: 8 }, () => api.ask('POST /v1/sdk-keys/search-1/rotate', rotate)),
    );
    expect(all.map(({ status }) => status)).toEqual(Array(8).fill(200));
    const secrets = all.flatMap(({ body: { secret } }) => secret ?? []);
    expect(secrets).toHaveLength(1);
    expect(exportOf(api.control)).toContain(digestOfText(secrets[0]));
  });

  it('B51: that may not be read is rotated like one that is not there', async () => {
    const api = await foundedApi();
    await create(api, 'sdk-keys', KEY);
    const scopes = { environments: ['staging'], namespaces: ['*'], actions: ['*' as const] };
    api.ports.principals.set(uiOnly.id, { ...uiOnly, scopes });
    const rotate = (key: string) =>
      api.ask(`POST /v1/sdk-keys/${key}/rotate`, {
        ...{ as: uiOnly, body: { justification: 'Mine?' }, headers: { 'if-match': '"1"' } },
      });
    const [hidden, missing] = [await rotate('search-1'), await rotate('search-2')];
    expect(hidden).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(hidden.text.replaceAll('search-1', 'search-2')).toBe(missing.text);
  });
});

describe('an SDK key', () => {
  it('B49: is shown once, and kept as a digest', async () => {
    const api = await foundedApi();
    const made = await create(api, 'sdk-keys', KEY, { 'idempotency-key': 'once' });
    expect(made).toMatchObject({
      status: 200,
      body: { status: 'applied', secret: expect.stringMatching(/^ls_server_[\w-]{43}$/) },
    });
    const again = await create(api, 'sdk-keys', KEY, { 'idempotency-key': 'once' });
    expect(again.body).toMatchObject({ status: 'applied', seq: made.body.seq });
    expect(again.body.secret).toBeUndefined();
    const text = exportOf(api.control);
    expect(text).not.toContain(made.body.secret);
    expect(text).toContain(digestOfText(made.body.secret));
    const shown = await api.ask('GET /v1/sdk-keys/search-1');
    expect(shown.body).toEqual({
      ...{ key: 'search-1', revision: 1, kind: 'server', service: 'search', environment: 'production' },
      ...{ namespaces: ['*'], description: '', secrets: [{ lastUsedAt: null }], lastUsedAt: null },
    });
    expect(shown.text).not.toContain(digestOfText(made.body.secret));
  });

  it('says when it was last used, as far as it is known', async () => {
    const api = await foundedApi();
    const { body } = await create(api, 'sdk-keys', KEY);
    api.ports.uses.set(digestOfText(body.secret), Date.UTC(2026, 10, 30, 12));
    expect((await api.ask('GET /v1/sdk-keys')).body.items).toMatchObject([{ lastUsedAt: '2026-11-30T12:00:00.000Z' }]);
    expect((await api.ask('GET /v1/sdk-keys?environment=staging')).body.items).toEqual([]);
  });

  it('is rotated with an overlap, and revoked for good', async () => {
    const api = await foundedApi();
    const first = await create(api, 'sdk-keys', KEY);
    const rotated = await api.ask('POST /v1/sdk-keys/search-1/rotate', {
      ...{ as: admin, body: { overlapMs: 60_000, justification: 'Time.' }, headers: { 'if-match': '"1"' } },
    });
    expect(rotated.body.secret).not.toBe(first.body.secret);
    const shown = async () => (await api.ask('GET /v1/sdk-keys/search-1')).body;
    expect((await shown()).secrets).toEqual([
      { lastUsedAt: null },
      { lastUsedAt: null, expiresAt: expect.any(String) },
    ]);
    // So one sees whether anybody still has the old one.
    const [noon, later] = [Date.UTC(2026, 10, 30, 12), Date.UTC(2026, 10, 30, 13)];
    api.ports.uses.set(digestOfText(first.body.secret), later);
    expect(await shown()).toMatchObject({
      secrets: [{ lastUsedAt: null }, { lastUsedAt: '2026-11-30T13:00:00.000Z' }],
      lastUsedAt: '2026-11-30T13:00:00.000Z',
    });
    api.ports.uses.set(digestOfText(rotated.body.secret), noon);
    api.control.clock.now += 61_000;
    expect((await shown()).secrets).toEqual([{ lastUsedAt: '2026-11-30T12:00:00.000Z' }]);
    const revoked = { as: admin, body: { justification: 'Leaked.' }, headers: { 'if-match': '"2"' } };
    expect(await api.ask('DELETE /v1/sdk-keys/search-1', revoked)).toMatchObject({ body: { status: 'applied' } });
    expect((await api.ask('GET /v1/sdk-keys/search-1')).status).toBe(404);
    expect(await create(api, 'sdk-keys', KEY)).toMatchObject({ status: 409, body: { code: 'used-before' } });
  });

  it('is the only one of its service, and ends later than it begins: whoever asks otherwise is told what to do', async () => {
    const api = await foundedApi();
    const past = await create(api, 'sdk-keys', { ...KEY, expiresAt: '2020-01-01T00:00:00Z' });
    expect(past).toMatchObject({ status: 422, body: { code: 'over-already' } });
    expect(past.body.detail).toMatch(/2020-01-01T00:00:00.000Z.*expiresAt/);
    await create(api, 'sdk-keys', KEY);
    const second = await create(api, 'sdk-keys', { ...KEY, key: 'search-2' });
    expect(second).toMatchObject({ status: 409, body: { code: 'service-has-key', key: 'search-1' } });
    expect(second.body.detail).toMatch(/rotate/);
  });

  it('B51: is rotated to other namespaces, with an overlap in which the old secret keeps its own, and to no third beside the two', async () => {
    const api = await foundedApi();
    await create(api, 'sdk-keys', KEY);
    const rotate = (revision: number, body: object) =>
      api.ask('POST /v1/sdk-keys/search-1/rotate', {
        ...{ as: admin, body: { justification: 'Less.', ...body }, headers: { 'if-match': `"${revision}"` } },
      });
    const empty = await rotate(1, { namespaces: [] });
    expect(empty).toMatchObject({ status: 422, body: { code: 'malformed' } });
    expect(await rotate(1, { overlapMs: 60_000, namespaces: ['search'] })).toMatchObject({ status: 200 });
    const until = new Date(api.control.clock.now + 60_000).toISOString();
    expect((await api.ask('GET /v1/sdk-keys/search-1')).body).toMatchObject({
      namespaces: ['search'],
      secrets: [{ lastUsedAt: null }, { lastUsedAt: null, expiresAt: until, namespaces: ['*'] }],
    });
    const third = await rotate(2, { overlapMs: 60_000 });
    expect(third).toMatchObject({ status: 409, body: { code: 'overlap-runs', key: 'search-1' } });
    expect(third.body.secret).toBeUndefined();
    expect(third.body.detail).toContain(until);
    expect(third.body.detail).toMatch(/without an overlap/);
    expect(await rotate(2, { lost: true })).toMatchObject({ status: 200, body: { secret: expect.any(String) } });
    expect((await api.ask('GET /v1/sdk-keys/search-1')).body.secrets).toMatchObject([{}, { expiresAt: until }]);
    expect(await rotate(3, {})).toMatchObject({ status: 200, body: { secret: expect.any(String) } });
    expect((await api.ask('GET /v1/sdk-keys/search-1')).body.secrets).toEqual([{ lastUsedAt: null }]);
  });

  it('is made by admins alone, and shown in no dry run', async () => {
    const api = await foundedApi();
    expect((await api.ask('POST /v1/sdk-keys', { as: editor, body: KEY })).status).toBe(403);
    const dry = await api.ask('POST /v1/sdk-keys?dryRun=1', { as: admin, body: KEY });
    expect(dry.body).toMatchObject({ dryRun: true });
    expect(dry.body.secret).toBeUndefined();
    const elsewhere = await create(api, 'sdk-keys', { ...KEY, environment: 'nowhere' });
    expect(elsewhere).toMatchObject({ status: 404, body: { code: 'not-found' } });
    const own = { op: 'create', kind: 'sdk-key', key: 'x', base: 0, body: { ...KEY, sha256: 'A'.repeat(43) } };
    expect(
      (await api.ask('POST /v1/changes', { as: admin, body: { operations: [own], justification: 'Own.' } })).status,
    ).toBe(422);
  });
});

describe('a service token', () => {
  it('is valid once another admin has approved it, and does what its scopes hold', async () => {
    const api = await foundedApi();
    const opened = await create(api, 'service-tokens', TOKEN);
    expect(opened).toMatchObject({
      status: 202,
      body: { secret: expect.stringMatching(/^ls_marketplace\.ci\.[\w-]{43}$/) },
    });
    const { secret, request } = opened.body;
    const as = (path: string) => api.ask(`GET ${path}`, { as: null, headers: { authorization: `Bearer ${secret}` } });
    expect((await as('/v1/me')).status).toBe(401);
    const approval = { as: otherAdmin, headers: { 'if-match': `"${request.hash}"` } };
    expect((await api.ask(`POST /v1/change-requests/${request.id}/approve`, approval)).body).toMatchObject({
      status: 'applied',
    });
    expect((await as('/v1/me')).body).toMatchObject({ id: 'token:ci', owner: 'erin', roles: ['editor'] });
    expect((await as('/v1/environments/staging/flags')).status).toBe(404);
    const revoked = { as: admin, body: { justification: 'Leaked.' }, headers: { 'if-match': '"1"' } };
    expect((await api.ask('DELETE /v1/service-tokens/ci', revoked)).body).toMatchObject({ status: 'applied' });
    expect((await as('/v1/me')).status).toBe(401);
  });
});
