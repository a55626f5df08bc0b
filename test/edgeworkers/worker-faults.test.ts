/** What goes wrong around a page: it is decided all the same, or left to its origin, and it goes on. */
import { afterAll, describe, expect, it } from 'vitest';
import { FLAVOURS } from '../../scripts/akamai/bundle.ts';
import type { EdgeKvFault } from '../../scripts/edgeworkers/edgekv/edgekv-faults.ts';
import { rawLines } from '../unit/fixtures/lines.ts';
import { type Deployed, FLAG, handedOn, POP, REVALIDATE_MS, visitor } from './fixtures/deployed.ts';
import { createPages, expectServed } from './fixtures/pages.ts';

const { deployed, stop } = createPages();
afterAll(stop);

const OFFLINE_PAGE = { lines: 1, version: '0', age: '', decisions: [`${FLAG}=control;0;DEFAULT`] };

/** What EdgeKV may give, by what is then the matter; each is set up for a POP whose view of version 7 it spoils. */
const SPOILT: readonly (readonly [string, RegExp, (edge: Deployed) => Promise<void> | void])[] = [
  ['nothing, by 404', /missing/, ({ put }) => put(undefined)],
  ['401, for its token is revoked', /HTTP 401/, ({ edgeKv, token }) => edgeKv.tokens.revoke(token.name)],
  [
    '403, for its token is for another namespace',
    /HTTP 403/,
    ({ edgeKv, token }) => {
      edgeKv.tokens.revoke(token.name);
      const other = { ...token, namespacePermissions: {} };
      edgeKv.tokens.issue(other);
      Object.assign(edgeKv.tokens.find(token.name) as object, { value: token.value });
    },
  ],
  ['429', /HTTP 429/, fault({ fault: 'status', status: 429 })],
  ['500', /HTTP 500/, fault({ fault: 'status', status: 500 })],
  ['no answer', /timeout/i, fault({ fault: 'hang' })],
  ['a connection that breaks midway', /./, fault({ fault: 'cut' })],
  ['half of the text', /wrong-digest/, fault({ fault: 'truncate' })],
  ['an empty text', /malformed/, ({ put }) => put('')],
  ['no text of ours', /malformed/, ({ put }) => put('{"flags":{}}')],
  ['a view of another environment', /wrong-environment/, ({ publish }) => publish(9, undefined, 'staging/pricing')],
  ['another view', /wrong-environment/, ({ publish }) => publish(9, undefined, 'production/search')],
  ['all of the environment', /wrong-environment/, ({ publish }) => publish(9, undefined, 'production')],
  ['a view that somebody else signed', /bad-signature/, async ({ put }) => put(await (await foreign()).sign(9))],
  ['a view that is over the cap', /over 128000 bytes/, ({ publish }) => publish(9, overTheCap())],
];

function fault(one: EdgeKvFault): (edge: Deployed) => void {
  return ({ edgeKv }) => edgeKv.faults.set(POP, one);
}

const foreign = (): Promise<Deployed> => deployed();

const overTheCap = (): string =>
  rawLines(Array.from({ length: 3_000 }, (_, at) => ({ k: `pricing.flag${at}`, r: 1, o: 0, f: 1, d: 'x'.repeat(20) })));

describe('a page, where an instance that knows no view is given', () => {
  it.each(SPOILT)('%s: gets the offline default, and the log says why', async (_, why, spoil) => {
    const edge = await deployed();
    await edge.publish(7);
    await spoil(edge);
    const outcome = await edge.page(visitor('user-1'));
    expect(expectServed(outcome)).toEqual(OFFLINE_PAGE);
    expect(outcome.report.log).toMatch(why);
  });
});

describe.each(FLAVOURS)('a page, where an instance of the flavour %s that knows version 7 is given', (flavour) => {
  it.each([...SPOILT, ['an older version', /older/, ({ publish }: Deployed) => publish(6)] as (typeof SPOILT)[number]])(
    '%s: gets version 7, older and older',
    async (_, why, spoil) => {
      const edge = await deployed({ flavour, instances: 'reused' });
      await edge.publish(7);
      const before = expectServed(await edge.page(visitor('user-1')));
      expect([before.version, before.age]).toEqual(['7', '0']);
      await spoil(edge);
      edge.forward(REVALIDATE_MS + 1);
      const outcome = await edge.page(visitor('user-1'));
      expect(expectServed(outcome)).toEqual({ ...before, age: String(REVALIDATE_MS + 1) });
      expect(outcome.report.log).toMatch(why);
      const again = await edge.page(visitor('user-1'));
      expect(expectServed(again, 0), 'and is left alone for a second').toEqual(handedOn(outcome));
    },
  );
});

