/** What the platform may refuse an EdgeWorker for pages, or take from it: on bundles built around the handlers, in the harness. */
import { afterAll, describe, expect, it } from 'vitest';
import { handedOn, visitor } from './fixtures/deployed.ts';
import { inputOf } from './fixtures/event-input.ts';
import { createPages } from './fixtures/pages.ts';

const { deployed, stop } = createPages();
afterAll(stop);

/** `onClientRequest` with a request some of whose methods throw: each for the names that are given. */
const refusing = (methods: Readonly<Record<string, readonly string[]>>): string => `
  import { onClientRequest as decide } from './pages.ts';
  export function onClientRequest(request) {
    for (const [method, names] of Object.entries(${JSON.stringify(methods)})) {
      const { [method]: own } = request;
      request[method] = (name, value) => {
        if (names.includes(name)) throw new Error('refused: ' + method);
        return own(name, value);
      };
    }
    return decide(request);
  }
`;

const DECISIONS = 'PMUSER_LOCKSTEP';
const KEY = 'PMUSER_LOCKSTEP_KEY';
const HEADER = 'Lockstep-Decisions';

describe('a page whose decisions cannot be handed on', () => {
  it.each<[string, Readonly<Record<string, readonly string[]>>]>([
    ['in the header', { setHeader: [HEADER] }],
    ['in the variable', { setVariable: [DECISIONS] }],
    ['in the cache key', { setVariable: [KEY] }],
    ['in any variable', { setVariable: [KEY, DECISIONS] }],
    ['at all', { setHeader: [HEADER], setVariable: [KEY, DECISIONS], removeHeader: [HEADER] }],
  ])('%s is left to its origin, and no later handler takes it for decided', async (_, methods) => {
    const edge = await deployed({ main: refusing(methods) });
    await edge.publish(7);
    const outcome = await edge.page(visitor('user-1'));
    expect(outcome.report.status).toBe('Success');
    expect(outcome.report.log).toContain('refused');
    expect(outcome.effects?.responded).toBeUndefined();
    expect(handedOn(outcome).lines).toBe(0);
    expect(outcome.effects?.variables).not.toHaveProperty(DECISIONS);
    expect(outcome.effects?.cacheKey).toContainEqual({ rule: 'includeCookie', name: 'visitor' });
  });
});

/** Names enough for what was kept to be the longest unused. */
const CROWDED = `
  import { keep } from '#keep';
  export { onClientRequest } from './pages.ts';
  export function onClientResponse() {
    for (const name of ['a', 'b', 'c', 'd']) keep(name, () => ({}));
  }
`;

describe('a view that the platform takes away', () => {
  it('is not followed by an older one: its number is remembered', async () => {
    const edge = await deployed({ flavour: 'lru', instances: 'reused', main: CROWDED });
    await edge.publish(7);
    expect(handedOn(await edge.page()).version).toBe('7');
    const response = { status: 200, headers: [] };
    const { report } = await edge.worker.handle('onClientResponse', inputOf({}, { response }));
    expect(report.status).toBe('Success');
    await edge.publish(6);
    const without = await edge.page();
    expect([handedOn(without).version, without.report.log]).toEqual(['0', expect.stringContaining('older')]);
    await edge.publish(8);
    edge.forward(1_001);
    expect(handedOn(await edge.page()).version).toBe('8');
  });
});
