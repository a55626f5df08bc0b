import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readTimestamp } from '#core/timestamp';

const VALID: readonly (readonly [string, string])[] = [
  ['1985-04-12T23:20:50.52Z', '1985-04-12T23:20:50.520Z'],
  ['1996-12-19T16:39:57-08:00', '1996-12-20T00:39:57.000Z'],
  ['1937-01-01T12:00:27.87+00:20', '1937-01-01T11:40:27.870Z'],
  ['1990-12-31T23:59:60Z', '1991-01-01T00:00:00.000Z'],
  ['1990-12-31T15:59:60-08:00', '1991-01-01T00:00:00.000Z'],
  ['2026-11-23t08:00:00z', '2026-11-23T08:00:00.000Z'],
  ['2026-11-23T08:00:00.1234567890123456789Z', '2026-11-23T08:00:00.123Z'],
  ['2026-11-23T08:00:00.9Z', '2026-11-23T08:00:00.900Z'],
  ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
  ['2024-02-29T00:00:00-23:59', '2024-02-29T23:59:00.000Z'],
  ['2024-01-01T00:00:00+23:59', '2023-12-31T00:01:00.000Z'],
  ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
  ['0000-02-29T00:00:00Z', '0000-02-29T00:00:00.000Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ['1970-01-01T00:00:00-00:00', '1970-01-01T00:00:00.000Z'],
];

const INVALID = [
  '',
  '2026-11-23',
  '2026-11-23T08:00:00',
  '2026-11-23 08:00:00Z',
  '2026-11-23T08:00Z',
  '2026-11-23T08:00:00.Z',
  '2026-11-23T08:00:00,5Z',
  '2026-11-23T08:00:00+0100',
  '2026-11-23T08:00:00+01',
  '2026-11-23T08:00:00+24:00',
  '2026-11-23T08:00:00+01:60',
  '2026-11-23T24:00:00Z',
  '2026-11-23T08:60:00Z',
  '2026-11-23T08:00:61Z',
  '2026-00-23T08:00:00Z',
  '2026-13-23T08:00:00Z',
  '2026-11-00T08:00:00Z',
  '2026-11-31T08:00:00Z',
  '2026-02-29T08:00:00Z',
  '1900-02-29T08:00:00Z',
  '2100-02-29T08:00:00Z',
  '26-11-23T08:00:00.000Z',
  '+2026-11-23T08:00:00Z',
  '-001-11-23T08:00:00Z',
  '2026-11-23T08:00:00ZZ',
  '2026-11-23T08:00:00Z ',
  ' 2026-11-23T08:00:00Z',
  '2026-11-23T08:00:00.5 Z',
  '２026-11-23T08:00:00Z',
  '2026/11/23T08:00:00Z',
  'Mon, 23 Nov 2026 08:00:00 GMT',
  `2026-11-23T08:00:00.${'0'.repeat(44)}Z`,
];

for (const [text, same] of VALID) {
  it(`reads ${text} as ${same}`, () => expect(readTimestamp(text)).toBe(Date.parse(same)));
}

for (const text of INVALID) {
  it(`reads ${JSON.stringify(text.slice(0, 40))} as no timestamp`, () => expect(readTimestamp(text)).toBeNaN());
}

it('takes 64 characters and no more', () => {
  const fraction = (digits: number): string => `2026-11-23T08:00:00.${'0'.repeat(digits)}Z`;
  expect(readTimestamp(fraction(43))).toBe(Date.parse('2026-11-23T08:00:00Z'));
  expect(readTimestamp(fraction(44))).toBeNaN();
});

it('takes a finite number as milliseconds and nothing else', () => {
  expect(readTimestamp(-1.5)).toBe(-1.5);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, null, undefined, true, 1n, {}, [], new Date()]) {
    expect(readTimestamp(value)).toBeNaN();
  }
});

it('reads every instant of four-digit years as Date does', () => {
  const date = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(date, (instant) => readTimestamp(instant.toISOString()) === instant.getTime()),
    { seed: 1, numRuns: 2_000 },
  );
});