describe('a page, with a token that', () => {
  const served = async (edge: Deployed): Promise<unknown> => expectServed(await edge.page(visitor('user-1')));

  it.each([
    ['there is not', 'export const edgekv_access_tokens = {};'],
    ['is none', 'export const edgekv_access_tokens = { "namespace-lockstep": null };'],
    ['is in no list', 'export const edgekv_access_tokens = undefined;'],
    ['has no value', 'export const edgekv_access_tokens = { "namespace-lockstep": { name: "reader" } };'],
    [
      'is of another type',
      'export const edgekv_access_tokens = { "namespace-lockstep": { value: 7, reference: {} } };',
    ],
    ['would break the header', 'export const edgekv_access_tokens = { "namespace-lockstep": { value: "a\\nb" } };'],
  ])('%s: gets the offline default', async (_, tokens) => {
    const edge = await deployed({ tokens });
    await edge.publish(7);
    expect(await served(edge)).toEqual(OFFLINE_PAGE);
  });

  it('has expired: gets what an instance knows, and in a new one the offline default', async () => {
    const [reused, fresh] = [await deployed({ instances: 'reused' }), await deployed()];
    for (const edge of [reused, fresh]) {
      await edge.publish(7);
      expect(await served(edge)).toMatchObject({ version: '7' });
      edge.forward(Date.UTC(2027, 0, 1) - edge.now());
    }
    expect(await served(reused)).toMatchObject({ version: '7', decisions: [expect.stringMatching(/;STALE$/)] });
    expect(await served(fresh)).toEqual(OFFLINE_PAGE);
  });
});

describe('a page of an EdgeWorker whose settings are not sound', () => {
  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['no public keys', { PUBLIC_KEYS: '[]' }, /PUBLIC_KEYS/],
    ['no environment', { ENVIRONMENT: '' }, /ENVIRONMENT/],
    ['flags that are no list', { FLAGS: 'pricing.fareBundlingV2' }, /FLAGS/],
    ['a flag whose key is none', { FLAGS: '["a,b=c;d"]' }, /FLAGS/],
    ['pages that differ by what is not decided', { VARY_BY: '["pricing.other"]' }, /VARY_BY/],
    ['a namespace that EdgeKV cannot have', { EDGEKV_NAMESPACE: '../../x' }, /EDGEKV_NAMESPACE/],
    [
      'a default whose variation is no name',
      { OFFLINE_DEFAULTS: JSON.stringify({ [FLAG]: { variation: 'a,b=c', value: 1, visibility: 'server' } }) },
      /OFFLINE_DEFAULTS/,
    ],
    ['a cookie that cannot be', { UNIT_COOKIE: 'a=b; c' }, /UNIT_COOKIE/],
    ['a time that is none', { STALE_AFTER_MS: 'soon' }, /STALE_AFTER_MS/],
    ['a time-out that leaves no time to decide', { READ_TIMEOUT_MS: '1501' }, /READ_TIMEOUT_MS/],
  ])('%s: is left to its origin, cached by itself, and the log names the setting', async (_, settings, named) => {
    const edge = await deployed({ settings });
    await edge.publish(7);
    const outcome = await edge.page({
      headers: [
        ['Cookie', 'visitor=user-1'],
        ['Lockstep-Decisions', '9;0'],
      ],
    });
    expect(expectServed(outcome, 0)).toMatchObject({ lines: 0, decisions: [] });
    expect(outcome.effects).toMatchObject({
      variables: { PMUSER_LOCKSTEP_KEY: '!' },
      cacheKey: [
        { rule: 'includeCookie', name: 'visitor' },
        { rule: 'includeVariable', name: 'PMUSER_LOCKSTEP_KEY' },
      ],
    });
    expect(outcome.report.log).toMatch(named);
  });
});
