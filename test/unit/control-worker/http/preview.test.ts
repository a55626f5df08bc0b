/** Patterns take long to prove: whoever may not read what a change names has none of them proven. */
import { expect, it, vi } from 'vitest';
import { patternFault } from '#ruleset/write/patterns';
import { uiOnly } from '../../control/fixtures/people.ts';
import { foundedApi } from '../fixtures/api.ts';

vi.mock(import('#ruleset/write/patterns'), { spy: true });

const ONLY_UI = { environments: ['production'], namespaces: ['ui'], actions: ['read' as const] };

const when = [{ attribute: 'agent', op: 'matches', values: ['^curl'] }];
const put = {
  ...{ op: 'put', kind: 'segment', environment: 'production', key: 'slow', base: 0 },
  body: { description: 'By agent.', rules: [{ when }] },
};
const order = { environment: 'production', operations: [put], contexts: [{ targetingKey: 'm-1' }] };

it('B22: a preview proves no pattern for whoever may not read what the operations name', async () => {
  const { ask, ports } = await foundedApi();
  ports.principals.set('sso:uma', { ...uiOnly, scopes: ONLY_UI });
  vi.mocked(patternFault).mockClear();
  expect(await ask('POST /v1/preview', { as: uiOnly, body: order })).toMatchObject({
    status: 403,
    body: { code: 'out-of-scope' },
  });
  expect(patternFault).not.toHaveBeenCalled();
  expect((await ask('POST /v1/preview', { body: order })).status).toBe(200);
  expect(patternFault).toHaveBeenCalled();
});
