import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase64url } from '#core/base64url';
import { exposure } from '#schema/exposure';
import { PSEUDONYM_PATTERN } from '#schema/exposure-limits';
import { createExposureReader } from '../../../workers/ingest/read-exposures.ts';
import { packUnits } from '../../../workers/ingest/unit-bytes.ts';

const [UNIT, OTHER] = ['6JB9pVk_FeX-gIxYKR6gsA', 'AAAAAAAAAAAAAAAAAAAAAQ'];

/** One of a few good values, or now and then what is none: so that many are alike, and some are nearly. */
const oneOf = (good: readonly unknown[], bad: readonly unknown[]) =>
  fc.oneof({ arbitrary: fc.constantFrom(...good), weight: 24 }, { arbitrary: fc.constantFrom(...bad), weight: 1 });
const ABSENT = undefined;
const NO_NAMES = ['', null, 7, {}, ['a'], 'x'.repeat(200), '__proto__', 'a\nb', ABSENT];
const place = (...good: readonly unknown[]) => oneOf([...good, ABSENT], ['', null, 0, 'x'.repeat(200), 'fra\n']);

const values = fc
  .record({
    flag: oneOf(['pricing.fare', 'pricing.bundle'], NO_NAMES),
    revision: oneOf([7, 8], ['7', -1, 0.5, null, 1e300, ABSENT]),
    variation: oneOf(['on', 'off'], NO_NAMES),
    unit: oneOf(
      [UNIT, OTHER],
      ['jane@travel.example', `${UNIT}\n`, UNIT.slice(1), `${UNIT.slice(0, -1)}B`, 1, null, ABSENT],
    ),
    reason: oneOf(['SPLIT'], NO_NAMES),
    rule: oneOf(['us-5', ABSENT], NO_NAMES.slice(0, -1)),
    version: oneOf([12], ['12', -1, 1.5, ABSENT]),
    region: place('us-east-1', 'eu'),
    cloud: place('cloudflare'),
    pop: place('iad', 'fra'),
    time: oneOf([0, 1_795_420_800_000, 8_640_000_000_000_000], [-1, 0.5, 8_640_000_000_000_001, '0', null, ABSENT]),
    more: fc.constantFrom(ABSENT, 1),
  })
  // As JSON brings them: what is absent is not there.
  .map((value): unknown => JSON.parse(JSON.stringify(value)));
const events = fc.array(
  fc.oneof({ arbitrary: values, weight: 40 }, fc.constantFrom<unknown>(null, 7, 'flag', [], {})),
  {
    maxLength: 60,
  },
);

describe('B36: reading exposures', () => {
  it('takes and refuses what the schema does, for the same reasons, whatever it has read before', () => {
    const read = createExposureReader();
    fc.assert(
      fc.property(events, (all) => {
        for (const value of all) {
          const [found, parsed] = [read(value), exposure.safeParse(value)];
          expect(found.ok, JSON.stringify(value)).toBe(parsed.success);
          if (!found.ok) expect(found.error.issues).toEqual(parsed.error?.issues);
          if (!found.ok || !parsed.success) continue;
          const { flag, variation, version, revision, reason, unit, time, ...places } = parsed.data;
          const { pop = '', rule = '', region = '', cloud = '' } = places;
          expect(found.value).toEqual({
            cell: [flag, variation, version, pop, revision, reason, rule, region, cloud],
            ...{ unit, time },
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('goes on where somebody makes up more combinations than it holds', () => {
    const read = createExposureReader();
    const one = { flag: 'a.b', revision: 1, variation: 'on', unit: UNIT, reason: 'SPLIT', version: 1, time: 0 };
    for (let version = 0; version < 10_000; version++) {
      const found = read({ ...one, version });
      expect(found.ok && found.value.cell[2]).toBe(version);
    }
    expect(read({ ...one, unit: 'nobody' }).ok).toBe(false);
  });
});

it('units are packed as any decoder reads them', () => {
  const units = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(fc.array(units, { maxLength: 5 }), (all) => {
      const texts = all.map(encodeBase64url);
      expect([...packUnits(texts)]).toEqual(texts.flatMap((text) => [...(decodeBase64url(text) ?? [])]));
    }),
  );
  for (const text of ['', UNIT.slice(1), `${UNIT}A`, `${UNIT.slice(0, -1)}B`, `${UNIT.slice(0, -1)}é`])
    expect(() => packUnits([UNIT, text])).toThrow(TypeError);
  fc.assert(
    fc.property(fc.nat(21), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), (at, character) => {
      const text = UNIT.slice(0, at) + character + UNIT.slice(at + character.length);
      const pack = (): number => packUnits([text]).byteLength;
      if (PSEUDONYM_PATTERN.test(text)) expect(pack()).toBe(16);
      else expect(pack).toThrow(TypeError);
    }),
    { numRuns: 500 },
  );
});
