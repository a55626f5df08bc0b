import { createDraft, show, type Topic } from './draft.ts';
import { WRONG_TYPES } from './refused-names.ts';

const C = ['exists', 'plan', []];
const KINDS = [
  'user',
  'A',
  '0',
  'a-b',
  'k'.repeat(33),
  'constructor',
  'toString',
  'k'.repeat(32),
  'a',
  'account',
  'aZ9',
];
const KEYS: readonly unknown[] = [
  ['k'.repeat(256)],
  ['k'.repeat(257)],
  [''],
  ['a', ''],
  [1],
  [null],
  ['a', 'a'],
  'a',
  { 0: 'a' },
  ['user-1', 'k'.repeat(257)],
];
const RULES: readonly unknown[] = [
  [C],
  [[]],
  [[C]],
  [[C], []],
  [[C, C], [C]],
  [Array(32).fill(C)],
  [Array(33).fill(C)],
  Array(100).fill([C]),
  Array(101).fill([C]),
  [['r', [C], 0]],
  [[['isNear', 'plan', []]]],
  [[['in', 'plan', []]]],
  [[['matches', 'plan', ['(']]]],
  [[['exists', '__proto__', []]]],
  [[['segment', ['nothing']]]],
];

/** Entries of segments that break section 2.2; the flags that refer to them are refused too. */
export function refusedSegments(): Topic {
  const draft = createDraft('Segments with one field out of bounds, seen through the flags that refer to them.');
  let next = 0;
  const check = (fields: Readonly<Record<string, unknown>>, shown: string) => {
    const name = `s${next++}`;
    draft.entry({ k: `segment:${name}`, r: 1, i: ['user-1'], ...fields });
    const key = draft.entry({ k: `flag.${name}`, r: 5, o: 0, d: 1, u: [['r', [['segment', [name]]], 1]], f: 0 });
    draft.add(shown, key, { targetingKey: 'user-1' });
    draft.add(`${shown}, by rule`, key, { targetingKey: 'user-9', plan: 1 });
  };
  for (const field of 'rbixu') {
    for (const value of WRONG_TYPES) check({ [field]: value }, `${field} is ${show(value)}`);
  }
  for (const b of KINDS) check({ b }, `b is ${show(b)}`);
  for (const keys of KEYS) {
    check({ i: keys }, `i is ${show(keys)}`);
    check({ x: keys }, `x is ${show(keys)}`);
  }
  for (const u of RULES) check({ u }, `u is ${show(u)}`);
  for (const r of [0, 4_294_967_396, 4_294_967_397]) check({ r }, `r is ${r}`);
  check({ f: 9, v: [], q: null }, 'fields of flags and of nobody are ignored');
  draft.entry({ k: 'segment:norev', i: ['user-1'] });
  draft.add(
    'r left out',
    draft.entry({ k: 'norev', r: 5, d: 1, u: [['r', [['segment', ['norev']]], 1]], f: 0 }),
    {},
    { errorCode: 'PARSE_ERROR' },
  );
  const names = ['n'.repeat(64), 'n'.repeat(65), '0', '-a', 'a.b', 'a_', 'constructor'];
  names.forEach((name, index) => {
    draft.entry({ k: `segment:${name}`, r: 1, i: ['user-1'] });
    const key = draft.entry({ k: `name.${index}`, r: 5, d: 1, u: [['r', [['segment', [name]]], 1]], f: 0 });
    draft.add(`segment named ${show(name)}`, key, { targetingKey: 'user-1' });
  });
  return draft.done();
}
