import { describe, expect, it } from 'vitest';
import { admin, editor, everybody } from '../../control/fixtures/people.ts';
import { foundedApi, type TestApi } from '../fixtures/api.ts';
import { failing } from '../fixtures/receivers.ts';

const URL = 'https://deploys.example.com/hook';
const body = { url: URL, events: ['*'], environments: ['*'] };
const justification = 'To hear of it.';
const isNew = { 'if-none-match': '*' };

async function hooked(): Promise<TestApi> {
  const api = await foundedApi();
  const made = await api.ask('PUT /v1/webhooks/deploys', { as: admin, body: { body, justification }, headers: isNew });
  expect(made).toMatchObject({ status: 200, body: { status: 'applied' } });
  return api;
}

const project = (api: TestApi, key: string) =>
  api.ask(`PUT /v1/projects/${key}`, { as: editor, body: { body: { name: key }, justification }, headers: isNew });

describe('the API of webhooks', () => {
  it('has them as it has other records', async () => {
    const { ask } = await hooked();
    const shown = { key: 'deploys', revision: 1, body: { ...body, description: '', enabled: true } };
    expect((await ask('GET /v1/webhooks/deploys')).body).toEqual(shown);
    expect((await ask('GET /v1/webhooks')).body).toEqual({ items: [shown] });
    const stale = await ask('PUT /v1/webhooks/deploys', { as: admin, body: { body, justification }, headers: isNew });
    expect(stale.status).toBe(412);
    const deleted = await ask('DELETE /v1/webhooks/deploys', {
      as: admin,
      body: { justification },
      headers: { 'if-match': '"1"' },
    });
    expect(deleted.status).toBe(200);
    expect((await ask('GET /v1/webhooks/deploys')).status).toBe(404);
  });

  it('B52: says what is wrong with an address, in a dry run too', async () => {
    const { ask, control } = await hooked();
    const { entries } = control.status();
    for (const query of ['', '?dryRun=1']) {
      const inside = { body: { ...body, url: 'https://2852039166/' }, justification };
      const answer = await ask(`PUT /v1/webhooks/inside${query}`, { as: admin, body: inside, headers: isNew });
      expect(answer).toMatchObject({
        status: 422,
        body: { code: 'webhook-address', detail: 'the address of webhook inside is an address that is not public' },
      });
    }
    expect(control.status().entries).toBe(entries);
  });

  it('shows what was sent and is to be, a page at a time, the newest first', async () => {
    const api = await hooked();
    await project(api, 'one');
    api.control.receivers.answers.set(URL, () => failing);
    await project(api, 'two');
    const first = await api.ask('GET /v1/webhooks/deploys/deliveries?limit=1');
    expect(first.body.items).toMatchObject([
      { type: 'change.applied', status: 'waiting', attempts: 1, code: 503, error: 'the receiver answered 503' },
    ]);
    expect(first.body.items[0].nextAt).toMatch(/^2026-/);
    const second = await api.ask(`GET /v1/webhooks/deploys/deliveries?cursor=${first.body.next}`);
    expect(second.body.items).toMatchObject([{ status: 'delivered', attempts: 1, code: 204, error: null }]);
    expect(JSON.parse(second.body.items[0].payload)).toMatchObject({
      type: 'change.applied',
      data: { webhook: 'deploys' },
    });
    expect(second.body).not.toHaveProperty('next');
    expect((await api.ask('GET /v1/webhooks/deploys/deliveries?cursor=xx')).status).toBe(422);
    expect((await api.ask('GET /v1/webhooks/other/deliveries')).status).toBe(404);
  });

  it('sends a test, and a delivery again, once, and says what became of it', async () => {
    const api = await hooked();
    const test = await api.ask('POST /v1/webhooks/deploys/test', { as: admin });
    expect(test).toMatchObject({
      status: 200,
      body: { type: 'webhook.test', seq: null, status: 'delivered', code: 204 },
    });
    expect(JSON.parse(test.body.payload)).toMatchObject({ data: { organisation: 'marketplace', webhook: 'deploys' } });
    api.control.receivers.answers.set(URL, () => failing);
    const again = `POST /v1/webhooks/deploys/deliveries/${test.body.id}/retry`;
    expect((await api.ask(again, { as: admin })).body).toMatchObject({ status: 'failed', attempts: 2, code: 503 });
    expect(api.control.receivers.idsAt(URL)).toEqual([test.body.id, test.body.id]);
    await project(api, 'one');
    const { body: page } = await api.ask('GET /v1/webhooks/deploys/deliveries');
    const waits = `POST /v1/webhooks/deploys/deliveries/${page.items[0].id}/retry`;
    expect(await api.ask(waits, { as: admin })).toMatchObject({ status: 409, body: { code: 'still-waiting' } });
    const unknown = await api.ask('POST /v1/webhooks/deploys/deliveries/msg_none/retry', { as: admin });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'no-delivery' } });
  });

  it('lets nobody but admins send anything', async () => {
    const api = await hooked();
    for (const path of ['test', 'deliveries/msg_none/retry']) {
      const answer = await api.ask(`POST /v1/webhooks/deploys/${path}`, { as: editor });
      expect(answer).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
    }
    expect(api.control.receivers.sent).toEqual([]);
  });

  it('B51: hides them from whoever may not read the whole organisation', async () => {
    const api = await hooked();
    const scopes = { environments: ['production'], namespaces: ['*'], actions: ['*' as const] };
    api.ports.principals.set(everybody.id, { ...everybody, scopes });
    for (const path of ['/v1/webhooks/deploys', '/v1/webhooks/deploys/deliveries'])
      expect((await api.ask(`GET ${path}`)).status).toBe(404);
    expect((await api.ask('GET /v1/webhooks')).body).toEqual({ items: [] });
  });

  it('gives the keys to verify with, whose name no webhook has', async () => {
    const { ask } = await hooked();
    expect((await ask('GET /v1/webhooks/keys')).body).toEqual({ keys: [expect.stringMatching(/^whpk_/)] });
    const named = await ask('PUT /v1/webhooks/keys', { as: admin, body: { body, justification }, headers: isNew });
    expect(named.status).toBe(404);
  });
});
