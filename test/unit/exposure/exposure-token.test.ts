import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '#core/base64url';
import { createExposureTokens, type Vouched } from '#exposure/exposure-token';

const MINUTE_MS = 60_000;
const KEY = Uint8Array.from({ length: 32 }, (_, at) => at);
const tokens = createExposureTokens(KEY);
const NOW = 29_923_680 * MINUTE_MS;
const VOUCHED: Vouched = {
  unit: 'AAAAAAAAAAAAAAAAAAAAAA',
  flag: 'pricing.fareBundlingV2',
  revision: 7,
  variation: 'v2',
  minute: NOW / MINUTE_MS,
};

describe('B34: an exposure token', () => {
  it('says what the edge said, for a day', () => {
    const token = tokens.sign(VOUCHED);
    expect(tokens.verify(token, NOW)).toEqual(VOUCHED);
    expect(tokens.verify(token, NOW + 24 * 60 * MINUTE_MS)).toEqual(VOUCHED);
    expect(tokens.verify(token, NOW + (24 * 60 + 1) * MINUTE_MS)).toBeUndefined();
    expect(tokens.verify(token, NOW - 2 * MINUTE_MS)).toEqual(VOUCHED);
    expect(tokens.verify(token, NOW - 3 * MINUTE_MS)).toBeUndefined();
  });

  it('of another key, or about another unit under the same signature, is forged', () => {
    const token = tokens.sign(VOUCHED);
    expect(createExposureTokens(KEY.toReversed()).verify(token, NOW)).toBeUndefined();
    const words = JSON.stringify(['BBBBBBBBBBBBBBBBBBBBBA', 'pricing.fareBundlingV2', 7, 'v2', VOUCHED.minute]);
    const forged = `${encodeBase64url(new TextEncoder().encode(words))}.${token.split('.')[1]}`;
    expect(tokens.verify(forged, NOW)).toBeUndefined();
  });

  it('I12: that was changed in any character, or is any text, says nothing and breaks nothing', () => {
    const token = tokens.sign(VOUCHED);
    fc.assert(
      fc.property(fc.nat({ max: token.length - 1 }), fc.string({ maxLength: 3 }), (at, other) => {
        const changed = token.slice(0, at) + other + token.slice(at + 1);
        if (changed !== token) expect(tokens.verify(changed, NOW)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 600 }), (text) => {
        expect(tokens.verify(text, NOW)).toBeUndefined();
      }),
    );
  });
});
