import { createDraft, type Draft, named, show, type Topic } from './draft.ts';
import { WRONG_TYPES } from './refused-names.ts';
import { ACCEPTED, HEADLESS, REFUSED } from './refused-tables.ts';

const BASE = { r: 5, v: named('off', 'on', 'third'), s: 'x', o: 0, d: 2, f: 1 };
const CONTEXT = { targetingKey: 'user-1', plan: 'gold' };
const FIELDS = [...'rvseodcnpihluf'];

function addTables(draft: Draft): void {
  const tables = [
    ['refused', REFUSED, { reason: 'ERROR', errorCode: 'PARSE_ERROR', variation: 'third', revision: 5 }],
    ['headless', HEADLESS, { reason: 'ERROR', errorCode: 'PARSE_ERROR', revision: 0 }],
    ['accepted', ACCEPTED, {}],
  ] as const;
  for (const [word, table, want] of tables) {
    table.forEach((fields, index) => {
      const key = draft.entry({ k: `${word}.${String(index).padStart(3, '0')}`, ...BASE, ...fields });
      draft.add(`${word}: ${show(fields)}`, key, CONTEXT, want);
      if (word === 'accepted') draft.add(`${word}: ${show(fields)}, no key`, key, {});
    });
  }
}

function addTypes(draft: Draft): void {
  draft.entry({ k: 'missing.d', r: 5, v: BASE.v, o: 1, f: 1 });
  for (const field of FIELDS) {
    const without = Object.fromEntries(
      Object.entries({ k: `without.${field}`, ...BASE }).filter(([name]) => name !== field),
    );
    draft.entry({ k: `without.${field}`, ...without });
    draft.add(`without ${field}`, `without.${field}`, CONTEXT);
    WRONG_TYPES.forEach((value, index) => {
      const key = draft.entry({ k: `type.${field}.${index}`, ...BASE, [field]: value });
      draft.add(`${field} is ${show(value)}`, key, CONTEXT);
    });
  }
  draft.add('d left out', 'missing.d', CONTEXT, { variation: 'on' });
}

const KEYS = [
  ...[
    '',
    '1a',
    '-a',
    '_a',
    '.a',
    'a.',
    'a..b',
    'a.-b',
    'a._b',
    'a b',
    'a/b',
    'a:b',
    'a@b',
    'a[b',
    'a^b',
    'a`b',
    'a{b',
    'a,b',
  ],
  ...[
    '@a',
    '[a',
    '`a',
    '{a',
    '/a',
    ':a',
    'a.{',
    'a.`',
    'a.[',
    'a.@',
    'a.:',
    'a./',
    'constructor',
    'a.prototype',
    'toString.a',
  ],
  ...[
    'valueOf',
    'hasOwnProperty',
    'isPrototypeOf',
    'propertyIsEnumerable',
    'toLocaleString',
    'a.__proto__',
    '__proto__',
    'b.constructor.c',
  ],
  ...[
    'a+b',
    'a;b',
    'a~',
    ' a',
    'a ',
    'segment',
    'Constructor',
    'a.constructors',
    'a',
    'z',
    'A',
    'Z',
    'a0',
    'a9',
    'aA',
    'aZ',
    'az',
    'a-',
    'a_',
    'a.0',
    'a.9',
    'a.Z',
    'a.z',
    'a.b.c',
    'a--',
    'a.0-_',
  ],
  'k'.repeat(128),
  'k'.repeat(129),
];

/** Flags that leave the salt or the variations out, where that matters. */
function addAbsences(draft: Draft): void {
  const clause = ['exists', 'plan', []];
  const whole = [0, [1, 100_000]];
  const half = [0, [1, 50_000, 0, 100_000]];
  const sound = { variation: 'on' };
  const refused = { errorCode: 'PARSE_ERROR', variation: 'off', revision: 5 };
  const rows: readonly (readonly [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>])[] = [
    [{ f: whole }, refused],
    [{ f: half }, refused],
    [{ f: [...whole, 'account'] }, refused],
    [{ u: [['r', [clause], whole]], f: 1 }, refused],
    [
      {
        u: [
          ['a', [clause], 0],
          ['b', [clause], half],
        ],
        f: 1,
      },
      refused,
    ],
    [
      {
        u: [
          ['a', [clause], half],
          ['b', [clause], 0],
        ],
        f: 1,
      },
      refused,
    ],
    [{ u: [['a', [clause], half]], f: half }, refused],
    [{ e: 0, f: half }, refused],
    [{ u: [['r', [clause], 1]], f: 0 }, sound],
    [{ l: ['l', 'x', [0, 100_000]], h: ['h', 'x', 0], f: 1 }, sound],
    [{ f: 2 }, refused],
    [{ u: [['r', [clause], 2]], f: 1 }, refused],
    [{ i: [[2, ['nobody']]], f: 1 }, refused],
    [
      { o: 2, f: 1 },
      { errorCode: 'PARSE_ERROR', revision: 0 },
    ],
    [
      { d: 2, f: 1 },
      { errorCode: 'PARSE_ERROR', revision: 0 },
    ],
  ];
  rows.forEach(([fields, want], index) => {
    const key = draft.entry({ k: `absent.${String(index).padStart(2, '0')}`, r: 5, o: 0, ...fields });
    draft.add(`no salt, default variations: ${show(fields)}`, key, CONTEXT, want);
  });
}

/** Entries of flags that break section 2, one field at a time. */
export function refusedFlags(): Topic {
  const draft = createDraft('Flags with one field out of bounds, and the same field at its bound.');
  addTables(draft);
  addTypes(draft);
  addAbsences(draft);
  for (const key of KEYS) {
    draft.entry({ k: key, ...BASE });
    draft.add(`key ${show(key)}`, key, CONTEXT);
  }
  return draft.done();
}
