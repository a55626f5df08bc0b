/** Who asks, how things stand, and items as they are read. */
import { describe, expect, it } from 'vitest';
import { person, uiOnly } from '../../control/fixtures/people.ts';
import { foundedApi, newApi, tokenOf } from '../fixtures/api.ts';

const ONLY_UI = { environments: ['production'], namespaces: ['ui'], actions: ['read' as const] };

describe('whoever asks', () => {
  it('is the principal that the token belongs to', async () => {
    const { ask } = await foundedApi();
    const { body, headers } = await ask('GET /v1/me', { as: uiOnly });
    expect(body).toMatchObject({ id: 'sso:uma', person: 'uma', kind: 'person', roles: ['ui-dev'] });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it.each<[string, Record<string, string>]>([
    ['no token', {}],
    ['another scheme', { authorization: `Basic ${tokenOf(uiOnly)}` }],
    ['a token of another organisation', { authorization: `Bearer ${tokenOf(uiOnly, 'other')}` }],
    ['a token of nobody', { authorization: `Bearer ls_marketplace.uma.${'A'.repeat(43)}` }],
    ['a token that is cut', { authorization: `Bearer ${tokenOf(uiOnly).slice(0, -1)}` }],
    ['two tokens', { authorization: `Bearer ${tokenOf(uiOnly)} ${tokenOf(uiOnly)}` }],
    ['a cookie', { cookie: `authorization=${tokenOf(uiOnly)}` }],
  ])('is nobody with %s', async (_what, headers) => {
    const { ask } = await foundedApi();
    const answer = await ask('GET /v1/me', { as: null, headers });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect((await ask('GET /v1/nothing', { as: null, headers })).status).toBe(401);
  });

  it('is not decided about where identities cannot be asked', async () => {
    const { ask, ports } = await foundedApi();
    ports.down.add('identities');
    expect(await ask('GET /v1/me')).toMatchObject({ status: 503, body: { code: 'identities-unreachable' } });
  });
});

describe('status', () => {
  it('says in words where config is frozen, as far as it may be read', async () => {
    const { ask, control, ports } = await foundedApi();
    control.publisher.fault = 'down';
    const body = { body: { description: 'S', included: ['x'] }, justification: 'More.' };
    const { body: done } = await ask('PUT /v1/environments/production/segments/mine', {
      body,
      headers: { 'if-match': '"1"' },
    });
    expect(done).toMatchObject({ status: 'applied' });
    const { body: status } = await ask('GET /v1/status');
    expect(status.environments).toMatchObject([
      {
        environment: 'production',
        frozen: true,
        waiting: { trouble: { kind: 'dark' }, since: expect.stringMatching(/Z$/) },
      },
      { environment: 'staging', frozen: false },
    ]);
    expect(status.message).toMatch(/^config is frozen in production: /);
    const scoped = person('sam', ['editor'], { scopes: { ...ONLY_UI, environments: ['staging'] } });
    ports.principals.set('sso:uma', { ...scoped, id: 'sso:uma' });
    expect((await ask('GET /v1/status', { as: uiOnly })).body).toMatchObject({
      environments: [{ environment: 'staging' }],
    });
  });
});

describe('items', () => {
  it('are read with their revision as the ETag', async () => {
    const { ask } = await foundedApi();
    const answer = await ask('GET /v1/environments/production/flags/pricing.fare');
    expect(answer).toMatchObject({
      status: 200,
      body: {
        kind: 'flag',
        key: 'pricing.fare',
        revision: 1,
        archived: false,
        people: { tags: [] },
        body: { salt: 'pricing-fare' },
      },
    });
    expect(answer.headers.get('etag')).toBe('"1"');
  });

  it('are listed page by page, each once, whatever the size of a page', async () => {
    const { ask } = await foundedApi();
    const { body } = await ask('GET /v1/environments/production/flags');
    const keys = body.items.map(({ key }: { key: string }) => key);
    expect(keys).toEqual([...keys].sort());
    expect(keys).toHaveLength(10);
    for (const limit of [1, 3, 10]) {
      const seen: string[] = [];
      for (let path: string | undefined = `/v1/environments/production/flags?limit=${limit}`; path !== undefined; ) {
        const page = await ask(`GET ${path}`);
        seen.push(...page.body.items.map(({ key }: { key: string }) => key));
        path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
        expect(path === undefined).toBe(page.body.next === undefined);
      }
      expect(seen).toEqual(keys);
    }
  });

  it('are found by what people say of them', async () => {
    const { ask } = await foundedApi();
    const put = {
      body: { description: 'Found by its words', included: ['x'] },
      people: { project: 'shop', owner: 'team-a', tags: ['q4'] },
      justification: 'More.',
    };
    await ask('PUT /v1/environments/production/segments/mine', { body: put, headers: { 'if-match': '"1"' } });
    for (const query of [
      'project=shop',
      'owner=team-a',
      'tag=q4',
      'q=BY%20ITS',
      'q=TEAM-A',
      'q=Mine',
      'archived=all&tag=q4',
    ]) {
      const { body } = await ask(`GET /v1/environments/production/segments?${query}`);
      expect([query, body.items.map(({ key }: { key: string }) => key)]).toEqual([query, ['mine']]);
    }
    for (const query of ['project=other', 'tag=q', 'q=nothing', 'archived=true']) {
      expect((await ask(`GET /v1/environments/production/segments?${query}`)).body.items).toEqual([]);
    }
  });

  it.each([
    'limit=0',
    'limit=501',
    'limit=1e2',
    'limit=1&limit=2',
    'cursor=!',
    'archived=maybe',
    'q=',
    'other=1',
    'dryRun=1',
    `q=${'x'.repeat(5_000)}`,
  ])('are not listed for ?%s', async (query) => {
    const { ask } = await foundedApi();
    const answer = await ask(`GET /v1/environments/production/flags?${query}`);
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'malformed', issues: [{ path: expect.stringMatching(/^query/) }] },
    });
  });

  it('are not found where they may not be read, nor is an environment', async () => {
    const { ask, ports } = await foundedApi();
    ports.principals.set('sso:uma', { ...uiOnly, scopes: ONLY_UI });
    const as = { as: uiOnly };
    expect(await ask('GET /v1/environments/production/flags/ui.banner', as)).toMatchObject({ status: 200 });
    const { body } = await ask('GET /v1/environments/production/flags', as);
    expect(body.items.map(({ key }: { key: string }) => key)).toEqual(['ui.banner', 'ui.gate', 'ui.old', 'ui.theme']);
    const hidden = await ask('GET /v1/environments/production/flags/pricing.fare', as);
    const missing = await ask('GET /v1/environments/production/flags/pricing.fare2', as);
    expect(hidden).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(hidden.text.replaceAll('fare', 'fare2')).toBe(missing.text);
    expect((await ask('GET /v1/environments/staging/flags', as)).text).toBe(
      (await ask('GET /v1/environments/nowhere/flags', as)).text.replaceAll('nowhere', 'staging'),
    );
  });
});

describe('a new organisation', () => {
  it('begins once, by an admin whose scopes hold all of it', async () => {
    const { ask, ports } = newApi();
    const body = {
      operations: [{ op: 'put', kind: 'environment', key: 'production', base: 0, body: { name: 'Production' } }],
      justification: 'To begin with.',
    };
    expect(await ask('POST /v1/organisation', { as: uiOnly, body })).toMatchObject({
      status: 403,
      body: { code: 'not-allowed' },
    });
    ports.principals.set('sso:ada', person('ada', ['admin'], { scopes: { ...ONLY_UI, actions: ['*'] } }));
    const ada = person('ada', ['admin']);
    expect(await ask('POST /v1/organisation', { as: ada, body })).toMatchObject({
      status: 403,
      body: { code: 'out-of-scope' },
    });
    expect(await ask('POST /v1/organisation', { body })).toMatchObject({
      status: 200,
      body: { status: 'applied', seq: 0 },
    });
    expect(await ask('POST /v1/organisation', { body })).toMatchObject({
      status: 409,
      body: { code: 'founded-already' },
    });
  });
});
