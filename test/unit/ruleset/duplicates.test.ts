import { describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { Refusal } from '#ruleset/expect';
import { readLines } from '#ruleset/reader';
import { parseAuthored } from '#ruleset/write/authored-files';
import type { YamlFile } from '#ruleset/write/yaml-file';
import { booleanFlag, mistakesIn, segment } from '../fixtures/authored.ts';

const FLAG = 'description: d, type: boolean, salt: s, enabled: true, fallthrough: { serve: "on" }';

const messages = (...texts: string[]): string[] => {
  const files: YamlFile[] = texts.map((text, at) => ({ name: `${at}.yaml`, text }));
  const parsed = parseAuthored(files);
  return parsed.ok ? [] : parsed.error.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
};

describe('given lines of a ruleset', () => {
  const readingOf = (lines: string): unknown => {
    try {
      const reader = readLines(lines, 9);
      return reader.flagKeys().map((key) => evaluate(reader, key, createContext({})).errorCode ?? 'taken');
    } catch (error) {
      return error instanceof Refusal ? 'refused' : error;
    }
  };

  it('B03: a key that a line repeats is taken from its last place, so another key is refused', () => {
    expect(readingOf('{"k":"a","r":1,"f":1,"k":"b"}\n')).toEqual(['PARSE_ERROR']);
    expect(readingOf('{"k":"a","k":"a","r":1,"f":1}\n')).toEqual(['taken']);
    expect(readingOf('{"k":"a","r":1,"f":1,"f":7}\n')).toEqual(['PARSE_ERROR']);
    expect(readingOf('{"k":"a","r":1,"f":7,"f":1}\n')).toEqual(['taken']);
  });

  it('B03: a key that is escaped is another line than the one that it stands for', () => {
    expect(readingOf('{"k":"\\u0061","r":1,"f":1}\n')).toEqual(['PARSE_ERROR']);
  });

  it('B03: two lines with one key, or out of order, are refused as a whole', () => {
    const line = (key: string): string => `{"k":"${key}","r":1,"f":1}\n`;
    expect(readingOf(line('a') + line('a'))).toBe('refused');
    expect(readingOf(line('b') + line('a'))).toBe('refused');
    expect(readingOf(line('a') + line('B'))).toBe('refused');
    expect(readingOf(line('A') + line('a'))).toEqual(['taken', 'taken']);
  });

  it('B03: a key outside ASCII is refused, composed or decomposed', () => {
    expect(readingOf('{"k":"caf\\u00e9","r":1,"f":1}\n')).toEqual(['PARSE_ERROR']);
    expect(readingOf('{"k":"cafe\\u0301","r":1,"f":1}\n')).toEqual(['PARSE_ERROR']);
  });

  it('B03: the same verdict is given each time that a repeated key is read', () => {
    const reader = readLines('{"k":"a","r":1,"f":1,"k":"b"}\n', 9);
    const codes = Array.from({ length: 3 }, () => evaluate(reader, 'a', createContext({})).errorCode);
    expect(codes).toEqual(['PARSE_ERROR', 'PARSE_ERROR', 'PARSE_ERROR']);
    expect(reader.faults()).toHaveLength(1);
  });
});

describe('given authored files', () => {
  it('B03: refuses a flag that one file has twice, at its second place', () => {
    expect(messages(`flags:\n  a.b: { ${FLAG} }\n  a.b: { ${FLAG} }\n`)).toEqual([
      '0.yaml:3:3 Map keys must be unique at line 3, column 3:',
    ]);
  });

  it('B03: refuses a field that a flag has twice', () => {
    expect(messages(`flags:\n  a.b: { ${FLAG}, salt: t }\n`)).toHaveLength(1);
  });

  it('B03: refuses a section that one file has twice', () => {
    expect(messages(`flags:\n  a.b: { ${FLAG} }\nflags: {}\n`)).toEqual([
      '0.yaml:3:1 Map keys must be unique at line 3, column 1:',
    ]);
  });

  it('B03: refuses a key that another file has, at the later place', () => {
    const one = `flags:\n  a.b: { ${FLAG} }\n`;
    expect(messages(one, `# comment\n${one}`)).toEqual(['1.yaml:3:3 is in another file too']);
    const segments = 'segments:\n  staff: { description: d }\n';
    expect(messages(segments, segments)).toEqual(['1.yaml:2:3 is in another file too']);
  });

  it('B03: a file with an empty section takes nothing from the files before it', () => {
    const one = `flags:\n  a.b: { ${FLAG} }\n`;
    for (const files of [
      [one, 'flags:\n'],
      ['flags:\n', one],
      [one, 'flags: {}\n'],
    ]) {
      const parsed = parseAuthored(files.map((text, at) => ({ name: `${at}.yaml`, text })));
      expect(parsed.ok && Object.keys(parsed.value.authored.flags), JSON.stringify(files)).toEqual(['a.b']);
    }
  });

  it('B03: a section that is no mapping is refused, also between two files where it is one', () => {
    const flag = (key: string): string => `flags:\n  ${key}: { ${FLAG} }\n`;
    expect(messages(flag('a.b'), 'flags: [1]\n', flag('c.d'))).not.toEqual([]);
  });
});

describe('given an authored set', () => {
  it('B03: refuses flag keys that differ in case alone', () => {
    const flags = { 'a.flag': booleanFlag(), 'a.Flag': booleanFlag({ salt: 'salt-2' }) };
    expect(mistakesIn({ flags })).toEqual(['flags/a.Flag: differs from a.flag in case alone']);
  });

  it('B03: refuses segments that differ in case alone', () => {
    expect(mistakesIn({ segments: { staff: segment(), STAFF: segment() } })).toEqual([
      'segments/STAFF: differs from staff in case alone',
    ]);
  });

  it('B03: refuses keys outside ASCII, composed or decomposed', () => {
    for (const key of ['caf\u00e9', 'cafe\u0301', 'a.\u212a', '\uff41']) {
      expect(mistakesIn({ flags: { [key]: booleanFlag() } }), key).not.toEqual([]);
      expect(mistakesIn({ segments: { [key]: segment() } }), key).not.toEqual([]);
    }
  });

  it('B03: refuses values that are equal within a flag', () => {
    const flag = booleanFlag({
      type: 'object',
      variations: { a: { x: 1, y: 2 }, b: { y: 2, x: 1 } },
      off: 'a',
      fallthrough: { serve: 'a' },
    });
    expect(mistakesIn({ flags: { 'a.flag': flag } })).toEqual(['flags/a.flag/variations/b: has the value of "a"']);
  });

  it('B03: refuses an individual target and a rule id that are there twice', () => {
    const targets = [
      { variation: 'on', keys: ['u', 'v'] },
      { variation: 'off', keys: ['v'] },
    ];
    const rule = { id: 'r', when: [{ attribute: 'a', op: 'exists' as const }], serve: 'on' };
    expect(mistakesIn({ flags: { 'a.flag': booleanFlag({ targets, rules: [rule, rule] }) } })).toEqual([
      'flags/a.flag/targets/1/keys/0: "v" is already targeted',
      'flags/a.flag/rules/1/id: "r" is the id of another rule',
    ]);
  });
});

it.each(['{1: a, "1": b}', '{true: a, "true": b}', '{? [x] : a}', '{null: a}'])(
  'B03: refuses YAML keys that are no texts, as in %s',
  (variations) => {
    const text = `flags:\n  a.flag:\n    variations: ${variations}\n`;
    const parsed = parseAuthored([{ name: 'a.yaml', text }]);
    expect(parsed.ok ? [] : parsed.error.map(({ line, message }) => [line, message])).toContainEqual([
      3,
      'keys are texts: put this one in quotes',
    ]);
  },
);
