import { createDraft, type Draft, misspellings, type Said, type Topic } from './draft.ts';

const NOON = '2026-11-23T12:00:00Z';
const CHARACTERS = [...' +-./01369:TZz', '\u0660'];

/** Texts that name the instant of NOON. */
const SAME = [
  NOON,
  '2026-11-23t12:00:00z',
  '2026-11-23T12:00:00.0Z',
  '2026-11-23T12:00:00.000999Z',
  '2026-11-23T12:00:00+00:00',
  '2026-11-23T12:00:00-00:00',
  '2026-11-23T13:30:00+01:30',
  '2026-11-23T10:30:00-01:30',
  '2026-11-24T11:59:00+23:59',
  '2026-11-22T12:01:00-23:59',
  '2026-11-23T11:59:60Z',
  '2026-11-23T11:59:60.000Z',
  '2026-11-23T12:59:60+01:00',
  `2026-11-23T12:00:00.${'0'.repeat(43)}Z`,
  `2026-11-23T12:00:00.000${'9'.repeat(40)}Z`,
  `2026-11-23T12:00:00.${'0'.repeat(38)}+00:00`,
];

const EARLIER = [
  '2026-11-23T11:59:59.999Z',
  '2026-11-23T11:59:59.9999Z',
  '2026-11-23T11:59:59Z',
  '2026-11-23T12:00:00+00:01',
];
const LATER = [
  '2026-11-23T12:00:00.001Z',
  '2026-11-23T11:59:60.001Z',
  '2026-11-23T12:00:00.01Z',
  '2026-11-23T12:00:00-00:01',
];

const INVALID = [
  '',
  '2026-11-23',
  '2026-11-23T12:00Z',
  '2026-11-23T12:00:00',
  '2026-11-23 12:00:00Z',
  '2026-11-23T12:00:00.Z',
  '2026-11-23T12:00:00,5Z',
  '2026-11-23T12:00:00ZZ',
  '2026-11-23T12:00:00Z ',
  ' 2026-11-23T12:00:00Z',
  '2026-11-23T12:00:00Z\n',
  '2026-11-23T12:00:00+0100',
  '2026-11-23T12:00:00+01',
  '2026-11-23T12:00:00+01:0',
  '2026-11-23T12:00:00+24:00',
  '2026-11-23T12:00:00-24:00',
  '2026-11-23T12:00:00+23:60',
  '2026-11-23T24:00:00Z',
  '2026-11-23T12:60:00Z',
  '2026-11-23T12:00:61Z',
  '2026-11-00T12:00:00Z',
  '2026-00-23T12:00:00Z',
  '2026-13-23T12:00:00Z',
  '+002026-11-23T12:00:00Z',
  '02026-11-23T12:00:00Z',
  '-2026-11-23T12:00:00Z',
  '2026-W48-1T12:00:00Z',
  '2026-11-23T12:00:00.5+1:00',
  '1795435200000',
  '2026-11-23T12:00:00\u2212 01:00',
  `2026-11-23T12:00:00.${'0'.repeat(44)}Z`,
  `2026-11-23T12:00:00.${'0'.repeat(39)}+00:00`,
];

const OTHERS: readonly unknown[] = [true, false, null, {}, [], [true], [[NOON]], [{}]];

function both(draft: Draft, value: unknown, attribute: unknown, before: Said, after: Said): void {
  draft.verdict(['before', 'a', [value]], { a: attribute }, before);
  draft.verdict(['after', 'a', [value]], { a: attribute }, after);
}

function addInstants(draft: Draft): void {
  const milliseconds = 1_795_435_200_000;
  for (const value of [NOON, milliseconds]) {
    for (const attribute of [...SAME, milliseconds]) both(draft, value, attribute, 'no', 'no');
    for (const attribute of [...EARLIER, milliseconds - 1, milliseconds - 0.5, 0, -1])
      both(draft, value, attribute, 'yes', 'no');
    for (const attribute of [...LATER, milliseconds + 1, milliseconds + 0.5, 1e300])
      both(draft, value, attribute, 'no', 'yes');
    for (const attribute of INVALID) both(draft, value, attribute, 'na', 'na');
  }
  // The same texts as the clause's value, so that both sides are read alike.
  for (const value of SAME) both(draft, value, milliseconds, 'no', 'no');
  for (const value of EARLIER) both(draft, value, milliseconds, 'no', 'yes');
  for (const value of LATER) both(draft, value, milliseconds, 'yes', 'no');
  for (const attribute of OTHERS) both(draft, NOON, attribute, 'na', 'na');
  both(draft, NOON, ['x', EARLIER[0]], 'yes', 'no');
  both(draft, NOON, ['x', 'y'], 'na', 'na');
}

