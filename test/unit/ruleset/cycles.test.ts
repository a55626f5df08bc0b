import { describe, expect, it, vi } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { type RulesetReader, readLines } from '#ruleset/reader';
import { MAX_HEIGHT, MAX_WEIGHT } from '#schema/limits';
import {
  booleanFlag,
  compileOk,
  type FlagInput,
  mistakesIn,
  type SegmentInput,
  segment,
} from '../fixtures/authored.ts';
import { type RawEntry, rawLines, readerOf } from '../fixtures/lines.ts';

const needing = (...keys: string[]): Partial<FlagInput> => ({
  prerequisites: keys.map((flag) => ({ flag, variations: ['on'] })),
});
const using = (...names: string[]): SegmentInput => segment({ rules: [{ when: [{ segment: names }] }] });

/** f0 needs f1, which needs f2, and so on. */
const chainOfFlags = (length: number): Record<string, FlagInput> =>
  Object.fromEntries(
    Array.from({ length }, (_, at) => [
      `f${at}`,
      booleanFlag({ salt: `salt-${at}`, ...(at < length - 1 ? needing(`f${at + 1}`) : {}) }),
    ]),
  );
const rawChain = (length: number): RawEntry[] =>
  Array.from({ length }, (_, at) => ({
    k: `f${at}`,
    r: 1,
    o: 0,
    d: 1,
    ...(at < length - 1 ? { p: [[`f${at + 1}`, ['on']]] } : {}),
    f: 1,
  }));

const codeOf = (reader: RulesetReader, key: string): string | undefined =>
  evaluate(reader, key, createContext({})).errorCode;

describe('given authored flags and segments', () => {
  it('B06: refuses a cycle of prerequisites and names it', () => {
    const flags = {
      'a.one': booleanFlag({ salt: '1', ...needing('a.two') }),
      'a.two': booleanFlag({ salt: '2', ...needing('a.three') }),
      'a.three': booleanFlag({ salt: '3', ...needing('a.one') }),
    };
    expect(mistakesIn({ flags })).toContain('flags/a.one: depends on itself: a.one → a.two → a.three → a.one');
  });

  it('B06: refuses a flag that needs itself', () => {
    expect(mistakesIn({ flags: { 'a.flag': booleanFlag(needing('a.flag')) } })).toEqual([
      'flags/a.flag: depends on itself: a.flag → a.flag',
    ]);
  });

  it('B06: refuses a cycle of segments and names it once, where it begins', () => {
    const segments = { one: using('two'), two: using('one'), outside: using('one') };
    expect(mistakesIn({ segments })).toEqual([
      'segments/one: depends on itself: segment:one → segment:two → segment:one',
    ]);
  });

  it('B06: takes a diamond, which is no cycle', () => {
    const flags = {
      top: booleanFlag({ salt: '1', ...needing('left', 'right') }),
      left: booleanFlag({ salt: '2', ...needing('bottom') }),
      right: booleanFlag({ salt: '3', ...needing('bottom') }),
      bottom: booleanFlag({ salt: '4' }),
    };
    expect(mistakesIn({ flags })).toEqual([]);
  });

  it('B06: takes a chain at the limit and refuses one above it, as the reader does', () => {
    expect(mistakesIn({ flags: chainOfFlags(MAX_HEIGHT) })).toEqual([]);
    expect(readLines(compileOk({ flags: chainOfFlags(MAX_HEIGHT) }).lines, 1).faults()).toEqual([]);
    expect(mistakesIn({ flags: chainOfFlags(MAX_HEIGHT + 1) })).toEqual([
      `flags/f0: depends on a chain of ${MAX_HEIGHT + 1}, at most ${MAX_HEIGHT}`,
    ]);
    expect(
      readerOf(rawChain(MAX_HEIGHT + 1))
        .faults()
        .map(({ key }) => key),
    ).toEqual(['f0']);
  });

  it('B06: refuses a chain of 1,000', () => {
    const mistakes = mistakesIn({ flags: chainOfFlags(1_000) });
    expect(mistakes).toHaveLength(1_000 - MAX_HEIGHT);
    expect(mistakes[0]).toBe(`flags/f0: depends on a chain of 1000, at most ${MAX_HEIGHT}`);
  });

  it('B06: refuses a cycle of 1,000', () => {
    const flags = chainOfFlags(1_000);
    flags['f999'] = booleanFlag({ salt: 'salt-999', ...needing('f0') });
    expect(mistakesIn({ flags })[0]).toMatch(/^flags\/f0: depends on itself: f0 → f1 → /);
  });
});

/** Layers of segments, each of which names all of the layer below. */
const fan = (heights: number, width: number): RawEntry[] =>
  Array.from({ length: heights }, (_, height) =>
    Array.from({ length: width }, (_, at) => ({
      k: `segment:h${height}-${at}`,
      r: 1,
      ...(height === 0
        ? {}
        : { u: [[['segment', Array.from({ length: width }, (_, nth) => `h${height - 1}-${nth}`)]]] }),
    })),
  ).flat();

