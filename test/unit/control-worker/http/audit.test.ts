/** The log over the API: for people, for spreadsheets, for verifiers. */
import { beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '#control/audit/checkpoint';
import { verifyConsistency, verifyInclusion } from '#control/audit/verify-proof';
import { person, pricing, uiOnly } from '../../control/fixtures/people.ts';
import { type Answered, foundedApi, type TestApi } from '../fixtures/api.ts';
import { keys, verified } from '../fixtures/control.ts';

let api: TestApi;

const put = (key: string, base: number, justification = 'More of them.') =>
  api.ask(`PUT /v1/environments/production/segments/${key}`, {
    body: { body: { description: 'S', included: [`u-${base}`, `x-${base}`] }, justification },
    headers: base === 0 ? { 'if-none-match': '*' } : { 'if-match': `"${base}"` },
  });

const audit = (query: string, asked: Parameters<TestApi['ask']>[1] = {}): Promise<Answered> =>
  api.ask(`GET /v1/audit${query}`, asked);

const places = ({ body }: Answered): number[] => body.items.map(({ seq }: { seq: number }) => seq);

beforeAll(async () => {
  api = await foundedApi();
  for (let base = 0; base < 4; base++) {
    api.control.clock.now += 60_000;
    expect(await put('ui.testers', base)).toMatchObject({ status: 200, body: { status: 'applied' } });
  }
  await put('ui.others', 0, '=cmd|calc');
});

describe('entries', () => {
  it('come newest first, page by page, each once', async () => {
    const all = places(await audit('?limit=500'));
    expect(all).toEqual([...all.keys()].reverse());
    const paged: number[] = [];
    for (let cursor = ''; ; ) {
      const page = await audit(`?limit=3${cursor}`);
      paged.push(...places(page));
      if (page.body.next === undefined) break;
      expect(page.headers.get('link')).toBe(`</v1/audit?limit=3&cursor=${page.body.next}>; rel="next"`);
      cursor = `&cursor=${page.body.next}`;
    }
    expect(paged).toEqual(all);
  });

  it('are found by target, actor, action, request and time', async () => {
    const ofTarget = await audit('?kind=segment&environment=production&key=ui.testers');
    expect(ofTarget.body.items).toHaveLength(4);
    expect(ofTarget.body.items[0]).toMatchObject({
      action: 'change.submit+applied',
      actor: { via: 'api' },
      target: [{ kind: 'segment', environment: 'production', key: 'ui.testers' }],
      old: { included: ['u-2', 'x-2'] },
      new: { included: ['u-3', 'x-3'] },
      justification: 'More of them.',
    });
    const [{ request, time, actor }] = ofTarget.body.items;
    expect(places(await audit(`?request=${request}`))).toEqual([ofTarget.body.items[0].seq]);
    expect(places(await audit(`?from=${time}&to=${time}&key=ui.testers`))).toEqual([ofTarget.body.items[0].seq]);
    expect((await audit(`?key=ui.testers&actor=${actor.id}`)).body.items).toHaveLength(4);
    expect((await audit(`?key=ui.testers&actor=${actor.person}`)).body.items).toHaveLength(4);
    expect((await audit('?action=organisation.found')).body.items).toHaveLength(1);
    for (const none of [
      '?key=nothing',
      '?kind=flag&key=ui.testers',
      '?environment=staging&key=ui.testers',
      '?actor=nobody',
    ])
      expect((await audit(none)).body).toEqual({ items: [] });
  });

  it('are found by what a change request proposes, once it is over, too', async () => {
    const body = {
      operations: [{ op: 'archive', kind: 'flag', environment: 'production', key: 'pricing.old', base: 1 }],
      justification: 'Old.',
    };
    const { id } = (await api.ask('POST /v1/changes', { as: pricing, body })).body.request;
    const withdrawn = await api.ask(`POST /v1/change-requests/${id}/withdraw`, {
      as: pricing,
      body: { reason: 'Not yet.' },
    });
    expect(withdrawn.status, withdrawn.text).toBe(200);
    for (const query of [`?request=${id}&action=change.submit`, '?key=pricing.old&action=change.submit']) {
      const found = await audit(query);
      expect(found.body.items).toMatchObject([{ request: id, old: null, new: { operations: body.operations } }]);
    }
  });

  it('are read one by one, with the hash of the leaf', async () => {
    const { body } = await audit('/0');
    expect(body).toMatchObject({ seq: 0, action: 'organisation.found', hash: expect.stringMatching(/^[\w-]{43}$/) });
    expect(body.events).toBeUndefined();
    expect(await audit('/999')).toMatchObject({ status: 404, body: { code: 'no-entry' } });
    expect((await audit('/-1')).status).toBe(404);
  });

  it.each(['?cursor=%00', '?cursor=bm8', '?limit=0', '?limit=501', '?from=yesterday', '?other=1'])(
    'are refused to %s',
    async (query) => {
      expect(await audit(query)).toMatchObject({ status: 422, body: { code: 'malformed' } });
    },
  );

  it('B51: are there for whoever may read all that they were done to, and for nobody else', async () => {
    const scopes = { environments: ['production'], namespaces: ['ui'], actions: ['read' as const] };
    const scoped = { ...person('uma', ['ui-dev'], { scopes }), id: uiOnly.id };
    api.ports.principals.set(uiOnly.id, scoped);
    const seen = await audit('?limit=500', { as: uiOnly });
    expect(seen.body.items.map(({ target }: { target: { key: string }[] }) => target[0]?.key)).toEqual([
      'ui.others',
      ...Array(4).fill('ui.testers'),
    ]);
    expect((await audit('/0', { as: uiOnly })).status).toBe(404);
    for (const path of ['/v1/log', '/v1/audit/checkpoint', '/v1/audit/proofs/inclusion?seq=0&size=1'])
      expect(await api.ask(`GET ${path}`, { as: uiOnly })).toMatchObject({
        status: 403,
        body: { code: 'out-of-scope' },
      });
    api.ports.principals.set(uiOnly.id, uiOnly);
  });

  it('B48: B55: are a table in which nothing is a formula and nothing breaks a line', async () => {
    const answer = await audit('?key=ui.others', { headers: { accept: 'text/csv' } });
    expect(answer.headers.get('content-type')).toMatch(/^text\/csv/);
    expect(answer.text).toContain(`"'=cmd|calc"`);
    expect(answer.text.trimEnd().split('\r\n')).toHaveLength(2);
  });
});

describe('the log', () => {
  it('is exported page by page, and proves itself with the keys and the checkpoint that the API gives', async () => {
    await api.control.calm();
    let text = '';
    for (let after = '0', more = 'true'; more === 'true'; ) {
      const page = await api.ask(`GET /v1/log?after=${after}&limit=3`);
      text += page.text;
      after = page.headers.get('lockstep-next') as string;
      more = page.headers.get('lockstep-more') as string;
    }
    const { entries } = (await api.ask('GET /v1/status')).body;
    expect(await verified(text)).toMatchObject({ ok: true, entries, proven: entries });
    const note = await api.ask('GET /v1/audit/checkpoint');
    const opened = await openCheckpoint(note.text, [keys.verifier]);
    expect(opened, JSON.stringify(note.text)).toMatchObject({ ok: true, value: { size: entries } });
    expect((await api.ask('GET /v1/audit/keys')).text).toMatch(
      /^audit\.marketplace\.example\/production\/marketplace\+/,
    );
    expect(await api.ask('GET /v1/log?after=999999')).toMatchObject({ status: 422, body: { code: 'out-of-range' } });
  });

  it('proves an entry and its growth', async () => {
    const note = await openCheckpoint((await api.ask('GET /v1/audit/checkpoint')).text, [keys.verifier]);
    if (!note.ok) throw new Error('no checkpoint');
    const { size, root } = note.value;
    const { hash } = (await audit('/2')).body;
    const included = await api.ask(`GET /v1/audit/proofs/inclusion?seq=2&size=${size}`);
    expect(verifyInclusion({ index: 2, size, root, leaf: hash, proof: included.body.hashes })).toBe(true);
    const old = (await audit('/0')).body.hash;
    const grown = await api.ask(`GET /v1/audit/proofs/consistency?from=1&size=${size}`);
    expect(verifyConsistency({ from: 1, size, fromRoot: old, root, proof: grown.body.hashes })).toBe(true);
    expect((await api.ask(`GET /v1/audit/proofs/inclusion?seq=9&size=${size + 1}`)).status).toBe(422);
    expect((await api.ask('GET /v1/audit/proofs/inclusion?seq=x&size=1')).status).toBe(422);
  });

  it('is indexed from its leaves where the index is lost', async () => {
    const before = (await audit('?limit=500')).body;
    api.control.storage.sql.exec('DELETE FROM audit_targets WHERE seq >= 3');
    api.control.storage.sql.exec('DELETE FROM audit_entries WHERE seq >= 3');
    const again = api.control.reread();
    expect(again.find({ before: 1_000, limit: 500 })).toEqual(before.items.map(({ seq }: { seq: number }) => seq));
    expect(again.find({ before: 1_000, limit: 500, key: 'ui.testers' })).toHaveLength(4);
  });
});
