/** Writes: preconditions, keys, dry runs, and what comes of them. */
import { describe, expect, it } from 'vitest';
import { editor, otherPricing, pricing, uiOnly } from '../../control/fixtures/people.ts';
import { segment } from '../../fixtures/authored.ts';
import { foundedApi } from '../fixtures/api.ts';

const SEGMENT = '/v1/environments/production/segments/mine';
const FARE = '/v1/environments/production/segments/staff';
const body = (member: string, fields: object = {}) => ({
  body: segment({ included: [member] }),
  justification: 'More.',
  ...fields,
});

describe('a write', () => {
  it('is applied at once where nobody else is needed', async () => {
    const { ask } = await foundedApi();
    const answer = await ask(`PUT ${SEGMENT}`, { body: body('x'), headers: { 'if-match': '"1"' } });
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'applied', seq: 2, frozen: [], effects: [{ environment: 'production' }] },
    });
    const read = await ask(`GET ${SEGMENT}`);
    expect(read).toMatchObject({ body: { revision: 2, body: { included: ['x'] } } });
    expect(read.headers.get('etag')).toBe('"2"');
  });

  it('becomes a change request where somebody is', async () => {
    const { ask } = await foundedApi();
    const change = {
      operations: [{ op: 'archive', kind: 'flag', environment: 'production', key: 'pricing.old', base: 1 }],
      justification: 'Old.',
    };
    const answer = await ask('POST /v1/changes', { as: pricing, body: change });
    expect(answer).toMatchObject({
      status: 202,
      body: {
        status: 'open',
        request: { id: expect.any(String), hash: expect.stringMatching(/^[\w-]{43}$/), missing: [{ missing: 1 }] },
      },
    });
    expect(answer.headers.get('location')).toBe(`/v1/change-requests/${answer.body.request.id}`);
  });

  it('that says what is so already changes nothing', async () => {
    const { ask, control } = await foundedApi();
    const headers = { 'if-match': '"1"' };
    const answer = await ask(`PUT ${SEGMENT}`, { body: body('m-1'), headers });
    expect(answer).toMatchObject({ status: 200, body: { status: 'unchanged' } });
    expect(control.status().entries).toBe(2);
  });

  it('says what it was made on', async () => {
    const { ask } = await foundedApi();
    const put = (path: string, headers: Record<string, string>) => ask(`PUT ${path}`, { body: body('x'), headers });
    expect(await put(SEGMENT, {})).toMatchObject({ status: 428, body: { code: 'precondition-missing' } });
    expect(await put(SEGMENT, { 'if-match': '"1"', 'if-none-match': '*' })).toMatchObject({ status: 428 });
    for (const tag of ['"2"', '"01"', '*', 'W/"1"', '1', '"1", "2"', '"-1"']) {
      expect([tag, (await put(SEGMENT, { 'if-match': tag })).status]).toEqual([tag, 412]);
    }
    expect(await put(SEGMENT, { 'if-none-match': '*' })).toMatchObject({
      status: 412,
      body: { code: 'stale', items: [{ revision: 1 }] },
    });
    const fresh = SEGMENT.replace('mine', 'fresh');
    expect(await put(fresh, { 'if-match': '"1"' })).toMatchObject({ status: 412 });
    expect(await put(fresh, { 'if-none-match': '*' })).toMatchObject({ status: 200 });
  });

  it('with a key is done once, and answered again the same', async () => {
    const { ask, control } = await foundedApi();
    const headers = { 'if-match': '"1"', 'idempotency-key': 'k-1' };
    const first = await ask(`PUT ${SEGMENT}`, { body: body('x'), headers });
    const entries = control.status().entries;
    const again = await ask(`PUT ${SEGMENT}`, { body: body('x'), headers });
    expect(again.body).toEqual(first.body);
    expect(control.status().entries).toBe(entries);
    for (const [path, other, more] of [
      [SEGMENT, body('y'), {}],
      [FARE, body('x'), {}],
      [SEGMENT, body('x'), { 'if-match': '"2"' }],
    ] as const) {
      const answer = await ask(`PUT ${path}`, { body: other, headers: { ...headers, ...more } });
      expect(answer).toMatchObject({ status: 409, body: { code: 'key-used-before' } });
    }
    // Another's key is another.
    expect(await ask(`PUT ${SEGMENT}`, { as: editor, body: body('x'), headers })).toMatchObject({ status: 412 });
    for (const key of ['', 'a b', 'x'.repeat(256), 'ü']) {
      const answer = await ask(`PUT ${SEGMENT}`, { body: body('x'), headers: { ...headers, 'idempotency-key': key } });
      expect([key, answer.status]).toEqual([key, 422]);
    }
  });

  it('in a dry run is shown, and leaves nothing behind', async () => {
    const { ask, control } = await foundedApi();
    const put = { as: pricing, body: body('x'), headers: { 'if-match': '"1"', 'idempotency-key': 'k-1' } };
    const shown = await ask(`PUT ${FARE}?dryRun=1`, put);
    expect(shown).toMatchObject({
      status: 200,
      body: {
        ...{ dryRun: true, publishes: ['production'], isReturn: false },
        refusal: { code: 'not-allowed' },
        message: expect.stringMatching(/^missing roles/),
        items: [{ key: 'staff', old: { included: ['s-1'] }, new: { included: ['x'] } }],
        flags: [{ flag: 'pricing.fare', through: expect.arrayContaining(['segment:staff']) }],
        missing: [{ missing: 1 }],
      },
    });
    expect(control.status().entries).toBe(2);
    expect(await ask(`PUT ${FARE}?dryRun=yes`, put)).toMatchObject({ status: 422 });
  });

  it.each<[string, string, number, string]>([
    ['no JSON', '{', 400, 'not-json'],
    ['nothing', '', 400, 'not-json'],
    ['a list', '[]', 422, 'malformed'],
    ['a member that it does not know', '{"operations": [], "justification": "x", "more": 1}', 422, 'malformed'],
    ['a name twice', '{"justification": "a", "justification": "b"}', 400, 'repeated-member'],
    ['a name twice, written in two ways', '{"a": {"b": [{"x": 1, "\\u0078": 2}]}}', 400, 'repeated-member'],
    ['JSON that nests deep', `${'['.repeat(100)}${']'.repeat(100)}`, 400, 'too-deep'],
    [
      'no reason',
      '{"operations": [{"op": "put", "kind": "project", "key": "a", "base": 0, "body": {"name": "A"}}]}',
      422,
      'malformed',
    ],
  ])('is not taken from %s', async (_what, text, status, code) => {
    const { ask } = await foundedApi();
    const answer = await ask('POST /v1/changes', { body: text });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('names each mistake by its path', async () => {
    const { ask } = await foundedApi();
    const operations = [{ op: 'put', kind: 'project', key: 'a', base: 0, body: {} }];
    const { body: problem } = await ask('POST /v1/changes', { body: { operations, justification: ' ' } });
    expect(problem.issues.map(({ path }: { path: string }) => path)).toEqual([
      'body.operations[0].body.name',
      'body.justification',
    ]);
  });

  it('is refused as the deciders refuse it', async () => {
    const { ask } = await foundedApi();
    const answer = await ask(`PUT ${FARE}`, { as: uiOnly, body: body('x'), headers: { 'if-match': '"1"' } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'not-allowed', missing: [{ roles: ['editor'] }] } });
    const secret = await ask(`PUT ${SEGMENT}`, {
      body: body('x', { justification: `As ls_marketplace.x.${'s'.repeat(43)} says.` }),
      headers: { 'if-match': '"1"' },
    });
    expect(secret).toMatchObject({ status: 422, body: { code: 'holds-secret', path: '/change/justification' } });
    expect(secret.text).not.toContain('sss');
  });

  it('says what it came through', async () => {
    const { ask, control } = await foundedApi();
    const via = async (name: string | undefined) => {
      const headers = { 'if-match': '"1"', ...(name !== undefined && { 'lockstep-via': name }) };
      const key = `fresh-${name}`.replaceAll(' ', '-');
      const { 'if-match': _match, ...rest } = headers;
      await ask(`PUT ${SEGMENT.replace('mine', key)}`, { body: body(key), headers: { ...rest, 'if-none-match': '*' } });
      const page = control.page(0, 1_000);
      return page.ok
        ? [...page.value.lines.matchAll(/"via":"(\w+)"/g)]
            .map(([, one]) => one)
            .filter((one) => one !== 'lockstep' && one !== 'outbox')
            .at(-1)
        : '';
    };
    expect(await via('cli')).toBe('cli');
    expect(await via(undefined)).toBe('api');
    expect(await via('system')).toBe('api');
  });

  it('makes no secrets that somebody else has chosen', async () => {
    const { ask } = await foundedApi();
    const key = {
      kind: 'server',
      service: 'shop',
      environment: 'production',
      namespaces: ['*'],
      sha256: 'A'.repeat(43),
    };
    const operations = [{ op: 'create', kind: 'sdk-key', key: 'shop', base: 0, body: key }];
    const answer = await ask('POST /v1/changes', { as: otherPricing, body: { operations, justification: 'x' } });
    expect(answer).toMatchObject({ status: 422, body: { code: 'malformed' } });
  });
});

it.each([
  ['a secret', `ls_server_${'A'.repeat(43)}`, 'holds-secret'],
  ['half of a character', '\ud800', 'no-json'],
])('a dry run refuses %s in its words as the change itself does', async (_what, justification, code) => {
  const { ask } = await foundedApi();
  for (const query of ['?dryRun=1', '']) {
    const path = `PATCH /v1/environments/production/flags/search.rank${query}`;
    const body = { body: { description: 'd' }, justification };
    expect(await ask(path, { headers: { 'if-match': '"1"' }, body })).toMatchObject({ status: 422, body: { code } });
  }
});
