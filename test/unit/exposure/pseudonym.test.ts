import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exposureId } from '#exposure/exposure-id';
import { createPseudonymiser, PSEUDONYM_LENGTH } from '#exposure/pseudonym';
import { exposure } from '#schema/exposure';

/** The definition, by another library. */
const byNodeCrypto = (key: Uint8Array, kind: string, unitKey: string): string =>
  createHmac('sha256', key).update(`${kind}\0${unitKey}`, 'utf8').digest().subarray(0, 16).toString('base64url');

const KEY = Uint8Array.from({ length: 32 }, (_, at) => at);
const unitKeys = fc.oneof(
  fc.uuid(),
  fc.emailAddress(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom('', '\0', '\ud800', '😀'),
);
const kinds = fc.constantFrom('user', 'account', 'device');

describe('a pseudonym', () => {
  it('is known: the same person must be the same at every emitter, and tomorrow', () => {
    const pseudonym = createPseudonymiser(KEY);
    expect(pseudonym('user', 'jane@travel.example')).toBe('6JB9pVk_FeX-gIxYKR6gsA');
    expect(pseudonym('account', 'jane@travel.example')).toBe('9CixTjApZXk1pI4ClMaabQ');
  });

  it('is the first half of an HMAC-SHA-256 that another library makes as well, in whatever order units come', () => {
    const pseudonym = createPseudonymiser(KEY);
    fc.assert(
      fc.property(kinds, unitKeys, (kind, unitKey) => {
        expect(pseudonym(kind, unitKey)).toBe(byNodeCrypto(KEY, kind, unitKey));
      }),
    );
  });

  it.each([1, 32, 64, 65, 200])('takes a key of %i bytes as another library does', (length) => {
    const key = Uint8Array.from({ length }, (_, at) => at);
    expect(createPseudonymiser(key)('user', 'u-1')).toBe(byNodeCrypto(key, 'user', 'u-1'));
  });

  it('tells units, kinds and environments apart, and where a kind ends', () => {
    const other = createPseudonymiser(KEY.map((byte) => byte ^ 1));
    const pseudonym = createPseudonymiser(KEY);
    const all = [
      pseudonym('user', 'u-1'),
      pseudonym('user', 'u-2'),
      pseudonym('account', 'u-1'),
      pseudonym('use', 'ru-1'),
      other('user', 'u-1'),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('is a unit as ingest takes it, and an id is as long', () => {
    const pseudonym = createPseudonymiser(KEY);
    fc.assert(
      fc.property(kinds, unitKeys, (kind, unitKey) => {
        const unit = pseudonym(kind, unitKey);
        expect(exposure.shape.unit.safeParse(unit).success).toBe(true);
        const id = exposureId('production', { flag: 'a', revision: 1, unit, variation: 'b' });
        expect([unit.length, id.length]).toEqual([PSEUDONYM_LENGTH, PSEUDONYM_LENGTH]);
      }),
    );
  });
});
