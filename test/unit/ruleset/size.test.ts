import { describe, expect, it, vi } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { Refusal } from '#ruleset/expect';
import { readLines } from '#ruleset/reader';
import { verifyRuleset } from '#ruleset/verify';
import { parseAuthored } from '#ruleset/write/authored-files';
import type { LocatedIssue } from '#ruleset/write/yaml-file';
import { MAX_ENTRIES, MAX_LINE, MAX_RULESET } from '#schema/limits';
import { booleanFlag, compileOk, type FlagInput, segment, tryCompile } from '../fixtures/authored.ts';
import { ENVIRONMENT, webCrypto } from '../fixtures/signing.ts';

const NEVER = {
  sha256: vi.fn(() => Promise.reject(new Error('must not be asked'))),
  verifyEs256: vi.fn(() => Promise.reject(new Error('must not be asked'))),
  decodeBase64url: webCrypto([]).decodeBase64url,
};

const refusalOf = (read: () => unknown): string => {
  try {
    read();
    return 'taken';
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
};

/** Lines with keys `a00000`, `a00001`, …; nothing but key and padding. */
const linesOf = (count: number, padding = 0): string =>
  Array.from(
    { length: count },
    (_, at) => `{"k":"a${String(at).padStart(5, '0')}","x":"${'x'.repeat(padding)}"}\n`,
  ).join('');

describe('given a text of ten times the limit', () => {
  it('B05: R4: is refused before anything is parsed, hashed or verified', async () => {
    const parse = vi.spyOn(JSON, 'parse');
    try {
      const answer = await verifyRuleset('x'.repeat(10 * MAX_RULESET), ENVIRONMENT, NEVER);
      expect(answer.ok ? 'taken' : answer.error.code).toBe('too-large');
      expect([parse.mock.calls.length, NEVER.sha256.mock.calls.length, NEVER.verifyEs256.mock.calls.length]).toEqual([
        0, 0, 0,
      ]);
    } finally {
      parse.mockRestore();
    }
  });

  it('B05: R4: a text at the limit is looked at, one character more is not', async () => {
    const codeOf = async (length: number): Promise<string> => {
      const answer = await verifyRuleset(`x\n${'x'.repeat(length - 2)}`, ENVIRONMENT, NEVER);
      return answer.ok ? 'taken' : answer.error.code;
    };
    expect([await codeOf(MAX_RULESET), await codeOf(MAX_RULESET + 1)]).toEqual(['malformed', 'too-large']);
  });
});

describe('given many or long lines', () => {
  it('B05: R4: 10,000 entries are read, 10,001 and 100,000 are refused', () => {
    expect(refusalOf(() => readLines(linesOf(MAX_ENTRIES), 1))).toBe('taken');
    expect(refusalOf(() => readLines(linesOf(MAX_ENTRIES + 1), 1))).toMatch(/^entries is 10001/);
    const many = Array.from({ length: 100_000 }, (_, at) => `{"k":"a${String(at).padStart(6, '0')}"}\n`).join('');
    expect(refusalOf(() => readLines(many, 1))).toMatch(/^entries is 100000/);
  });

  it('B05: R4: a line at the limit is read, one character more is refused', () => {
    const line = (length: number): string => `{"k":"a","x":"${'x'.repeat(length - 16)}"}\n`;
    expect(line(100)).toHaveLength(101);
    expect(refusalOf(() => readLines(line(MAX_LINE), 1))).toBe('taken');
    expect(refusalOf(() => readLines(line(MAX_LINE + 1), 1))).toMatch(/^line is/);
  });

  it('B05: reading lines parses none of them', () => {
    const parse = vi.spyOn(JSON, 'parse');
    try {
      const reader = readLines(linesOf(1_000, 100), 1);
      reader.flagKeys();
      expect(parse.mock.calls.length).toBe(0);
      evaluate(reader, 'a00500', createContext({}));
      expect(parse.mock.calls.length).toBeLessThanOrEqual(2);
    } finally {
      parse.mockRestore();
    }
  });

  it('B05: a text of 5 MB where a name belongs is refused, and its message is short', () => {
    const entry = `{"k":"a","r":1,"v":[["${'x'.repeat(5_000_000)}",true,"aaaaaaaa"]],"f":0}\n`;
    const reader = readLines(entry, 1);
    expect(reader.faults()[0]?.message.length).toBeLessThan(200);
    expect(evaluate(reader, 'a', createContext({})).errorCode).toBe('PARSE_ERROR');
  });

  for (const [name, open, close] of [
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
  ] as const) {
    it(`B05: a value of 10,000 nested ${name} refuses its flag without an error`, () => {
      const value = `${open.repeat(10_000)}1${close.repeat(10_000)}`;
      for (const line of [
        `{"k":"a","r":1,"v":[["a",${value},"aaaaaaaa"]],"f":0}\n`,
        `{"k":"a","r":1,"f":${value}}\n`,
        `{"k":"a","r":1,"f":0,"zz":${value}}\n`,
      ]) {
        const reader = readLines(line, 1);
        const fields = line.includes('"zz"') ? undefined : 'PARSE_ERROR';
        expect(evaluate(reader, 'a', createContext({})).errorCode).toBe(fields);
      }
    });
  }

  it('B05: R4: values nest 16 deep at most, for writer and reader', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
    const faults = (depth: number): number =>
      readLines(`{"k":"a","r":1,"v":[["a",${nested(depth)},"aaaaaaaa"]],"f":0}\n`, 1).faults().length;
    const written = (depth: number): boolean => {
      const text = `flags: { a: { description: d, type: object, salt: s, enabled: true, variations: { a: ${nested(depth)} }, fallthrough: { serve: a } } }`;
      return parseAuthored([{ name: 'a.yaml', text }]).ok;
    };
    expect([faults(16), faults(17), written(16), written(17)]).toEqual([0, 1, true, false]);
  });
});

