/** What a refusal says of others, to somebody who may not read them. */
import { describe, expect, it } from 'vitest';
import { editor } from '../../control/fixtures/people.ts';
import { foundedApi } from '../fixtures/api.ts';

describe('B51: who may read one namespace alone', () => {
  const body = (more: object) => ({ body: more, justification: 'x' });

  async function scopedApi() {
    const api = await foundedApi();
    const scopes = {
      environments: ['production'],
      namespaces: ['search'],
      actions: ['read' as const, 'edit' as const],
    };
    api.ports.principals.set(editor.id, { ...editor, scopes });
    return api;
  }

  it.each<[string, object]>([
    ['a flag that there is not', { prerequisites: [{ flag: 'pricing.nope', variations: ['on'] }] }],
    ['a variation of theirs', { prerequisites: [{ flag: 'pricing.fare', variations: ['nope'] }] }],
    ['a segment that there is not', { rules: [{ id: 'r', when: [{ segment: 'nope' }], serve: 'on' }] }],
  ])('is told no name of others by what refuses %s', async (_what, change) => {
    const { ask } = await scopedApi();
    for (const query of ['', '?dryRun=1']) {
      const path = `PATCH /v1/environments/production/flags/search.rank${query}`;
      const answer = await ask(path, { as: editor, headers: { 'if-match': '"1"' }, body: body(change) });
      expect(answer).toMatchObject({ status: 422, body: { code: 'invalid', issues: [{}] } });
      expect(answer.text).toContain('does not exist');
      expect(answer.text).not.toContain('there are');
    }
  });

  it('is told no name by a salt that is taken, and others are', async () => {
    const { ask } = await scopedApi();
    const { body: fare } = await ask('GET /v1/environments/production/flags/pricing.fare');
    const taking = { ...(fare.body as object), description: 'd' };
    const put = { headers: { 'if-none-match': '*' }, body: body(taking) };
    const mine = await ask('PUT /v1/environments/production/flags/search.other', { as: editor, ...put });
    expect(mine).toMatchObject({ status: 409, body: { code: 'salt-taken', by: 'what you may not read' } });
    const all = await ask('PUT /v1/environments/production/flags/search.other', put);
    expect(all).toMatchObject({
      status: 409,
      body: { code: 'salt-taken', by: expect.stringContaining('pricing.fare') },
    });
  });
});
