import { describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { patternFault } from '#ruleset/write/patterns';
import { booleanFlag, mistakesIn } from '../fixtures/authored.ts';
import { readerOf } from '../fixtures/lines.ts';

/** Patterns on which a backtracking engine takes time that grows faster than the square of the input. */
const EXPLOSIVE = [
  '^(a+)+$',
  '^(a*)*$',
  '^(a|a)*$',
  '^(a|aa)+$',
  '^((ab)*)+$',
  '([a-zA-Z]+)*$',
  '^(\\w+\\s?)*$',
  '(x+x+)+y',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '^(.*a){12}$',
  '^(?:a?){30}a{30}$',
  '^([a-z0-9]+(-[a-z0-9]+)*)+$',
  '(.*)*x',
  '^(\\d+)*\\.(\\d+)*$',
];

/** What engines without backtracking do not have. */
const FOREIGN = ['(?=a)b', '(?!a)b', '(?<=a)b', '(?<!a)b', '(a)\\1', '(?<x>a)\\k<x>'];

const NO_PATTERN = [
  '(',
  '[',
  'a{2,1}',
  '*a',
  '\\',
  '(?i)a',
  '(?P<x>a)',
  '\\p{Nonsense}',
  'a**',
  '[z-a]',
  '\\u{110000}',
  '{',
];

/** What people write every day. */
const EVERYDAY = [
  'gold',
  '^gold$',
  '^(gold|silver|bronze)$',
  '^user-\\d+$',
  '^user-\\d{1,6}$',
  '@example\\.com$',
  '^[^@]+@example\\.com$',
  '^[a-z]{2}-[A-Z]{2}$',
  '^[A-Z]{2}(-[A-Z]{2})?$',
  '^(curl|wget|python-requests)/',
  '[Hh]eadless',
  'iPhone|iPad|iPod',
  '\\bbot\\b',
  '^v?\\d+\\.\\d+\\.\\d+$',
  '^https?://[^/]+/checkout',
  '^/products/[0-9]+(/.*)?$',
  '\\.(png|jpe?g|gif)$',
  '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  '^\\+?[0-9 ()-]{7,20}$',
  '^\\p{Lu}\\p{L}*$',
  '[\\u{1F600}-\\u{1F64F}]',
  '^.{3,20}$',
  '^$',
  '^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$',
];

/** Linear or quadratic on a bounded input, and yet refused by the checker as it stands. */
const EVERYDAY_WITH_TWO_REPETITIONS = ['Chrome/(\\d+)\\.', 'foo.*bar', '^\\s+|\\s+$', '\\d+%', '[a-z]+@'];

describe('given patterns at write', () => {
  for (const pattern of EXPLOSIVE) {
    it(`B22: refuses ${pattern}`, () => expect(patternFault(pattern, false)).toMatch(/may take very long/));
  }
  for (const pattern of FOREIGN) {
    it(`B22: refuses ${pattern}, which not every engine reads`, () =>
      expect(patternFault(pattern, false)).toMatch(/not every engine/));
  }
  for (const pattern of NO_PATTERN) {
    it(`B22: refuses ${pattern}, which is no pattern`, () =>
      expect(patternFault(pattern, false)).toMatch(/no regular expression/));
  }
  for (const pattern of EVERYDAY) {
    it(`B22: takes ${pattern}`, () => expect(patternFault(pattern, false)).toBeUndefined());
    it(`B22: takes ${pattern}, ignoring case`, () => expect(patternFault(pattern, true)).toBeUndefined());
  }
  for (const pattern of EVERYDAY_WITH_TWO_REPETITIONS) {
    it(`B22: takes ${pattern} or says why not, without an error`, () => {
      expect([undefined, 'may take very long: exponential time on some inputs']).toContain(
        patternFault(pattern, false),
      );
    });
  }

  it('B22: refuses a named group, which engines write in different ways', () => {
    expect(patternFault('^(?<year>\\d{4})-', false)).toMatch(/names a group/);
  });

  it('B22: refuses what is explosive only where case is ignored', () => {
    expect(patternFault('^(a|A)*$', true)).toMatch(/may take very long/);
  });

  it('B22: refuses a pattern of 257, and takes one of 256', () => {
    expect(patternFault(`^${'a'.repeat(255)}`, false)).toBeUndefined();
    expect(patternFault(`^${'a'.repeat(256)}`, false)).toBe('is 257 long, at most 256');
  });

  it('B22: a flag is refused for its pattern, in rules and segments, with the pattern in the message', () => {
    const when = [{ attribute: 'agent', op: 'matches' as const, values: ['ok', '^(a+)+$'] }];
    const message = '"^(a+)+$" may take very long: exponential time on some inputs';
    expect(mistakesIn({ flags: { 'a.flag': booleanFlag({ rules: [{ id: 'r', when, serve: 'on' }] }) } })).toEqual([
      `flags/a.flag/rules/0/when/0/values/1: ${message}`,
    ]);
    expect(mistakesIn({ segments: { s: { description: 'd', rules: [{ when }] } } })).toEqual([
      `segments/s/rules/0/when/0/values/1: ${message}`,
    ]);
  });

  it('B22: a flag with a pattern that ignores case compiles', () => {
    const when = [{ attribute: 'agent', op: 'matches' as const, values: ['^curl'], ignoreCase: true }];
    expect(mistakesIn({ flags: { 'a.flag': booleanFlag({ rules: [{ id: 'r', when, serve: 'on' }] }) } })).toEqual([]);
  });

  it('B22: refuses no pattern at all, and what is no text', () => {
    for (const values of [[], [''], [1], [true]]) {
      const when = [{ attribute: 'agent', op: 'matches', values }];
      expect(mistakesIn({ flags: { a: { ...booleanFlag(), rules: [{ id: 'r', when, serve: 'on' }] } } })).toHaveLength(
        1,
      );
    }
  });
});

it('B22: a reader never runs a pattern on more than 1,024 characters', () => {
  const reader = readerOf([{ k: 'flag', r: 1, u: [['r', [['matches', 'agent', ['a']]], 1]], f: 0 }]);
  const value = (agent: string): unknown => evaluate(reader, 'flag', createContext({ agent })).value;
  expect([value('a'.repeat(1_024)), value('a'.repeat(1_025))]).toEqual([true, false]);
});

describe('given patterns that count', () => {
  it.each(['^[0-9]{40}(?:a|b|ab){40}$', '^(a{1,20}){1,20}$', '^(?:[a-c]{0,50}){3}!$', '^(?:[^x]?){40}$'])(
    'B22: refuses %s, which is slow within its bounds',
    (pattern) => {
      expect(patternFault(pattern, false)).toMatch(/may take very long/);
    },
  );

  it.each(['^(\\d{1,3}\\.){3}\\d{1,3}$', '^[0-9a-f]{8}-[0-9a-f]{4}$', '\\d{4}-\\d{2}', '^.{3,5}$'])(
    'B22: takes %s',
    (pattern) => {
      expect(patternFault(pattern, false)).toBeUndefined();
    },
  );
});
