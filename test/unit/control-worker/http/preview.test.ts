/** Patterns take long to prove: none is for whoever may not read what a change names, and for nobody more than a few at once. */
import { expect, it, vi } from 'vitest';
import { MAX_NEW_PATTERNS } from '#control/pattern-budget';
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

it('B22: a preview, a dry run and a change are refused for too many new patterns, before any is proven', async () => {
  const { ask } = await foundedApi();
  const values = Array.from({ length: MAX_NEW_PATTERNS + 1 }, (_, nth) => `^new-${nth}$`);
  const rules = [{ when: [{ attribute: 'agent', op: 'matches', values }] }];
  const operations = [{ ...put, body: { description: 'By agent.', rules } }];
  vi.mocked(patternFault).mockClear();
  for (const [path, body] of [
    ['/v1/preview', { ...order, operations }],
    ['/v1/changes?dryRun=1', { operations, justification: 'Many.' }],
    ['/v1/changes', { operations, justification: 'Many.' }],
  ] as const) {
    const answer = await ask(`POST ${path}`, { body });
    expect(answer, path).toMatchObject({ status: 422, body: { code: 'invalid' } });
    expect(answer.text).toContain('divide the change');
  }
  expect(patternFault).not.toHaveBeenCalled();
});
