import { describe, expect, it } from 'vitest';
import { variationId } from '#ruleset/write/digest';
import { entryLines } from '#ruleset/write/line';
import { MAX_ENTRIES, MAX_LINE } from '#schema/limits';
import { checkLines, MAX_LINES } from '../../../workers/publisher/check-lines.ts';
import { FULL_FLAG } from '../fixtures/entries.ts';
import { asciiJson, type RawEntry, rawLine, rawLines, wild } from '../fixtures/lines.ts';
import { compiledMarketplace } from '../fixtures/marketplace.ts';
import { flag, forSegment, segment, texts } from './fixtures/entries.ts';
import { errorIn, valueIn } from './fixtures/press.ts';

const LINE = '{"k":"a.flag","r":0,"o":0,"f":1}\n';

const refusalOf = (lines: string) => errorIn(checkLines(lines));

/** `key: message` of each issue. */
function issuesOf(lines: string): string[] {
  const refusal = refusalOf(lines);
  if (refusal.code !== 'invalid-entries') throw new Error(refusal.code);
  return refusal.issues.map(({ key, message }) => `${key}: ${message}`);
}

/** A whole flag with sound variation ids, and each of its paths in turn. */
const SOUND = {
  ...FULL_FLAG,
  p: undefined,
  u: undefined,
  v: [
    ['control', 'control', variationId('control')],
    ['v2', { deep: [1, { x: true }] }, variationId({ deep: [1, { x: true }] })],
  ].slice(0, 1),
  i: [[0, ['qa-1'], 'account']],
  o: 0,
  d: 0,
  f: [0, [0, 25_000, 0, 100_000]],
} as unknown as RawEntry;

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (item === undefined) return [];
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    return [at, ...pathsOf(item, at)];
  });
}

function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

describe('lines that the compiler writes', () => {
  it('are taken whole', () => {
    const { lines, entries } = compiledMarketplace();
    expect(valueIn(checkLines(lines)).byKey.size).toBe(entries.length);
  });

  it('B08, R29: are taken where there are none', () => {
    expect(valueIn(checkLines('')).byKey.size).toBe(0);
  });

  it('are taken whatever their revisions are, as long as they are revisions', () => {
    for (const r of [0, 7, Number.MAX_SAFE_INTEGER]) expect(checkLines(rawLine({ k: 'a', r, f: 0 })).ok).toBe(true);
    for (const r of [-1, 1.5, null, '1', undefined]) expect(checkLines(rawLine({ k: 'a', r, f: 0 })).ok).toBe(false);
  });
});

describe('B01: lines in which one field is damaged', () => {
  const written = entryLines([SOUND as never]);

  it('are sound before', () => {
    expect(valueIn(checkLines(written)).byKey.size).toBe(1);
  });

  it.each([null, '', [], {}, -1, 1.5])('are refused whichever it is that is %j', (damage) => {
    const paths = pathsOf(SOUND).filter(([field]) => field !== 'k');
    expect(paths.length).toBeGreaterThan(20);
    const taken = paths.filter((path) => checkLines(entryLines([replaced(SOUND, path, damage) as never])).ok);
    // A flag may have nothing of its layer.
    expect(taken).toEqual(Array.isArray(damage) ? [['l', 2]] : []);
  });

  it('are refused with the key of what is wrong', () => {
    expect(
      issuesOf(
        rawLines([
          { k: 'a.sound', r: 0, f: 0 },
          { k: 'b.damaged', r: 0, f: null },
        ]),
      ),
    ).toEqual(['b.damaged: f is null']);
  });
});

describe('lines with numbers that are none', () => {
  it.each<[string, unknown]>([
    ['ends that do not reach 100,000', [1, 50_000]],
    ['ends beyond it', [1, 50_000, 0, 100_001]],
    ['an end below zero', [1, -5, 0, 100_000]],
    ['an end that is a fraction', [1, 50_000.5, 0, 100_000]],
    ['an end that is infinite', [1, wild('1e999')]],
    ['an end that is null', [1, null]],
    ['100,000.0000001', [1, wild('100000.0000001')]],
    ['ends that descend', [1, 60_000, 0, 50_000, 1, 100_000]],
  ])('B02: %s are refused', (_, ranges) => {
    expect(refusalOf(rawLine({ k: 'a', r: 0, s: 's', f: [0, ranges] })).code).toBe('invalid-entries');
  });

  it('B02: a number that JSON writes but no double holds is refused', () => {
    const line = `${asciiJson({ k: 'a', r: 0, u: [['r', [['in', 'n', [wild('9007199254740993')]]], 1]], f: 0 })}\n`;
    expect(issuesOf(line)).toEqual(['a: is not written as the compiler writes it']);
  });
});

