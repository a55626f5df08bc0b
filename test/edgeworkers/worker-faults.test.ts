/** What goes wrong around a page: it is decided all the same, or left to its origin, and it goes on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FLAVOURS } from '../../scripts/akamai/bundle.ts';
import type { EdgeKvFault } from '../../scripts/edgeworkers/edgekv/edgekv-faults.ts';
import type { EventOutcome, EventRequest } from '../../scripts/edgeworkers/event.ts';
import { rawLines } from '../unit/fixtures/lines.ts';
import {
  type Deployed,
  type DeployOptions,
  deploy,
  FLAG,
  handedOn,
  POP,
  REVALIDATE_MS,
  visitor,
} from './fixtures/deployed.ts';

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function deployed(options: Omit<DeployOptions, 'part'> = {}): Promise<Deployed> {
  const made = await deploy({ ...options, part: 'pages' });
  stops.push(made.worker.stop);
  return made;
}

/** Of a page that went on, with one read of EdgeKV at most. */
function expectServed(outcome: EventOutcome, reads = 1): ReturnType<typeof handedOn> {
  expect([outcome.report.status, outcome.report.excesses]).toEqual(['Success', []]);
  expect(outcome.effects?.responded).toBeUndefined();
  expect(outcome.report.subRequests.length).toBeLessThanOrEqual(reads);
  return handedOn(outcome);
}

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

