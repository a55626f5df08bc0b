import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import xxhash from 'xxhash-wasm';
import { xxh32, xxh32Word } from '#core/xxh32';

const SEEDS = [0, 1, -1, 0x7fffffff, 0x80000000, 0xffffffff, 0x9e3779b1, 123_456_789];
/** 0 to 100 units of each alphabet. */
const ALPHABETS = {
  ASCII: 'aZ09 ~!_-.',
  'Latin-1': 'é\u0080ÿß',
  BMP: '語Ωש\uffff',
  astral: '🛫𝒳',
  'lone surrogates': '\ud83d\udc00',
  'ASCII with one umlaut in twenty': 'abcdefghijklmnopqrsü',
};

const textOf = (alphabet: string, length: number): string =>
  alphabet.repeat(Math.ceil(length / alphabet.length)).slice(0, length);

describe('given xxhash-wasm as the oracle', () => {
  let oracle: (text: string, seed: number) => number;
  let oracleRaw: (bytes: Uint8Array, seed: number) => number;
  beforeAll(async () => {
    const { h32, h32Raw } = await xxhash();
    oracle = (text, seed) => h32(text, seed >>> 0);
    oracleRaw = (bytes, seed) => h32Raw(bytes, seed >>> 0);
  });

  for (const [name, alphabet] of Object.entries(ALPHABETS)) {
    it(`hashes ${name} of every length from 0 to 100 like xxhash-wasm`, () => {
      for (let length = 0; length <= 100; length++) {
        const text = textOf(alphabet, length);
        for (const seed of SEEDS) expect(xxh32(text, seed) >>> 0, `${length} ${seed}`).toBe(oracle(text, seed));
      }
    });
  }

  it('hashes any code units under any seed like xxhash-wasm', () => {
    const text = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) });
    fc.assert(
      fc.property(text, fc.integer(), (any, seed) => xxh32(any, seed) >>> 0 === oracle(any, seed)),
      { numRuns: 3_000, seed: 1 },
    );
  });

  it('counts an unpaired surrogate as U+FFFD, wherever it stands', () => {
    const pairs = [
      ['\ud83d', '\ufffd'],
      ['\udc00', '\ufffd'],
      ['\ud83d\ud83d', '\ufffd\ufffd'],
      ['a\udc00\ud83d', 'a\ufffd\ufffd'],
      [`${'x'.repeat(40)}\ud83d`, `${'x'.repeat(40)}\ufffd`],
    ] as const;
    for (const [lone, replaced] of pairs) expect(xxh32(lone, 7)).toBe(xxh32(replaced, 7));
  });

  it('hashes a word as its four little-endian bytes', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (word, seed) => {
        const bytes = Uint8Array.of(word, word >> 8, word >> 16, word >> 24);
        expect(xxh32Word(word, seed)).toBe(oracleRaw(bytes, seed));
      }),
      { seed: 2 },
    );
  });

  it('hashes a megabyte like xxhash-wasm', () => {
    const text = textOf('0123456789abcdef-é', 1_000_000);
    expect(xxh32(text, 3) >>> 0).toBe(oracle(text, 3));
  });
});
