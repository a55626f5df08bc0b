import { createDraft, type Draft, named, show, type Topic } from './draft.ts';

const UNSAFE = [
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'prototype',
  'toLocaleString',
  'toString',
  'valueOf',
];
const TEXT_VALUES: readonly unknown[] = ['', 'a', 'x'.repeat(1_024), 'x'.repeat(1_025), 1, true, null, [], {}, ['a']];
const FIT: Readonly<Record<string, readonly unknown[]>> = {
  in: ['a', 1, true],
  startsWith: ['a'],
  endsWith: ['a'],
  contains: ['a'],
  matches: ['a'],
  lessThan: [1],
  atMost: [1],
  greaterThan: [1],
  atLeast: [1],
  before: [1, '2026-11-23T08:00:00Z'],
  after: [1, '2026-11-23T08:00:00Z'],
  semverEquals: ['1'],
  semverLessThan: ['1.0'],
  semverAtMost: ['1.0.0-a'],
  semverGreaterThan: ['1+b'],
  semverAtLeast: ['1'],
  semverTilde: ['1.2'],
  semverCaret: ['1.2.3'],
  inCidr: ['10.0.0.0/8', '::1'],
  exists: [],
};

const PATTERNS = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '*',
  '+',
  '?',
  'a**',
  'a{2,1}',
  '\\',
  '\\p{Nope}',
  '\\p',
  '\\-',
  '\\1',
  '\\u{110000}',
  '\\c',
  '(?<n',
  '(?<n>a)(?<n>b)',
  '[b-a]',
  '(?',
  '(?:a',
  'x'.repeat(256),
  'x'.repeat(257),
  '(a)\\1',
  '[\\d-z]',
  'a|',
  '[^a]',
  '\\/',
  '(?i:a)',
];
const BLOCKS = [
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/032',
  '10.0.0.0/00',
  '10.0.0.0/0',
  '10.0.0.0/32',
  '10.0.0.0/-1',
  '10.0.0.0/+8',
  '10.0.0.0/ 8',
  '10.0.0.0/8 ',
  '10.0.0.0/8/8',
  '10.0.0.0//8',
  '10.0.0/8',
  '/8',
  '/',
  '10.0.0.0/8.0',
  '10.0.0.0/a',
  '10.0.0.0/1a',
  '10.0.0.0/1/',
  '10.0.0.0/1:',
  '10.0.0.0/:',
  '10.0.0.0/99',
  '10.0.0.0/100',
  '10.0.0.0/128',
  '10.0.0.0/1000',
  '::/0',
  '::/128',
  '::/129',
  '::/130',
  '::/99',
  '::/0128',
  '::/00',
  '::/1000',
  '::/',
  '::/12a',
  '::/-1',
  '::ffff:1.2.3.4/95',
  '::ffff:1.2.3.4/96',
  '::ffff:1.2.3.4/128',
  '::ffff:1.2.3.4/129',
  '::ffff:1.2.3.4/32',
  '::ffff:1.2.3.4/0',
  '::ffff:102:304/95',
  '::ffff:102:304/96',
  '::1.2.3.4/32',
  '::fffe:1.2.3.4/32',
  'fe80::1%1/64',
  'ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128',
  'ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255',
  '10.0.0.0/\u0668',
  '::/\u0668',
  '10.0.0.0\\8',
  '10.0.0.0/31',
  '10.0.0.0/10',
  '10.0.0.0/9',
  '::/32',
  '::/127',
];

/** Operators of one family share a list's bounds. */
const LISTED = ['in', 'contains', 'matches', 'lessThan', 'before', 'semverTilde', 'inCidr'];

function check(draft: Draft, clause: unknown, index: { next: number }, context: unknown = { plan: 'a' }): void {
  const u = [
    ['r', [clause], 1],
    ['else', [['exists', 'plan', [], 1]], 2],
  ];
  const key = draft.entry({
    k: `clause.${String(index.next++).padStart(4, '0')}`,
    r: 5,
    v: named('off', 'on', 'third'),
    o: 2,
    d: 0,
    u,
    f: 0,
  });
  draft.add(show(clause), key, context);
}