describe('B03: lines in which something stands twice', () => {
  it.each<[string, string]>([
    ['a field', '{"k":"a.flag","r":0,"o":0,"f":0,"f":1}\n'],
    ['the key', '{"k":"a.flag","k":"a.flag","r":0,"f":0}\n'],
    ['a field of a value', '{"k":"a.flag","r":0,"v":[["x",{"y":1,"y":2},"aaaaaaaa"]],"f":0}\n'],
    ['a line', LINE + LINE],
    ['a key, the lines differing', `${LINE}{"k":"a.flag","r":0,"f":0}\n`],
  ])('%s is refused', (_, lines) => {
    expect(refusalOf(lines).code).toBe('invalid-entries');
  });

  it('keys that differ in case alone are refused', () => {
    const lines = entryLines([flag('a.Flag'), flag('a.flag')]);
    expect(issuesOf(lines)).toEqual(['a.flag: differs from a.Flag in case alone']);
    expect(issuesOf(entryLines([segment('Staff', ['u']), segment('staff', ['u'])]))).toHaveLength(1);
  });

  it('a key in either Unicode form is refused', () => {
    for (const key of ['a.caf\u00e9', 'a.cafe\u0301']) {
      expect(refusalOf(rawLine({ k: key, r: 0, f: 0 })).code).toBe('invalid-entries');
      expect(refusalOf(`{"k":"${key}","r":0,"f":0}\n`).code).toBe('invalid-entries');
    }
  });
});

