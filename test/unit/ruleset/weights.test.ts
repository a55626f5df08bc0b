import { describe, expect, it } from 'vitest';
import { parseAuthored } from '#ruleset/write/authored-files';
import { flagEntry } from '#schema/entry';
import { booleanFlag, mistakesIn } from '../fixtures/authored.ts';
import { asciiJson, rawLine, readerOf, wild } from '../fixtures/lines.ts';

const split = (weights: unknown, rest: unknown = 'off'): unknown => ({
  flags: { 'a.flag': { ...booleanFlag(), fallthrough: { split: { rest, weights } } } },
});

describe('given authored weights', () => {
  const refused: Readonly<Record<string, unknown>> = {
    'a sum above 100': { on: 60, off2: 40.001 },
    'a negative weight': { on: -1 },
    'a weight that is not a number': { on: Number.NaN },
    'an infinite weight': { on: Number.POSITIVE_INFINITY },
    'a weight above 100': { on: 100.001 },
    'a weight of 100.0000001': { on: 100.0000001 },
    'a weight of 33.3333': { on: 33.3333 },
    'a weight of 0.0005': { on: 0.0005 },
    'a text': { on: '5' },
    null: { on: null },
    'no weight at all': {},
    'a list': [5],
    'a weight of the rest': { off: 5 },
    'a variation that there is not': { maybe: 5 },
  };
  for (const [name, weights] of Object.entries(refused)) {
    it(`B02: refuses ${name}`, () => expect(mistakesIn(split(weights))).not.toEqual([]));
  }

  it('B02: says by how much a sum exceeds 100', () => {
    const flag = {
      ...booleanFlag({ type: 'string', variations: { a: 'a', b: 'b', c: 'c' }, off: 'a' }),
      fallthrough: { split: { rest: 'a', weights: { b: 60, c: 40.001 } } },
    };
    expect(mistakesIn({ flags: { 'a.flag': flag } })).toEqual([
      'flags/a.flag/fallthrough/split/weights: add up to 100.001 %, at most 100 %',
    ]);
  });

  it('B02: takes thousandths, and sums of them that a double would miss', () => {
    for (const on of [0, 0.001, 33.333, 12.5, 99.999, 100]) expect(mistakesIn(split({ on }))).toEqual([]);
    const names = Array.from({ length: 10 }, (_, at) => `v${at}`);
    const flag = {
      ...booleanFlag({
        type: 'number',
        variations: { r: -1, ...Object.fromEntries(names.map((name, at) => [name, at])) },
        off: 'r',
      }),
      fallthrough: { split: { rest: 'r', weights: Object.fromEntries(names.map((name) => [name, 10])) } },
    };
    expect(mistakesIn({ flags: { 'a.flag': flag } })).toEqual([]);
  });

  for (const token of ['1e999', '-1e999', '.inf', '-.inf', '.nan']) {
    it(`B02: refuses a weight of ${token} in YAML`, () => {
      const text = `flags:\n  a.flag:\n    fallthrough: { split: { rest: "off", weights: { "on": ${token} } } }\n`;
      const parsed = parseAuthored([{ name: 'a.yaml', text }]);
      expect(parsed.ok ? [] : parsed.error.map(({ message }) => message)).toContain(`${token} is no finite number`);
    });
  }
});

describe('given the ranges of a split', () => {
  const refused: Readonly<Record<string, unknown>> = {
    'an end before 100,000': [0, 50_000, 1, 99_999],
    'an end behind 100,000': [0, 50_000, 1, 100_001],
    'ends that do not ascend': [0, 60_000, 1, 50_000, 0, 100_000],
    'two ends that are equal': [0, 50_000, 1, 50_000, 0, 100_000],
    'an end of 0': [0, 0, 1, 100_000],
    'a negative end': [0, -1, 1, 100_000],
    'a fractional end': [0, 33_333.3, 1, 100_000],
    'an end of 100000.0000001': [0, 100_000.0000001],
    'an end of 1e999': [0, wild('1e999')],
    'a text for an end': [0, '100000'],
    null: [0, null],
    'an odd number of elements': [0, 50_000, 1],
    'something behind the end': [0, 100_000, 1],
    nothing: [],
    'an index that there is not': [2, 100_000],
    'a negative index': [-1, 100_000],
    'a fractional index': [0.5, 100_000],
  };
  for (const [name, ranges] of Object.entries(refused)) {
    it(`B02: schema and reader refuse ${name}`, () => {
      const entry = { k: 'flag', r: 1, s: 'a', f: [0, ranges] };
      expect(flagEntry.safeParse(JSON.parse(asciiJson(entry))).success).toBe(false);
      expect(
        readerOf([entry])
          .faults()
          .map(({ key }) => key),
      ).toEqual(['flag']);
    });
  }

  it('B02: schema and reader take an end of 100,000 however it is written', () => {
    for (const end of [100_000, wild('1e5'), wild('100000.0'), wild('1000000e-1')]) {
      expect(readerOf([{ k: 'flag', r: 1, s: 'a', f: [0, [0, end]] }]).faults(), rawLine({ k: 'f', end })).toEqual([]);
    }
  });

  it('B02: schema and reader refuse a split without a salt', () => {
    const entry = { k: 'flag', r: 1, f: [0, [0, 100_000]] };
    expect(flagEntry.safeParse(entry).success).toBe(false);
    expect(readerOf([entry]).faults()).toHaveLength(1);
  });
});
