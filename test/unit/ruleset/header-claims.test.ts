import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '#ruleset/expect';
import { parseHeader } from '#ruleset/header';
import { claims } from '#schema/claims';
import { EPOCH } from '#schema/limits';
import { asciiJson, wild } from '../fixtures/lines.ts';
import { webCrypto } from '../fixtures/signing.ts';

const GOOD = {
  format: 1,
  hash: 1,
  env: 'production',
  version: EPOCH + 5,
  iat: 1_795_420_800,
  exp: 1_795_507_200,
  sha256: 'A'.repeat(43),
};

const base64url = (text: string): string => Buffer.from(text).toString('base64url');
const HEAD = base64url('{"alg":"ES256","kid":"k"}');

function takenByReader(payload: string): boolean {
  try {
    parseHeader(`${HEAD}.${base64url(payload)}.${Buffer.alloc(64).toString('base64url')}`, webCrypto([]));
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return false;
  }
}

const takenBySchema = (payload: string): boolean => claims.safeParse(JSON.parse(payload)).success;

const REFUSED: Readonly<Record<string, readonly unknown[]>> = {
  format: [0, 2, '1', 1.5, null, true],
  hash: [0, 2, '1', null],
  env: ['', 'x'.repeat(65), null, 1, ['production']],
  version: [0, -1, 1.5, 2 ** 53, '5', null, wild('1e999'), wild('9007199254740993')],
  iat: [-1, 0.5, null, '0', wild('1e999')],
  exp: [-1, 0.5, null, '0', 2 ** 53],
  sha256: ['', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}=`, `${'A'.repeat(42)}+`, null, 1],
  emptied: [false, 1, null, 'true'],
  takeover: [0, -1, 0.5, null, '1', 2 ** 32 + 1, wild('1e999')],
};

describe('given claims', () => {
  it('schema and reader take what is sound', () => {
    const sound = [
      GOOD,
      { ...GOOD, emptied: true, takeover: 2 ** 21 - 1 },
      { ...GOOD, version: 1, iat: 0, exp: 0 },
      { ...GOOD, version: 2 ** 53 - 1 },
      { ...GOOD, version: wild('1e3'), later: { x: 1 } },
    ];
    for (const one of sound) {
      const json = asciiJson(one);
      expect([takenBySchema(json), takenByReader(json)], json).toEqual([true, true]);
    }
  });

  for (const [claim, values] of Object.entries(REFUSED)) {
    it(`B01: schema and reader refuse ${claim} where it is missing, null, blank, of a wrong type or out of range`, () => {
      const optional = claim === 'emptied' || claim === 'takeover';
      const payloads = values.map((value) => asciiJson({ ...GOOD, [claim]: value }));
      if (!optional) payloads.push(asciiJson({ ...GOOD, [claim]: undefined }));
      for (const payload of payloads)
        expect([takenBySchema(payload), takenByReader(payload)], payload).toEqual([false, false]);
    });
  }

  it('B07: refuses a newer format and a newer bucket algorithm, whatever else there is', () => {
    for (const newer of [{ format: 2 }, { hash: 2 }, { format: 2, hash: 2 }]) {
      expect(takenByReader(JSON.stringify({ ...GOOD, ...newer }))).toBe(false);
    }
  });

  it('B07: ignores claims that it does not know', () => {
    expect(takenByReader(JSON.stringify({ ...GOOD, priority: 'high', nested: [{}] }))).toBe(true);
    expect(takenByReader(`{"__proto__":{"format":2},${JSON.stringify(GOOD).slice(1)}`)).toBe(true);
  });

  it('R31: schema and reader give the same verdict on random claims', () => {
    const value = fc.oneof(
      fc.constantFrom<unknown>(
        null,
        true,
        false,
        '',
        'x',
        0,
        1,
        2,
        -1,
        0.5,
        2 ** 53 - 1,
        2 ** 53,
        [],
        {},
        'A'.repeat(43),
      ),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    const claim = fc.constantFrom(...Object.keys(REFUSED));
    fc.assert(
      fc.property(fc.array(fc.tuple(claim, value), { maxLength: 3 }), (changes) => {
        const json = JSON.stringify({ ...GOOD, ...Object.fromEntries(changes) });
        return takenBySchema(json) === takenByReader(json);
      }),
      { seed: 1, numRuns: 3_000 },
    );
  });
});
