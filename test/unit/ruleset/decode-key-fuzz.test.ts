import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeKey } from '#ruleset/decode-key';
import { Refusal } from '#ruleset/expect';
import { indexLines } from '#ruleset/lines';
import { keyLine, keyLines, withoutSigningKeys, withSigningKeys } from '#ruleset/write/key-line';
import { keyEntry, signingEntry } from '#schema/key-entry';
import { mutated } from '../fixtures/damage.ts';
import { asciiJson } from '../fixtures/lines.ts';

const digest = fc
  .array(fc.constantFrom(...'ABCXYZabcxyz0189-_'), { minLength: 43, maxLength: 43 })
  .map((units) => units.join(''));
const namespace = fc.constantFrom('*', 'pricing', 'ui', 'a.b-c_d', 'x'.repeat(64));
const keyArbitrary = fc
  .record({
    k: digest,
    t: fc.constantFrom('relay', 'server', 'client'),
    s: fc.constantFrom('checkout', 'a', '0', 'x'.repeat(64)),
    n: fc.array(namespace, { minLength: 1, maxLength: 4 }),
    e: fc.option(fc.integer({ min: 0, max: 2_000_000_000_000 }), { nil: undefined }),
  })
  .map(({ e, ...key }) => (e === undefined ? key : { ...key, e }));

function thrownByDecoder(json: string): unknown {
  try {
    decodeKey(JSON.parse(json));
    return undefined;
  } catch (error) {
    return error;
  }
}

const tally = { taken: 0, refused: 0 };

function sameVerdict(json: string): void {
  const taken = keyEntry.safeParse(JSON.parse(json)).success;
  const thrown = thrownByDecoder(json);
  if ((thrown === undefined) !== taken)
    throw new Error(`schema ${taken ? 'takes' : 'refuses'}, decoder does not: ${json}`);
  if (thrown !== undefined) expect(thrown).toBeInstanceOf(Refusal);
  tally[taken ? 'taken' : 'refused']++;
}

it('R31: schema and decoder both take every sound key', () => {
  fc.assert(
    fc.property(
      keyArbitrary.map(asciiJson),
      (json) => thrownByDecoder(json) === undefined && keyEntry.safeParse(JSON.parse(json)).success,
    ),
    { seed: 21, numRuns: 1_000 },
  );
});

it('R31, B01: schema and decoder give the same verdict on 12,000 damaged keys', () => {
  fc.assert(fc.property(mutated(keyArbitrary), sameVerdict), { seed: 22, numRuns: 12_000 });
  expect(tally.taken).toBeGreaterThan(1_000);
  expect(tally.refused).toBeGreaterThan(4_000);
});

it('takes fields that it does not know, and nothing that is no key', () => {
  const key = { k: 'A'.repeat(43), t: 'server', s: 'shop', n: ['*'] };
  expect(decodeKey({ ...key, later: 1 })).toMatchObject(key);
  for (const other of [
    null,
    1,
    'key',
    [],
    {},
    { ...key, n: [] },
    { ...key, t: 'publisher' },
    { ...key, s: 'toString' },
  ]) {
    expect(() => decodeKey(other)).toThrow(Refusal);
  }
});

it('writes keys and signing keys in the order that readers ask for, and gives back what was written', () => {
  const signing = (kid: string) => ({ kid, kty: 'EC', crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43) }) as const;
  fc.assert(
    fc.property(
      fc.uniqueArray(keyArbitrary, { selector: ({ k }) => k, maxLength: 20 }),
      fc.uniqueArray(fc.constantFrom('a', 'a-', 'a.b', 'planet-1', '#', '~'), { maxLength: 4 }),
      (keys, kids) => {
        const lines = keyLines(keys.map((one) => keyEntry.parse(one)));
        const document = withSigningKeys(lines, kids.map(signing));
        expect(indexLines(document)).toHaveLength(keys.length + kids.length + 1);
        expect(withoutSigningKeys(document)).toBe(lines);
        for (const line of lines.split('\n').slice(0, -1)) expect(keyLine(decodeKey(JSON.parse(line)))).toBe(line);
        for (const line of document.split('\n').filter((one) => one.includes('signing:')))
          signingEntry.parse(JSON.parse(line));
      },
    ),
    { seed: 23, numRuns: 300 },
  );
});
