/** What is done to one item, and to projects, environments and policies. */
import { describe, expect, it } from 'vitest';
import { admin, editor, otherAdmin, uiOnly } from '../../control/fixtures/people.ts';
import { foundedApi, type TestApi } from '../fixtures/api.ts';

const MINE = '/v1/environments/production/segments/mine';
const UNUSED = '/v1/environments/production/segments/unused';
const why = { justification: 'So.' };
const at = (revision: number) => ({ 'if-match': `"${revision}"` });

describe('an item', () => {
  it('is patched by merging, as a whole checked, or not at all', async () => {
    const { ask } = await foundedApi();
    const body = { body: { description: 'Said better.' }, people: { tags: ['a'], owner: 'erin' }, ...why };
    expect(await ask(`PATCH ${MINE}`, { body, headers: at(1) })).toMatchObject({ body: { status: 'applied' } });
    const { body: item } = await ask(`GET ${MINE}`);
    expect(item).toMatchObject({ revision: 2, body: { description: 'Said better.', included: ['m-1'] } });
    expect(item.people).toEqual({ tags: ['a'], owner: 'erin' });
    const without = { people: { owner: null }, ...why };
    await ask(`PATCH ${MINE}`, { body: without, headers: at(2) });
    expect((await ask(`GET ${MINE}`)).body.people).toEqual({ tags: ['a'] });
    const wrong = { body: { included: 'x' }, ...why };
    expect(await ask(`PATCH ${MINE}`, { body: wrong, headers: at(3) })).toMatchObject({
      status: 422,
      body: { issues: [{ path: 'merged.body.included' }] },
    });
    expect((await ask(`PATCH ${MINE}`, { body, headers: at(1) })).status).toBe(412);
    expect(
      (await ask(`PATCH ${MINE}`, { body, headers: { ...at(3), 'content-type': 'application/json' } })).status,
    ).toBe(415);
  });

  it('R30: goes into the archive, comes back, and is deleted for good', async () => {
    const { ask } = await foundedApi();
    const step = (what: string, revision: number) => ask(what, { body: why, headers: at(revision) });
    expect((await step(`DELETE ${UNUSED}`, 1)).body).toMatchObject({ code: 'not-archived' });
    expect((await step(`POST ${UNUSED}/archive`, 1)).body).toMatchObject({ status: 'applied' });
    expect((await ask('GET /v1/environments/production/segments?archived=true')).body.items).toMatchObject([
      { key: 'unused' },
    ]);
    expect((await step(`POST ${UNUSED}/restore`, 2)).body).toMatchObject({ status: 'applied' });
    await step(`POST ${UNUSED}/archive`, 3);
    expect((await step(`DELETE ${UNUSED}`, 4)).body).toMatchObject({ status: 'applied' });
    expect((await ask(`GET ${UNUSED}`)).status).toBe(404);
    const again = { body: { description: 'M', included: ['m'] }, ...why };
    expect(await ask(`PUT ${UNUSED}`, { body: again, headers: { 'if-none-match': '*' } })).toMatchObject({
      status: 409,
      body: { code: 'used-before' },
    });
  });

  it('is copied with its salt to another environment, and with one of its own within the same', async () => {
    const { ask } = await foundedApi();
    const from = '/v1/environments/production/flags/ui.banner';
    const { body: original } = await ask(`GET ${from}`);
    const twin = await ask(`POST ${from}/copy`, { body: { key: 'ui.twin', ...why } });
    expect(twin.status, twin.text).toBeLessThan(300);
    const gate = 'ui.gate';
    await ask(`POST /v1/environments/production/flags/${gate}/copy`, { body: { environment: 'staging', ...why } });
    const salts = await Promise.all(
      ['production', 'staging'].map((one) => ask(`GET /v1/environments/${one}/flags/${gate}`)),
    );
    expect(salts.map(({ body }) => body.body.salt)).toEqual(['ui-gate', 'ui-gate']);
    const { body: copied } = await ask('GET /v1/environments/production/flags/ui.twin');
    expect(copied.body).toMatchObject({ ...original.body, salt: expect.not.stringMatching(`^${original.body.salt}$`) });
  });

  it('B43: is changed by no side door: each verb asks the policy of its namespace', async () => {
    const { ask, control } = await foundedApi();
    const fare = '/v1/environments/production/flags/pricing.fare';
    const { body: flag } = await ask(`GET ${fare}`);
    const before = control.status().entries;
    const doors: [string, unknown, Record<string, string>][] = [
      [`PUT ${fare}`, { body: { ...flag.body, enabled: false }, ...why }, at(1)],
      [`PATCH ${fare}`, { body: { enabled: false }, ...why }, at(1)],
      [`PATCH ${fare}`, { people: { tags: ['x'] }, ...why }, at(1)],
      [`POST ${fare}/archive`, why, at(1)],
      [`POST ${fare}/restore`, why, at(1)],
      [`DELETE ${fare}`, why, at(1)],
      [`POST ${fare}/copy`, { key: 'pricing.other', ...why }, {}],
      [
        'POST /v1/changes',
        {
          operations: [{ op: 'archive', kind: 'flag', environment: 'production', key: 'pricing.fare', base: 1 }],
          ...why,
        },
        {},
      ],
      [
        'POST /v1/changes',
        {
          operations: [{ op: 'archive', kind: 'flag', environment: 'production', key: 'PRICING.fare', base: 1 }],
          ...why,
        },
        {},
      ],
    ];
    for (const [what, body, headers] of doors) {
      const answer = await ask(what, { as: uiOnly, body, headers });
      expect([what, answer.status], answer.text).toEqual([what, 403]);
    }
    expect(control.status().entries).toBe(before);
  });
});