describe('given authored files', () => {
  const issues = (text: string): readonly LocatedIssue[] => {
    const parsed = parseAuthored([{ name: 'a.yaml', text }]);
    return parsed.ok ? [] : parsed.error;
  };
  const DEEP: Readonly<Record<string, string>> = {
    'flow lists': `flags: ${'['.repeat(10_000)}`,
    'closed flow lists': `flags: ${'['.repeat(10_000)}${']'.repeat(10_000)}`,
    'flow mappings': `flags: ${'{a: '.repeat(10_000)}`,
    'block mappings': Array.from({ length: 10_000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
    'lists on one line': `${'- '.repeat(10_000)}x`,
    'a thousand lists on one line': `${'- '.repeat(1_000)}x`,
    'explicit keys': `${'? '.repeat(10_000)}x`,
  };
  for (const [name, text] of Object.entries(DEEP)) {
    it(`B05: refuses ${name} that nest too deep without an error`, () => {
      expect(issues(text)).not.toEqual([]);
      expect(issues(text)[0]?.message.length).toBeLessThan(300);
    });
  }

  it('B05: refuses a file of ten times the limit before it parses it', () => {
    expect(issues('x'.repeat(20 * MAX_LINE))[0]?.message).toMatch(/characters long, at most/);
  });

  it('B05: refuses aliases, which can make much of little', () => {
    const bomb = 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n';
    expect(issues(bomb).map(({ message }) => message)).toContain('aliases are not taken: write it out');
  });

  it('B05: reads brackets inside quoted texts and comments as text', () => {
    const flags = Array.from(
      { length: 70 },
      (_, at) =>
        `  f${at}: { description: "opens with [", type: boolean, salt: s${at}, enabled: true, fallthrough: { serve: "on" } } # {`,
    );
    expect(issues(`flags:\n${flags.join('\n')}\n`)).toEqual([]);
  });
});

describe('given more than a reader takes', () => {
  it('R4: the compiler refuses 10,001 entries, as the reader does', () => {
    const flags: Record<string, FlagInput> = {};
    for (let at = 0; at <= MAX_ENTRIES; at++) flags[`f${at}`] = booleanFlag({ salt: `salt-${at}` });
    const result = tryCompile({ flags });
    expect(result.ok).toBe(false);
  });

  it('R4: the compiler refuses a segment whose line is longer than a reader takes', () => {
    const included = Array.from({ length: 40_000 }, (_, at) => `${at}-${'x'.repeat(240)}`);
    const result = tryCompile({ segments: { big: segment({ included }) } });
    expect(result.ok).toBe(false);
  });

  it('R4: what the compiler makes of the largest segment of short keys is read', () => {
    const included = Array.from({ length: 100_000 }, (_, at) => `user-${at}`);
    const { lines } = compileOk({ segments: { big: segment({ included }) } });
    expect(readLines(lines, 1).faults()).toEqual([]);
  });
});
