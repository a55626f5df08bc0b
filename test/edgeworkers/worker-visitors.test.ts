/** Who a page is decided for, whatever its request says: on the built bundle, in the harness. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventRequest } from '../../scripts/edgeworkers/event.ts';
import { rawLines } from '../unit/fixtures/lines.ts';
import type { Deployed } from './fixtures/deployed.ts';
import { createPages, expectServed } from './fixtures/pages.ts';

const { deployed, stop } = createPages();
afterAll(stop);

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
