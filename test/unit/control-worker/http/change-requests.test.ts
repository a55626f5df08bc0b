/** Changes that wait for somebody: read, approved, amended, declined. */
import { describe, expect, it } from 'vitest';
import type { Principal } from '#schema/control-principal';
import {
  billing,
  editor,
  manager,
  otherBilling,
  otherPricing,
  pricing,
  uiOnly,
} from '../../control/fixtures/people.ts';
import { foundedApi, type TestApi } from '../fixtures/api.ts';

const archive = (key = 'pricing.old', fields: object = {}) => ({
  operations: [{ op: 'archive', kind: 'flag', environment: 'production', key, base: 1 }],
  justification: 'Old.',
  ...fields,
});

const open = async (api: TestApi, change: object = archive(), as: Principal = pricing) => {
  const answer = await api.ask('POST /v1/changes', { as, body: change });
  expect(answer.status, answer.text).toBe(202);
  return answer.body.request as { id: string; hash: string };
};

const step = (
  { ask }: TestApi,
  { id, hash }: { id: string; hash: string },
  what: string,
  as: Principal,
  body?: unknown,
) =>
  ask(`POST /v1/change-requests/${id}/${what}`, {
    as,
    headers: { 'if-match': `"${hash}"` },
    ...(body !== undefined && { body }),
  });

describe('a change request', () => {
  it('tells nothing of a flag that it affects by now, and that the reader may not read', async () => {
    const api = await foundedApi();
    const { ask, ports } = api;
    const SEGMENTS = { environments: ['production'], namespaces: ['unused'], actions: ['read' as const] };
    ports.principals.set('sso:uma', { ...uiOnly, scopes: SEGMENTS });
    const body = { description: 'Other people.', included: ['u-2'] };
    const put = { op: 'put', kind: 'segment', environment: 'production', key: 'unused', base: 1, body };
    const { id } = await open(api, { operations: [put], justification: 'Others.', apply: 'by-hand' }, editor);
    const seen = await ask(`GET /v1/change-requests/${id}`, { as: uiOnly });
    expect(seen.body).toMatchObject({ diff: { flags: [], items: [{ key: 'unused' }] }, refusal: null });
    const flag = (await ask('GET /v1/environments/production/flags/billing.pay')).body;
    const rules = [{ id: 'them', when: [{ segment: 'unused' }], serve: 'on' }];
    const use = { ...put, kind: 'flag', key: 'billing.pay', body: { ...flag.body, rules } };
    const used = await open(api, { operations: [use], justification: 'For them.', ticket: 'CHG1' }, billing);
    expect(await step(api, used, 'approve', otherBilling)).toMatchObject({ body: { status: 'applied' } });
    expect((await ask(`GET /v1/change-requests/${id}`)).body.diff.flags).toMatchObject([{ flag: 'billing.pay' }]);
    const hidden = await ask(`GET /v1/change-requests/${id}`, { as: uiOnly });
    expect(hidden).toMatchObject({ status: 200, body: { id, diff: null, refusal: { code: 'out-of-scope' } } });
    expect(hidden.text).not.toContain('billing');
  });

  it('shows what it would do and who must approve, and is applied with the last approval', async () => {
    const api = await foundedApi();
    const request = await open(api);
    const shown = await api.ask(`GET /v1/change-requests/${request.id}`, { as: otherPricing });
    expect(shown.headers.get('etag')).toBe(`"${request.hash}"`);
    expect(shown.body).toMatchObject({
      status: 'open',
      editors: [{ person: 'paula' }],
      missing: [{ roles: ['pricing-on-call', 'release-manager'], missing: 1 }],
      diff: { items: [{ key: 'pricing.old', new: null }], flags: [{ flag: 'pricing.old' }], publishes: ['production'] },
    });
    expect(await step(api, request, 'approve', pricing)).toMatchObject({ status: 403, body: { code: 'own-change' } });
    expect(await step(api, request, 'approve', editor)).toMatchObject({ status: 403, body: { code: 'no-approver' } });
    expect(await step(api, request, 'approve', otherPricing)).toMatchObject({
      status: 200,
      body: { status: 'applied' },
    });
    expect((await api.ask(`GET /v1/change-requests/${request.id}`)).status).toBe(404);
    const { body } = await api.ask(`GET /v1/audit?request=${request.id}`);
    expect(body.items.map(({ action }: { action: string }) => action)).toEqual([
      'change.approve+applied',
      'change.submit',
    ]);
    expect(body.items[0].approvals).toMatchObject([{ person: 'piet' }]);
  });

  it('B45: is approved as it was seen, or not', async () => {
    const api = await foundedApi();
    const request = await open(api);
    const amended = await api.ask(`PUT /v1/change-requests/${request.id}`, {
      ...{ as: pricing, body: archive('pricing.old', { justification: 'Old, and slow.' }) },
      headers: { 'if-match': `"${request.hash}"` },
    });
    expect(amended).toMatchObject({ status: 202, body: { status: 'open' } });
    const stale = await step(api, request, 'approve', otherPricing);
    expect(stale).toMatchObject({ status: 412, body: { code: 'hash-differs' } });
    expect(stale.headers.get('etag')).toBe(`"${amended.body.request.hash}"`);
    expect((await api.ask(`POST /v1/change-requests/${request.id}/approve`, { as: otherPricing })).status).toBe(428);
  });

  it('B44: is not approved by another account of its author', async () => {
    const api = await foundedApi();
    const request = await open(api);
    api.ports.links.set('piet', 'paula');
    expect(await step(api, request, 'approve', otherPricing)).toMatchObject({
      status: 403,
      body: { code: 'own-change' },
    });
    expect(await step(api, request, 'approve', manager)).toMatchObject({ body: { status: 'applied' } });
  });

  it('B45: of a thousand approvals and amendments at once, one is the last word, and one publish comes of it', async () => {
    const api = await foundedApi();
    const request = await open(api);
    const before = api.control.publisher.requests.length;
    const all = await Promise.all(
      Array.from({ length: 1_000 }, (_, at) =>
        at % 4 === 0
          ? api.ask(`PUT /v1/change-requests/${request.id}`, {
              ...{ as: pricing, body: archive('pricing.old', { justification: `Old, said ${at}.` }) },
              headers: { 'if-match': `"${request.hash}"` },
            })
          : step(api, request, 'approve', at % 2 === 0 ? manager : otherPricing),
      ),
    );
    const done = all.filter(({ status }) => status < 300);
    expect(done).toHaveLength(1);
    expect(all.filter(({ status }) => status >= 500)).toEqual([]);
    await api.control.calm();
    const isApplied = done[0]?.body.status === 'applied';
    expect(api.control.publisher.requests.length - before).toBe(isApplied ? 1 : 0);
  });

  it('is scheduled, held by hand, declined and withdrawn', async () => {
    const api = await foundedApi();
    const held = await open(api, archive('pricing.old', { apply: 'by-hand' }));
    expect(await step(api, held, 'approve', otherPricing)).toMatchObject({ status: 202, body: { status: 'approved' } });
    const late = await step(api, held, 'schedule', pricing, { apply: { at: '2999-01-01T00:00:00Z' } });
    expect(late).toMatchObject({ status: 422, body: { code: 'too-far-ahead' } });
    expect(await step(api, held, 'apply', pricing)).toMatchObject({ status: 200, body: { status: 'applied' } });
    const other = await open(api, archive('pricing.net'));
    expect((await step(api, other, 'decline', pricing, { reason: '' })).status).toBe(422);
    expect(await step(api, other, 'decline', otherPricing, { reason: 'No.' })).toMatchObject({
      body: { status: 'declined' },
    });
    const third = await open(api, archive('pricing.net', { justification: 'Again.' }));
    expect((await step(api, third, 'withdraw', editor, { reason: 'Mine?' })).status).toBe(403);
    expect(await step(api, third, 'withdraw', pricing, { reason: 'Enough.' })).toMatchObject({
      body: { status: 'withdrawn' },
    });
  });

  it('is listed and found for who may read it', async () => {
    const api = await foundedApi();
    await open(api);
    await open(api, archive('pricing.net', { justification: 'Slow.' }));
    const list = async (query: string, as?: Principal) =>
      (await api.ask(`GET /v1/change-requests${query}`, as && { as })).body.items.map(
        (one: { change: { justification: string } }) => one.change.justification,
      );
    expect(await list('')).toHaveLength(2);
    expect(await list('?q=slow')).toEqual(['Slow.']);
    expect(await list('?flag=pricing.old&author=paula&status=open&environment=production')).toEqual(['Old.']);
    expect(await list('?environment=staging')).toEqual([]);
    const scopes = { environments: ['*'], namespaces: ['ui'], actions: ['*' as const] };
    api.ports.principals.set(uiOnly.id, { ...uiOnly, scopes });
    expect(await list('', uiOnly)).toEqual([]);
  });
});