function daysOf(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}

function addCalendar(draft: Draft): void {
  const two = (number: number) => String(number).padStart(2, '0');
  for (const year of [2026, 2024, 2000, 1900, 2100, 400, 100, 4, 1, 9999]) {
    for (let month = 1; month <= 12; month++) {
      const all = year === 2026 || year === 2024 || month <= 3;
      for (const day of all ? [28, 29, 30, 31, 32] : []) {
        const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T00:00:00Z`;
        const said = day > daysOf(year, month) ? 'na' : year < 2026 ? 'yes' : 'no';
        draft.verdict(['before', 'a', ['2026-01-01T00:00:00Z']], { a: text }, said);
      }
    }
  }
}

/** Instants whose milliseconds are known from elsewhere: each is before one number and after another. */
const KNOWN: readonly (readonly [string, number])[] = [
  ['1970-01-01T00:00:00Z', 0],
  ['1969-12-31T23:59:59.999Z', -1],
  ['1970-01-01T00:00:00.001Z', 1],
  ['2000-02-29T00:00:00Z', 951_782_400_000],
  ['2000-03-01T00:00:00Z', 951_868_800_000],
  ['1900-02-28T00:00:00Z', -2_203_977_600_000],
  ['1900-03-01T00:00:00Z', -2_203_891_200_000],
  ['2100-03-01T00:00:00Z', 4_107_542_400_000],
  ['0001-01-01T00:00:00Z', -62_135_596_800_000],
  ['0099-12-31T23:59:59Z', -59_011_459_201_000],
  ['9999-12-31T23:59:59.999Z', 253_402_300_799_999],
  ['9999-12-31T23:59:60Z', 253_402_300_800_000],
  ['2024-12-31T23:59:60Z', 1_735_689_600_000],
  ['2024-02-28T23:59:60Z', 1_709_164_800_000],
];

function addKnown(draft: Draft): void {
  for (const [text, milliseconds] of KNOWN) {
    both(draft, milliseconds, text, 'no', 'no');
    both(draft, milliseconds + 1, text, 'yes', 'no');
    both(draft, milliseconds - 1, text, 'no', 'yes');
  }
  for (let month = 1; month <= 12; month++) {
    const text = `2023-${String(month).padStart(2, '0')}-15T06:07:08.009Z`;
    both(draft, Date.UTC(2023, month - 1, 15, 6, 7, 8, 9), text, 'no', 'no');
    const leap = text.replace('2023', '2024');
    both(draft, Date.UTC(2024, month - 1, 15, 6, 7, 8, 9), leap, 'no', 'no');
  }
}

/** Instants all over the calendar, to the millisecond. */
function addYears(draft: Draft): void {
  for (const year of [3, 4, 99, 100, 101, 399, 400, 401, 1582, 1600, 1699, 1970, 1999, 2001, 2399, 4800, 9996]) {
    for (const [month, day] of [
      [1, 1],
      [2, 28],
      [3, 1],
      [12, 31],
    ] as const) {
      const date = new Date(0);
      const milliseconds = date.setUTCFullYear(year, month - 1, day) + 45_296_007;
      const two = (number: number) => String(number).padStart(2, '0');
      const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T12:34:56.007Z`;
      both(draft, milliseconds, text, 'no', 'no');
    }
  }
}

/** `before`, `after`. */
export function timestamps(): Topic {
  const draft = createDraft('before, after: instants from numbers and RFC 3339 texts, and what is no timestamp.');
  addInstants(draft);
  addCalendar(draft);
  addKnown(draft);
  addYears(draft);
  return draft.done();
}

/** RFC 3339, one character wrong. */
export function timestampSpelling(): Topic {
  const draft = createDraft('Timestamps with one character replaced, left out or doubled.');
  for (const text of ['2019-12-31T22:59:59.129+19:59', '2020-02-29t00:00:00Z']) {
    for (const attribute of misspellings(text, CHARACTERS)) draft.verdict(['before', 'a', [NOON]], { a: attribute });
  }
  return draft.done();
}
