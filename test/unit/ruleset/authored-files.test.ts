import { describe, expect, it } from 'vitest';
import { parseAuthored } from '#ruleset/write/authored-files';
import { compile } from '#ruleset/write/compile';
import { pathText } from '#ruleset/write/yaml-file';
import { marketplaceFiles } from '../fixtures/marketplace.ts';

/** A file with one sound flag whose lines can be replaced. */
const FLAG = [
  'flags:',
  '  a.flag:',
  '    description: A flag.',
  '    type: boolean',
  '    salt: abc',
  '    enabled: true',
  '    off: "off"',
  '    rules:',
  '      - id: r',
  '        when: [{ attribute: plan, op: equals, values: [gold] }]',
  '        serve: "on"',
  '    fallthrough: { serve: "on" }',
];

/** The file with its nth line (from 1) replaced by others. */
const replaced = (nth: number, ...by: string[]): string => `${FLAG.toSpliced(nth - 1, 1, ...by).join('\n')}\n`;

/** Each mistake as people are told of it. */
function mistakes(...texts: string[]): string[] {
  const parsed = parseAuthored(texts.map((text, at) => ({ name: `${'abc'[at]}.yaml`, text })));
  const located = parsed.ok ? [] : parsed.error;
  const compiled = parsed.ok ? compile(parsed.value.authored, [], 1) : undefined;
  const more = parsed.ok && compiled?.ok === false ? parsed.value.locate(compiled.error) : [];
  return [...located, ...more].map(
    ({ file, line, column, path, message }) => `${file}:${line}:${column} ${pathText(path)}: ${message}`,
  );
}

const WHEN = (clause: string): string => replaced(10, `        when: [${clause}]`);

/** What is wrong, the file, where the message points and what it says. */
const MISTAKES: readonly (readonly [string, string, string, string])[] = [
  [
    'an unquoted version',
    WHEN('{ attribute: app, op: semverAtLeast, values: [5.2] }'),
    'a.yaml:10:53',
    '[5.2] does not suit semverAtLeast, which takes semantic versions (2.3.0), in quotes',
  ],
  ['an unknown field', replaced(6, '    enabled: true', '    colour: red'), 'a.yaml:2:3', 'Unrecognized key: "colour"'],
  ['an unknown section', 'flag: {}\n', 'a.yaml:1:1', 'Unrecognized key: "flag"'],
  ['a missing fallthrough', replaced(12), 'a.yaml:2:3', 'is missing'],
  ['a missing description', replaced(3), 'a.yaml:2:3', 'is missing'],
  [
    'serve and split at once',
    replaced(12, '    fallthrough: { serve: "on", split: { rest: "off", weights: { "on": 5 } } }'),
    'a.yaml:12:5',
    'must have either serve or split',
  ],
  ['neither serve nor split', replaced(12, '    fallthrough: {}'), 'a.yaml:12:5', 'must have either serve or split'],
  [
    'an unknown variation',
    replaced(12, '    fallthrough: { serve: green }'),
    'a.yaml:12:20',
    'variation "green" does not exist; there are "off", "on"',
  ],
  [
    'an unknown variation in a rule',
    replaced(11, '        serve: green'),
    'a.yaml:11:9',
    'variation "green" does not exist',
  ],
  ['an unknown off variation', replaced(7, '    off: none'), 'a.yaml:7:5', 'variation "none" does not exist'],
  ['an unknown operator', WHEN('{ attribute: plan, op: is, values: [gold] }'), 'a.yaml:10:35', 'Invalid option'],
  ['an unknown segment', WHEN('{ segment: staf }'), 'a.yaml:10:18', 'segment "staf" does not exist; there are none'],
  ['a clause without an attribute', WHEN('{ op: exists }'), 'a.yaml:10:16', 'Invalid input'],
  [
    'two values for equals',
    WHEN('{ attribute: plan, op: equals, values: [a, b] }'),
    'a.yaml:10:47',
    'has 2 values, equals takes one; see in',
  ],
  ['values for exists', WHEN('{ attribute: plan, op: exists, values: [a] }'), 'a.yaml:10:47', 'which takes no values'],
  [
    'a date that is none',
    WHEN('{ attribute: at, op: after, values: ["2026-02-30T00:00:00Z"] }'),
    'a.yaml:10:44',
    'RFC 3339 timestamps',
  ],
  [
    'a block that is none',
    WHEN('{ attribute: ip, op: inCidr, values: [10.0.0.0/33] }'),
    'a.yaml:10:45',
    'IP addresses or CIDR blocks',
  ],
  [
    'ignoreCase where it means nothing',
    WHEN('{ attribute: n, op: lessThan, values: [1], ignoreCase: true }'),
    'a.yaml:10:59',
    'has no meaning for lessThan',
  ],
  [
    'a pattern that does not compile',
    WHEN('{ attribute: plan, op: matches, values: ["("] }'),
    'a.yaml:10:57',
    'is no regular expression',
  ],
  [
    'an unsafe attribute',
    WHEN('{ attribute: a.constructor, op: exists }'),
    'a.yaml:10:18',
    'must not be "constructor", which every object has',
  ],
  ['a type that there is not', replaced(4, '    type: bool'), 'a.yaml:4:5', 'found "bool"'],
  ['a text for a boolean', replaced(6, '    enabled: "yes"'), 'a.yaml:6:5', 'found "yes"'],
  [
    'a value of another type',
    replaced(4, '    type: string', '    variations: { "on": yes, "off": 3 }'),
    'a.yaml:5:30',
    "is a number, the flag's type is string",
  ],
  ['a flag key with a space', replaced(2, '  a flag:'), 'a.yaml:2:3', 'Invalid'],
  [
    'a sum above 100',
    replaced(12, '    fallthrough: { split: { rest: "off", weights: { "on": 100.001 } } }'),
    'a.yaml:12:53',
    'found 100.001',
  ],
  [
    'a weight of the rest',
    replaced(12, '    fallthrough: { split: { rest: "on", weights: { "on": 5 } } }'),
    'a.yaml:12:52',
    'is rest: it gets what the others leave',
  ],
  [
    'a prerequisite that there is not',
    replaced(7, '    prerequisites:', '      - { flag: b.flag, variations: ["on"] }'),
    'a.yaml:8:11',
    'flag "b.flag" does not exist',
  ],
  [
    'a holdout that there is not',
    replaced(7, '    holdout: q4'),
    'a.yaml:7:5',
    'holdout "q4" does not exist; there are none',
  ],
  [
    'a key that is there twice',
    replaced(6, '    enabled: true', '    salt: x'),
    'a.yaml:7:5',
    'Map keys must be unique',
  ],
  ['a text that does not end', replaced(3, '    description: "A flag.'), 'a.yaml:', ''],
  ['a tab for an indent', replaced(3, '\tdescription: d'), 'a.yaml:', ''],
  [
    'a number beyond what is exact',
    replaced(7, '    variations: { "off": 9007199254740993 }'),
    'a.yaml:7:26',
    '9007199254740993 loses digits: write it as text',
  ],
  ['a file that is a list', '- a\n- b\n', 'a.yaml:1:1', 'is no mapping of flags, segments, layers and holdouts'],
];