describe('B47: a change ticket', () => {
  const change = (fields: object = {}) => archive('billing.pay', fields);
  const ask = async (fields: object, prepare: (api: TestApi) => void = () => {}) => {
    const api = await foundedApi();
    prepare(api);
    return api.ask('POST /v1/changes', { as: billing, body: change(fields) });
  };

  it('is asked for, and must be open', async () => {
    expect(await ask({})).toMatchObject({ status: 422, body: { code: 'ticket', trouble: 'missing' } });
    expect(await ask({ ticket: 'CHG9' })).toMatchObject({ status: 422, body: { trouble: 'unknown' } });
    expect(await ask({ ticket: 'CHG1' }, ({ ports }) => ports.states.set('CHG1', 'closed'))).toMatchObject({
      status: 422,
      body: { trouble: 'closed' },
    });
    expect(await ask({ ticket: 'CHG1' }, ({ ports }) => ports.down.add('tickets'))).toMatchObject({
      status: 503,
      body: { trouble: 'unreachable' },
    });
  });

  it('is looked at again when it is applied', async () => {
    const api = await foundedApi();
    const request = await open(api, change({ ticket: 'CHG1' }), billing);
    api.ports.states.set('CHG1', 'closed');
    expect(await step(api, request, 'approve', otherBilling)).toMatchObject({
      status: 202,
      body: { status: 'approved', request: { held: { code: 'ticket' } } },
    });
  });
});
