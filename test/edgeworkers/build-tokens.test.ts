import { describe, expect, it } from 'vitest';
import { checkTokens } from '../../scripts/akamai/check-tokens.ts';
import { tokenFault } from '../../scripts/akamai/token-fault.ts';
import { akamaiSettings, akamaiTokens } from './fixtures/configuration.ts';

const NOW = Date.parse('2026-12-01T12:00:00Z');
const NONE = 'none for the namespace of the settings, lockstep';
const READS = { 'namespace-lockstep': ['r'] };

const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url');
const jwt = (claims: object): string => `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
const day = (date: string): number => Date.parse(date) / 1_000;

describe('a token for EdgeKV', () => {
  it.each([
    ['is good for longer', { value: jwt({ exp: day('2026-12-02'), ...READS }) }],
    ['tells no end and no namespace', { value: jwt({}) }],
    ['is known by its reference', { reference: 'a-uuid', value: '' }],
  ])('fits that %s', (_, token) => {
    expect(tokenFault(token, 'lockstep', NOW)).toBeUndefined();
  });

  it.each([
    ['has expired', { value: jwt({ exp: day('2026-12-01'), ...READS }) }, 'expired at 2026-12-01T00:00:00.000Z'],
    ['expired before time began', { value: jwt({ exp: -1e300 }) }, 'expired at -1e+300'],
    ['is empty', { value: '' }, NONE],
    ['has an empty reference', { reference: '' }, NONE],
    ['is not there', undefined, NONE],
    ['is null', null, NONE],
    ['is a text', 'token', NONE],
    ['is no JWT', { value: 'secret' }, 'its value for namespace lockstep is no JWT'],
    ['has claims that are none', { value: 'a.b.c' }, 'its value for namespace lockstep is no JWT'],
    [
      'is for another namespace',
      { value: jwt({ 'namespace-other': ['r'] }) },
      'lets nobody read namespace lockstep: namespace-other=r',
    ],
    [
      'may write alone',
      { value: jwt({ 'namespace-lockstep': ['w'] }) },
      'lets nobody read namespace lockstep: namespace-lockstep=w',
    ],
  ])('says what is wrong with it where it %s', (_, token, fault) => {
    expect(tokenFault(token, 'lockstep', NOW)).toBe(fault);
  });

  it('is looked for under the namespace of the settings: without one the check fails, and is a note where nobody means it yet', async () => {
    const found = async (tokens: string, isMeant: boolean) =>
      checkTokens({ 'edgekv_tokens.js': tokens, 'lockstep-settings.js': akamaiSettings({}) }, { isMeant, now: NOW });
    const own = akamaiTokens({ name: 'reader', value: jwt({ exp: day('2026-12-02'), ...READS }) });
    const other = own.replace('namespace-lockstep', 'namespace-other');
    expect(await found(own, true)).toEqual({ check: 'EdgeKV token', found: 'there', verdict: 'ok' });
    expect(await found(other, true)).toEqual({ check: 'EdgeKV token', found: NONE, verdict: 'failed' });
    expect(await found(other, false)).toEqual({ check: 'EdgeKV token', found: NONE, verdict: 'note' });
  });
});