describe('given a mistake in a file', () => {
  it('the file that the mistakes are made in has none', () => expect(mistakes(`${FLAG.join('\n')}\n`)).toEqual([]));

  for (const [name, text, where, what] of MISTAKES) {
    it(`points at ${name}, says what was found and what is allowed`, () => {
      const found = mistakes(text);
      expect(
        found.some((one) => one.startsWith(where) && one.includes(what)),
        found.join('\n'),
      ).toBe(true);
    });
  }

  it('finds it in the file that has it, of several', () => {
    const other = replaced(2, '  b.flag:').replace('salt: abc', 'salt: def');
    const bad = other.replace('serve: "on" }', 'serve: green }');
    expect(mistakes(`${FLAG.join('\n')}\n`, other)).toEqual([]);
    expect(mistakes(`${FLAG.join('\n')}\n`, bad)).toEqual([
      'b.yaml:12:20 flags.b.flag.fallthrough.serve: variation "green" does not exist; there are "off", "on"',
    ]);
  });

  it('finds all at once, not the first alone', () => {
    const text = replaced(7, '    off: none').replace('serve: "on" }', 'serve: green }');
    expect(mistakes(text)).toHaveLength(2);
  });

  it('counts lines and columns alike for lines that end with a carriage return', () => {
    const text = replaced(12, '    fallthrough: { serve: green }').replaceAll('\n', '\r\n');
    expect(mistakes(text)[0]).toMatch(/^a\.yaml:12:20 /);
  });
});

it('takes files without anything in them, and no file at all', () => {
  for (const texts of [[], [''], ['# nothing\n'], ['flags: {}\n'], ['flags:\n', 'segments:\n'], ['---\n'], ['{}']]) {
    expect(mistakes(...texts)).toEqual([]);
  }
});

it('reads JSON, which is YAML', () => {
  const flag = { description: 'd', type: 'boolean', salt: 's', enabled: true, fallthrough: { serve: 'on' } };
  expect(mistakes(JSON.stringify({ flags: { 'a.flag': flag } }))).toEqual([]);
});

it('all files of the marketplace parse, and compile together', () => {
  const files = marketplaceFiles();
  expect(files.length).toBeGreaterThan(5);
  const parsed = parseAuthored(files);
  expect(parsed.ok ? [] : parsed.error).toEqual([]);
  const compiled = parsed.ok ? compile(parsed.value.authored, [], 1) : undefined;
  expect(compiled?.ok === false ? compiled.error : []).toEqual([]);
});

it('the order of files changes nothing that is compiled', () => {
  const lines = (names: ReturnType<typeof marketplaceFiles>): string => {
    const parsed = parseAuthored(names);
    const compiled = parsed.ok ? compile(parsed.value.authored, [], 1) : undefined;
    return compiled?.ok ? compiled.value.lines : 'refused';
  };
  expect(lines(marketplaceFiles().reverse())).toBe(lines(marketplaceFiles()));
});
