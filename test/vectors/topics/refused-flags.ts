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

/** Entries of flags that break section 2, one field at a time. */
export function refusedFlags(): Topic {
  const draft = createDraft('Flags with one field out of bounds, and the same field at its bound.');
  addTables(draft);
  addTypes(draft);
  for (const key of KEYS) {
    draft.entry({ k: key, ...BASE });
    draft.add(`key ${show(key)}`, key, CONTEXT);
  }
  return draft.done();
}
