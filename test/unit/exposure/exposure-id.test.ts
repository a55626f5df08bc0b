import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exposureId } from '#exposure/exposure-id';

/** The definition, by another library. */
const byNodeCrypto = (...named: readonly (string | number)[]): string =>
  createHash('sha256').update(JSON.stringify(named), 'utf8').digest().subarray(0, 16).toString('base64url');

const NAMED = { flag: 'pricing.fareBundlingV2', revision: 7, unit: 'AAAAAQAAAAAAAAAAAAAAAA', variation: 'treatment' };

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '"', '\\', '","', '\ud800', 'é'),
);
const named = fc.record({ flag: text, revision: fc.maxSafeNat(), unit: text, variation: text });

describe('the id of an exposure', () => {
  it('is known: what is stored by it must be found again', () => {
    expect(exposureId('production', NAMED)).toBe('x5WN1CKKbuWR24Jy2EfRgw');
    expect(exposureId('staging', NAMED)).toBe('mbnZOIgl0n6ezTJCl_wZuQ');
  });

  it('is the first half of a SHA-256 that another library makes as well', () => {
    fc.assert(
      fc.property(text, named, (environment, one) => {
        const { flag, revision, unit, variation } = one;
        expect(exposureId(environment, one)).toBe(byNodeCrypto(environment, flag, revision, unit, variation));
      }),
    );
  });

  it('I8: is the same for a retry, a replay, and the same exposure from edge and origin: place, reason and time are no part of it', () => {
    const edge = {
      ...NAMED,
      reason: 'SPLIT',
      rule: 'us',
      version: 12,
      region: 'us-east',
      cloud: 'cloudflare',
      pop: 'iad',
      time: 1,
    };
    const origin = { ...NAMED, reason: 'STALE', version: 11, cloud: 'aws', time: 2 };
    expect(new Set([edge, origin, NAMED].map((one) => exposureId('production', one))).size).toBe(1);
  });

  it('differs where environment, flag, revision, unit or variation do, and wherever one text ends and the next begins', () => {
    const others = [
      NAMED,
      { ...NAMED, flag: 'pricing.fareBundlingV3' },
      { ...NAMED, revision: 8 },
      { ...NAMED, unit: 'AAAAAgAAAAAAAAAAAAAAAA' },
      { ...NAMED, variation: 'control' },
      { ...NAMED, unit: `${NAMED.unit}t`, variation: 'reatment' },
      { ...NAMED, unit: `${NAMED.unit}","`, variation: '' },
    ];
    const ids = ['production', 'staging'].flatMap((environment) => others.map((one) => exposureId(environment, one)));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
