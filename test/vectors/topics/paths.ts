import { createDraft, type Draft, type Topic } from './draft.ts';

const UNSAFE_CONTEXT: unknown = JSON.parse(`{
  "targetingKey": "user-1", "plan": "gold", "constructor": {"name": "gold"}, "toString": "gold", "valueOf": 1,
  "hasOwnProperty": "gold", "isPrototypeOf": null, "__proto__": {"inherited": "gold", "plan": "silver"},
  "__defineGetter__": [], "toJSON": "gold", "then": "gold", "length": 1, "prototype": {"plan": "gold"}
}`);

const PROTO_ONLY: unknown = JSON.parse(
  '{"__proto__": {"plan": "gold", "targetingKey": "user-1", "account": {"plan": "gold"}}}',
);
const NESTED_PROTO: unknown = JSON.parse(
  '{"company": {"__proto__": {"plan": "gold"}}, "account": {"__proto__": {"plan": "gold"}}}',
);

function addSteps(draft: Draft): void {
  const gold = ['gold'];
  const deep = { a: { b: { c: { d: { e: { f: { g: { h: 'gold' } } } } } } } };
  const path = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  draft.verdict(['in', path, gold], deep, 'yes');
  draft.verdict(['in', path.slice(0, 7), gold], deep, 'na');
  draft.verdict(['in', path.slice(1), gold], deep, 'na');
  draft.verdict(['exists', path.slice(0, 7), []], deep, 'yes');
  draft.verdict(['in', [...path].reverse(), gold], deep, 'na');
  const contexts: readonly unknown[] = [
    { a: { b: 'gold' } },
    { a: { b: 'silver' } },
    { a: { b: null } },
    { a: { c: 'gold' } },
    { a: null },
    { a: 'gold' },
    { a: 7 },
    { a: true },
    { a: ['gold'] },
    { a: [{ b: 'gold' }] },
    { b: 'gold' },
    { 'a.b': 'gold' },
    { a: { b: ['gold'] } },
    { a: { b: { b: 'gold' } } },
    {},
  ];
  for (const context of contexts) {
    draft.verdict(['in', ['a', 'b'], gold], context);
    draft.verdict(['in', 'a.b', gold], context);
    draft.verdict(['exists', ['a', 'b'], []], context);
  }
}

function addNames(draft: Draft): void {
  const names = [
    '0',
    '-1',
    ' ',
    '\u00e9',
    'e\u0301',
    '\ud83d',
    '\u{1f600}',
    'a.b',
    'a/b',
    '__x__',
    'user',
    'A',
    'length',
    'hasOwn',
  ];
  const context = Object.fromEntries(names.map((name, index) => [name, index]));
  names.forEach((name, index) => {
    draft.verdict(['in', name, [index]], context, 'yes', 'all names');
    draft.verdict(['in', name, [index]], { b: index }, 'na', 'another name');
    draft.verdict(['in', ['o', name], [index]], { o: context }, 'yes', 'all names, nested');
  });
  const long = 'n'.repeat(128);
  draft.verdict(['in', long, [1]], { [long]: 1 }, 'yes');
  draft.verdict(['in', long, [1]], { [`${long}n`]: 1 }, 'na');
}

function addInherited(draft: Draft): void {
  const inherited = ['toJSON', 'at', 'map', 'length', 'charAt', 'name', 'size', 'then', 'concat', 'toFixed', 'entries'];
  const holders: readonly unknown[] = ['gold', 7, true, ['gold'], {}];
  for (const name of inherited) {
    for (const a of holders) draft.verdict(['exists', ['a', name], []], { a }, 'no');
    draft.verdict(['exists', name, []], { a: 1 }, 'no');
    draft.verdict(['exists', name, [], 0, 'device'], { device: 'd-77' }, 'no');
  }
  for (const device of ['0', 'gold', ['gold'], { 0: 'gold' }]) {
    draft.verdict(['exists', '0', [], 0, 'device'], { device });
    draft.verdict(['in', ['device', '0'], ['gold', 'g']], { device });
  }
}

function addHostile(draft: Draft): void {
  const clauses = [
    ['in', 'plan', ['gold']],
    ['exists', 'inherited', []],
    ['in', 'toJSON', ['gold']],
    ['in', 'then', ['gold']],
    ['in', 'length', [1]],
    ['in', ['company', 'plan'], ['gold']],
    ['in', 'plan', ['gold'], 0, 'account'],
    ['exists', 'plan', [], 0, 'account'],
  ] as const;
  for (const clause of clauses) {
    draft.verdict(clause, UNSAFE_CONTEXT, undefined, 'names of Object.prototype as attributes');
    draft.verdict(clause, PROTO_ONLY, undefined, 'everything behind an own __proto__');
    draft.verdict(clause, NESTED_PROTO, undefined, 'nested own __proto__');
  }
  const target = draft.entry({ k: 'target', r: 7, i: [[1, ['user-1']]], f: 0 });
  draft.add('the key of a hostile context', target, UNSAFE_CONTEXT, { variation: 'on' });
  draft.add('a key behind an own __proto__ is no key', target, PROTO_ONLY, { variation: 'off' });
}

/** Where attributes are found. */
export function paths(): Topic {
  const draft = createDraft('Paths: own properties alone, of objects alone; names that languages give a meaning to.');
  addSteps(draft);
  addNames(draft);
  addInherited(draft);
  addHostile(draft);
  return draft.done();
}