describe('projects, environments and policies', () => {
  const put = (
    api: TestApi,
    path: string,
    body: unknown,
    as = admin,
    headers: Record<string, string> = { 'if-none-match': '*' },
  ) => api.ask(`PUT ${path}`, { as, body: { body, ...why }, headers });

  it('are made, read, listed and deleted', async () => {
    const api = await foundedApi();
    expect(await put(api, '/v1/projects/search', { name: 'Search' }, editor)).toMatchObject({
      body: { status: 'applied' },
    });
    const one = await api.ask('GET /v1/projects/search');
    expect(one.body).toEqual({ key: 'search', revision: 1, body: { name: 'Search', description: '' } });
    expect(one.headers.get('etag')).toBe('"1"');
    expect((await api.ask('GET /v1/projects?q=SEAR')).body.items).toHaveLength(1);
    expect(await api.ask('DELETE /v1/projects/search', { as: editor, body: why, headers: at(1) })).toMatchObject({
      status: 200,
    });
    expect((await api.ask('GET /v1/projects/search')).status).toBe(404);
    expect((await api.ask('GET /v1/environments')).body.items.map(({ key }: { key: string }) => key)).toEqual([
      'production',
      'staging',
    ]);
    expect((await api.ask('GET /v1/policies?limit=2')).body).toMatchObject({
      items: [{}, {}],
      next: expect.any(String),
    });
  });

  it('that say who may do what take a second admin, and never the author', async () => {
    const api = await foundedApi();
    const policy = {
      namespaces: ['search'],
      environments: ['*'],
      edit: ['editor'],
      approvals: { count: 0, roles: [] },
      ticket: false,
    };
    expect((await put(api, '/v1/policies/search', policy, editor)).status).toBe(403);
    const opened = await put(api, '/v1/policies/search', policy);
    expect(opened).toMatchObject({ status: 202, body: { status: 'open' } });
    const { id, hash } = opened.body.request;
    const approve = (as: typeof admin) =>
      api.ask(`POST /v1/change-requests/${id}/approve`, { as, headers: { 'if-match': `"${hash}"` } });
    expect(await approve(admin)).toMatchObject({ status: 403, body: { code: 'own-change' } });
    expect(await approve(otherAdmin)).toMatchObject({ status: 200, body: { status: 'applied' } });
    expect((await api.ask('GET /v1/policies/search')).body.revision).toBe(1);
  });
});