describe('a page of a visitor', () => {
  let edge: Deployed;
  beforeAll(async () => {
    edge = await deployed({
      instances: 'mixed',
      settings: { FLAGS: JSON.stringify([RAMP, BY_COUNTRY]), VARY_BY: '[]' },
    });
    await edge.publish(7, LINES);
  });

  const RAMP = 'pricing.ramp';
  const BY_COUNTRY = 'pricing.byCountry';
  const LINES = rawLines([
    { k: RAMP, r: 3, s: 'salt-1', o: 0, f: [0, [1, 50_000, 0, 100_000]] },
    { k: BY_COUNTRY, r: 4, o: 0, u: [['dutch', [['in', 'country', ['NL']]], 1]], f: 0 },
  ]);
  const decide = async (request: Partial<EventRequest>): Promise<readonly string[]> =>
    expectServed(await edge.page(request)).decisions;
  const ramped = async (headers: EventRequest['headers']): Promise<string | undefined> =>
    (await decide({ headers })).find((one) => one.startsWith(RAMP));
  /** What a split gives whoever has no key. */
  const KEYLESS = `${RAMP}=off;3;SPLIT`;

  it('who has a key is decided by it', async () => {
    const all = new Set<string | undefined>();
    for (let at = 0; at < 20; at++) all.add(await ramped([['Cookie', `visitor=user-${at}`]]));
    expect([...all].sort()).toEqual([`${RAMP}=off;3;SPLIT`, `${RAMP}=on;3;SPLIT`]);
  });

  it.each<[string, EventRequest['headers']]>([
    ['who has no cookie', []],
    ['who has an empty one', [['Cookie', 'visitor=']]],
    ['whose key is 10 KB long', [['Cookie', `visitor=${'x'.repeat(10_240)}`]]],
    ['whose key is 12 KB of encoded text', [['Cookie', `visitor=${'%D0%B6'.repeat(2_049)}`]]],
    ['whose key is no UTF-8', [['Cookie', 'visitor=%ff%fe']]],
    ['whose key ends in the middle of a character', [['Cookie', 'visitor=user-%E2%82']]],
    ['whose key is half a surrogate pair', [['Cookie', 'visitor=%ED%A0%80']]],
    ['whose key is an overlong slash', [['Cookie', 'visitor=%C0%AF']]],
    ['whose key is a lone percent sign', [['Cookie', 'visitor=%']]],
    ['whose key says less than it begins', [['Cookie', 'visitor=%u0041']]],
  ])('%s is in no share', async (_, headers) => {
    expect(await ramped(headers)).toBe(KEYLESS);
  });

  it.each<[string, string]>([
    ['bytes that are no UTF-8', '\u00ff\u00fe\u0080'],
    ['a lone surrogate', '\ud800'],
    ['quotes and separators of other headers', '"a,b=c"'],
    ['the name of a prototype', '__proto__'],
    ['encoded line feeds', 'a%0d%0aSet-Cookie: x'],
  ])('whose key is %s is decided, and nobody else sees it', async (_, key) => {
    const outcome = await edge.page({ headers: [['Cookie', `visitor=${key}`]] });
    expect(expectServed(outcome).decisions.find((one) => one.startsWith(RAMP))).toMatch(/=o(n|ff);3;SPLIT$/);
    const told = outcome.effects?.requestHeaders.filter(([name]) => name !== 'Cookie');
    expect([JSON.stringify(told), JSON.stringify(outcome.effects?.variables)].join()).not.toContain(key.slice(0, 3));
  });

  it('is of the country that the platform says', async () => {
    expect(await decide({ userLocation: { country: 'NL' } })).toContain(`${BY_COUNTRY}=on;4;TARGETING_MATCH`);
    expect(await decide({ userLocation: { country: 'FR' } })).toContain(`${BY_COUNTRY}=off;4;DEFAULT`);
  });

  it.each<[string, Partial<EventRequest>]>([
    ['X-Forwarded-For', { headers: [['X-Forwarded-For', '198.51.100.7']], userLocation: { country: 'NL' } }],
    ['x-forwarded-for without an address', { headers: [['x-forwarded-for', '']], userLocation: { country: 'NL' } }],
    [
      'headers named like attributes',
      {
        headers: [
          ['country', 'NL'],
          ['X-Country', 'NL'],
        ],
        userLocation: null,
      },
    ],
    ['a header that EdgeScape writes', { headers: [['X-Akamai-Edgescape', 'country_code=NL']], userLocation: null }],
    ['a cookie named country', { headers: [['Cookie', 'country=NL']], userLocation: null }],
    ['a query', { query: 'country=NL', userLocation: null }],
    ['an address that is nowhere', { userLocation: { country: 'reserved' } }],
    ['an empty location', { userLocation: {} }],
  ])('does not choose a country by %s', async (_, request) => {
    expect(await decide(request)).toContain(`${BY_COUNTRY}=off;4;DEFAULT`);
  });

  it('does not decide for the origin: a header of its own is taken away', async () => {
    const forged = `9;0,${RAMP}=on;9;SPLIT`;
    const outcome = await edge.page({
      headers: [
        ['Lockstep-Decisions', forged],
        ['lockstep-decisions', forged],
      ],
    });
    expect(expectServed(outcome)).toMatchObject({ lines: 1, version: '7' });
    expect(JSON.stringify(outcome.effects?.requestHeaders)).not.toContain(forged);
  });

  it('does not decide by variables: neither a header, a cookie nor a query is one', async () => {
    const forged = `9;0,${RAMP}=on;9;SPLIT`;
    const outcome = await edge.page({
      headers: [
        ['PMUSER_LOCKSTEP', forged],
        ['Cookie', `PMUSER_LOCKSTEP=${forged}; PMUSER_LOCKSTEP_KEY=on`],
      ],
      query: `PMUSER_LOCKSTEP=${forged}`,
    });
    expect(outcome.effects?.variables).toEqual({
      PMUSER_LOCKSTEP: `7;0,${KEYLESS},${BY_COUNTRY}=on;4;TARGETING_MATCH`,
      PMUSER_LOCKSTEP_KEY: '',
    });
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
    ['a time-out that the platform does not know', { READ_TIMEOUT_MS: '4001' }, /READ_TIMEOUT_MS/],
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
      cacheKey: [{ rule: 'includeVariable', name: 'PMUSER_LOCKSTEP_KEY' }],
    });
    expect(outcome.report.log).toMatch(named);
  });
});