describe('given lines that a reader gets', () => {
  it('B06: a cycle serves the offline default with an error, for each flag of it and each that leads into it', () => {
    const reader = readerOf([
      { k: 'a', r: 1, o: 0, d: 1, p: [['b', ['on']]], f: 0 },
      { k: 'b', r: 1, o: 0, d: 1, p: [['a', ['on']]], f: 0 },
      { k: 'c', r: 1, o: 0, d: 1, p: [['a', ['on']]], f: 0 },
      { k: 'd', r: 1, u: [['r', [['segment', ['x']]], 1]], d: 1, f: 0 },
      { k: 'segment:x', r: 1, u: [[['segment', ['y']]]] },
      { k: 'segment:y', r: 1, u: [[['segment', ['x']]]] },
    ]);
    for (const key of ['a', 'b', 'c', 'd']) {
      expect(evaluate(reader, key, createContext({}))).toMatchObject({ variation: 'on', errorCode: 'PARSE_ERROR' });
    }
    expect(reader.faults().map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd', 'segment:x', 'segment:y']);
  });

  it('B06: a chain of 1,000 is refused but for its last eight, in whatever order the flags are used', () => {
    const keys = Array.from({ length: 1_000 }, (_, at) => `f${at}`);
    const expected = keys.filter((_, at) => at < 1_000 - MAX_HEIGHT);
    for (const order of [keys, [...keys].reverse()]) {
      const reader = readerOf(rawChain(1_000));
      const refused = new Set(order.filter((key) => codeOf(reader, key) === 'PARSE_ERROR'));
      expect(keys.filter((key) => refused.has(key))).toEqual(expected);
    }
  });

  it('B06: a wide fan is refused by its weight', () => {
    const entries = [...fan(4, 12), { k: 'flag', r: 1, d: 1, u: [['r', [['segment', ['h3-0']]], 1]], f: 0 }];
    const reader = readerOf(entries);
    expect(evaluate(reader, 'flag', createContext({}))).toMatchObject({ variation: 'on', errorCode: 'PARSE_ERROR' });
  });

  it('B06: writer and reader bound the weight alike', () => {
    const set = (names: number): { segments: Record<string, SegmentInput>; flags: Record<string, FlagInput> } => {
      const leaves = Array.from({ length: names }, (_, at) => `s${at}`);
      const rules: FlagInput['rules'] = [{ id: 'r', when: [{ segment: leaves }], serve: 'on' }];
      return {
        segments: Object.fromEntries(leaves.map((name) => [name, segment()])),
        flags: { flag: booleanFlag({ rules }) },
      };
    };
    expect(mistakesIn(set(MAX_WEIGHT - 1))).toEqual([]);
    expect(readLines(compileOk(set(MAX_WEIGHT - 1)).lines, 1).faults()).toEqual([]);
    expect(mistakesIn(set(MAX_WEIGHT))).toEqual([
      `flags/flag: depends on ${MAX_WEIGHT + 1} evaluations, at most ${MAX_WEIGHT}`,
    ]);
    const raw = [
      { k: 'flag', r: 1, u: [['r', [['segment', Array.from({ length: MAX_WEIGHT }, (_, at) => `s${at}`)]], 1]], f: 0 },
      ...Array.from({ length: MAX_WEIGHT }, (_, at) => ({ k: `segment:s${at}`, r: 1 })),
    ];
    expect(
      readerOf(raw)
        .faults()
        .map(({ key }) => key),
    ).toEqual(['flag']);
  });

  it('B06: the work on a cycle is bounded: a flag of it costs no more lines than the height allows', () => {
    const flags = Array.from({ length: 200 }, (_, at) => ({
      k: `f${at}`,
      r: 1,
      p: [[`f${(at + 1) % 200}`, ['on']]],
      f: 1,
    }));
    const lines = rawLines(flags);
    const parse = vi.spyOn(JSON, 'parse');
    try {
      expect(codeOf(readLines(lines, 9), 'f0')).toBe('PARSE_ERROR');
      expect(parse.mock.calls.length).toBeLessThanOrEqual(MAX_HEIGHT + 1);
    } finally {
      parse.mockRestore();
    }
  });

  it('B06: the work on a refused segment is bounded: it is not decoded again for each flag that names it', () => {
    const flags = Array.from({ length: 500 }, (_, at) => ({
      k: `f${at}`,
      r: 1,
      u: [['r', [['segment', ['bad']]], 1]],
      f: 0,
    }));
    const lines = rawLines([...flags, { k: 'segment:bad', r: 1, i: [...new Array<string>(50).fill('u'), 7] }]);
    const parse = vi.spyOn(JSON, 'parse');
    try {
      expect(readLines(lines, 9).faults()).toHaveLength(501);
      const segmentReads = parse.mock.calls.filter(([text]) => text.startsWith('{"k":"segment:bad"')).length;
      expect(segmentReads).toBeLessThan(10);
    } finally {
      parse.mockRestore();
    }
  });
});