describe('B04: names that objects have', () => {
  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'a.constructor'])('%s is refused', (name) => {
    const leaf = name.slice(name.indexOf('.') + 1);
    const damaged = [
      { k: name, r: 0, f: 0 },
      { k: `segment:${leaf}`, r: 0 },
      { k: 'a', r: 0, v: [[leaf, 'x', variationId('x')]], f: 0 },
      { k: 'a', r: 0, u: [['r', [['in', leaf, [1]]], 1]], f: 0 },
    ];
    for (const entry of damaged) expect(refusalOf(rawLine(entry)).code, entry.k).toBe('invalid-entries');
  });

  it('a value that holds __proto__ is refused, and no object is another afterwards', () => {
    const line = `{"k":"a","r":0,"v":[["x",{"__proto__":{"admin":true}},"aaaaaaaa"]],"f":0}\n`;
    expect(refusalOf(line).code).toBe('invalid-entries');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe('R4, B05: lines over a limit', () => {
  it('are refused before anything is parsed where they are too long together', () => {
    expect(refusalOf('x'.repeat(MAX_LINES + 1))).toEqual({ code: 'too-large', length: MAX_LINES + 1, most: MAX_LINES });
  });

  it('are refused where there are too many', () => {
    const lines = Array.from({ length: MAX_ENTRIES + 1 }, (_, at) => flag(`f.n${String(at).padStart(5, '0')}`));
    expect(issuesOf(entryLines(lines))).toEqual([': out of form or order: entries is 10001']);
    expect(checkLines(entryLines(lines.slice(1))).ok).toBe(true);
  });

  it('are refused where one is too long, or nests too deep', () => {
    const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(issuesOf(`{"k":"a","r":0,"f":0,"x":"${'x'.repeat(MAX_LINE)}"}\n`)).toHaveLength(1);
    expect(refusalOf(`{"k":"a","r":0,"v":[["x",${deep(10_000)},"aaaaaaaa"]],"f":0}\n`).code).toBe('invalid-entries');
    expect(issuesOf(`{"k":"a","r":0,"x":${deep(10_000)},"f":0}\n`)).toEqual(['a: there is no field x']);
  });

  it('tell at most a hundred issues, and little of each', () => {
    const issues = issuesOf(
      rawLines(Array.from({ length: 500 }, (_, at) => ({ k: `a.n${1_000 + at}`, r: 0, f: 'x'.repeat(9_999) }))),
    );
    expect(issues).toHaveLength(100);
    expect(Math.max(...issues.map(({ length }) => length))).toBeLessThan(120);
    const long = 'k'.repeat(100_000);
    expect(JSON.stringify(refusalOf(rawLine({ k: long, r: 0, f: 0 }))).length).toBeLessThan(400);
  });
});

describe('B06: lines with references that go wrong', () => {
  it('are refused for a cycle, a chain too long, and what is missing', () => {
    const needs = (k: string, other: string) => flag(k, 0, { p: [[other, ['on']]] });
    expect(issuesOf(entryLines([needs('a', 'b'), needs('b', 'a')]))).toHaveLength(2);
    const chain = Array.from({ length: 20 }, (_, at) => needs(`f.n${10 + at}`, `f.n${11 + at}`));
    expect(refusalOf(entryLines([...chain, flag('f.n30')])).code).toBe('invalid-entries');
    expect(issuesOf(entryLines([needs('a', 'missing')]))[0]).toContain('"missing"');
    expect(issuesOf(entryLines([forSegment('a', 'missing')]))[0]).toContain('segment:missing');
  });
});

describe('B07: lines of another format', () => {
  it('are refused for an operator that there is not', () => {
    expect(refusalOf(rawLine({ k: 'a', r: 0, u: [['r', [['resembles', 'x', ['y']]], 1]], f: 0 })).code).toBe(
      'invalid-entries',
    );
  });

  it('are refused for a field that there is not: readers pass over it, a writer means something by it', () => {
    expect(issuesOf('{"k":"a","r":0,"f":0,"zone":1}\n')).toEqual(['a: there is no field zone']);
    expect(issuesOf('{"k":"a","r":0,"x":["u"],"f":0}\n')).toEqual(['a: there is no field x']);
    expect(issuesOf('{"k":"segment:a","r":0,"i":["u"],"f":0}\n')).toEqual(['segment:a: there is no field f']);
  });
});

describe('lines in another spelling', () => {
  it.each<[string, string]>([
    ['fields in another order', '{"k":"a","f":0,"r":0}\n'],
    ['white space', '{"k":"a", "r":0,"f":0}\n'],
    ['a needless escape', '{"k":"a","r":0,"v":[["\\u0061","x","aaaaaaaa"]],"f":0}\n'],
    ['a needless fraction', '{"k":"a","r":0,"f":0.0}\n'],
    ['minus zero', '{"k":"a","r":0,"f":-0}\n'],
    ['a carriage return', '{"k":"a","r":0,"f":0}\r\n'],
    ['no line feed at the end', '{"k":"a","r":0,"f":0}'],
    ['an empty line', '\n{"k":"a","r":0,"f":0}\n'],
    ['another order of keys', entryLines([flag('a')]).replace('"a"', '"b"') + entryLines([flag('a')])],
    ['a character that is not ASCII', '{"k":"a","r":0,"v":[["x","\u00e9","aaaaaaaa"]],"f":0}\n'],
    ['no JSON', '{"k":"a"\n'],
    ['a list', '["k","a"]\n'],
  ])('%s are refused', (_, lines) => {
    expect(refusalOf(lines).code).toBe('invalid-entries');
  });

  it('say where the first character lies that is not ASCII', () => {
    expect(issuesOf(`${LINE}{"k":"b\u00e9"}\n`)).toEqual([
      `: the character at ${LINE.length + 7} is not printable ASCII`,
    ]);
  });
});

describe('variations whose ids are not those of their values', () => {
  it('R31: are refused, though a reader takes them: it checks the form alone', () => {
    const sound = texts('a', { x: 'one', y: 'two' });
    expect(checkLines(entryLines([sound])).ok).toBe(true);
    const forged = { ...sound, v: [['x', 'one', variationId('other')]] as never };
    expect(issuesOf(entryLines([forged]))).toEqual(['a: the id of variation x is not that of its value']);
  });
});