function addOperators(draft: Draft, index: { next: number }): void {
  for (const [operator, fit] of Object.entries(FIT)) {
    const clause = (values: unknown, ...more: unknown[]) => check(draft, [operator, 'plan', values, ...more], index);
    clause(fit);
    clause(undefined === fit[0] ? ['a'] : []);
    for (const values of [null, 'a', 1, {}]) clause(values);
    for (const value of TEXT_VALUES) clause([...fit, value]);
    for (const value of ['1', '1.2.3', '2026-11-23T08:00:00Z', '10.0.0.1', 0, -1.5, 1e308, false]) clause([value]);
    for (const bits of [-1, 0, 1, 2, 3, 4, 0.5, '1', null, true, []]) clause(fit, bits);
    clause(fit, 0, 'account');
    for (const kind of ['user', null, 1, '', 'A', 'k'.repeat(33), 'constructor']) clause(fit, 0, kind);
    clause(fit, 0, 'account', 0);
    check(draft, [operator], index);
    check(draft, [operator, 'plan'], index);
    if (!LISTED.includes(operator)) continue;
    clause(Array(1_000).fill(fit[0]));
    clause(Array(1_001).fill(fit[0]));
  }
}

function addPaths(draft: Draft, index: { next: number }): void {
  const paths: readonly unknown[] = [
    '',
    'n'.repeat(128),
    'n'.repeat(129),
    [],
    [''],
    ['a'],
    Array(8).fill('a'),
    Array(9).fill('a'),
    1,
    null,
    {},
    [1],
    ['a', null],
    [['a']],
    ['a', 'n'.repeat(129)],
    ['a', 'n'.repeat(128)],
    'user',
    'Constructor',
    '__proto',
    '\u0000',
  ];
  for (const path of paths) check(draft, ['exists', path, []], index);
  for (const name of UNSAFE) {
    check(draft, ['exists', name, []], index);
    check(draft, ['exists', ['plan', name], []], index);
    check(draft, ['in', [name, 'plan'], ['a'], 0, 'account'], index);
  }
}

function addSegments(draft: Draft, index: { next: number }): void {
  draft.entry({ k: 'segment:s', r: 1, i: ['user-1'] });
  const clauses: readonly unknown[] = [
    ['segment'],
    ['segment', []],
    ['segment', 's'],
    ['segment', ['s']],
    ['segment', ['s'], 0],
    ['segment', ['s'], 1],
    ['segment', ['s'], 2],
    ['segment', ['s'], 3],
    ['segment', ['s'], 4],
    ['segment', ['s'], -1],
    ['segment', ['s'], null],
    ['segment', ['s'], '1'],
    ['segment', ['s'], 0.5],
    ['segment', ['s'], 0, 'account'],
    ['segment', 'plan', ['s']],
    ['segment', ['s', 's']],
    ['segment', ['s', 'nothing']],
    ['segment', ['nothing']],
    ['segment', ['segment:s']],
    ['segment', ['']],
    ['segment', [1]],
    ['segment', [null]],
    ['segment', ['constructor']],
    ['segment', { 0: 's' }],
  ];
  for (const clause of clauses) {
    check(draft, clause, index, { targetingKey: 'user-1' });
    check(draft, clause, index, { targetingKey: 'user-2', plan: 1 });
  }
}

const OPERATORS: readonly unknown[] = [
  '',
  'In',
  'IN',
  'in ',
  'equals',
  'isIn',
  'notIn',
  'regex',
  'toString',
  'constructor',
  '__proto__',
  'hasOwnProperty',
  'Segment',
  'segments',
  'semver',
  'cidr',
  1,
  null,
  true,
  ['in'],
  {},
];

/** Clauses that break section 2.3 or 6. */
export function refusedClauses(): Topic {
  const draft = createDraft('Clauses with a part out of bounds, and the same part at its bound.');
  const index = { next: 0 };
  addOperators(draft, index);
  addPaths(draft, index);
  addSegments(draft, index);
  for (const operator of OPERATORS) check(draft, [operator, 'plan', ['a']], index);
  for (const clause of [null, 'in', {}, [], ['in', 'plan', ['a']], { 0: 'in', 1: 'plan', 2: ['a'], length: 3 }])
    check(draft, clause, index);
  for (const pattern of PATTERNS) for (const bits of [0, 2]) check(draft, ['matches', 'plan', [pattern], bits], index);
  for (const block of BLOCKS) check(draft, ['inCidr', 'plan', [block]], index, { plan: '10.0.0.0' });
  return draft.done();
}
