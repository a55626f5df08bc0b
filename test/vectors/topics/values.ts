import { createDraft, type Draft, type Topic, variations } from './draft.ts';

function nested(depth: number, asList: boolean): unknown {
  let value: unknown = asList ? [] : {};
  for (let level = 1; level < depth; level++) value = asList ? [value] : { a: value };
  return value;
}

const GROUPS: Readonly<Record<string, readonly unknown[]>> = {
  boolean: [true, false],
  text: [
    '',
    'gold',
    '\u00e9',
    'e\u0301',
    '\u{1f600}',
    '\ud83d',
    '\u0000\u001f\u007f',
    '"\\/',
    'x'.repeat(300),
    'true',
    '1',
  ],
  number: [0, 1, -1, 0.1, -0.5, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 9007199254740992],
  object: [
    {},
    [],
    { a: 1 },
    [1, 'two', null, true, { b: [] }],
    { b: null, a: { c: [null] }, '': 0, '\u00e9': '\ud83d', constructor: 1, toString: { valueOf: [] } },
    nested(16, true),
    nested(16, false),
    { 1: 'one', 0: 'zero' },
    [[], [[]], {}],
  ],
};

function addGroups(draft: Draft): void {
  for (const [type, values] of Object.entries(GROUPS)) {
    const v = variations(Object.fromEntries(values.map((value, index) => [`v${index}`, value])));
    values.forEach((value, index) => {
      const fields = { r: 7, v, o: index };
      const plain = draft.entry({ k: `${type}.${index}`, ...fields, f: index });
      draft.add(`${type} ${index}`, plain, {}, { value, variation: `v${index}`, reason: 'STATIC' });
      const off = draft.entry({ k: `${type}.${index}.off`, ...fields, e: 0, f: 0 });
      draft.add(`${type} ${index} while disabled`, off, {}, { value, reason: 'DISABLED' });
      const u = [['r', [['exists', 'plan', []]], index]];
      const rule = draft.entry({ k: `${type}.${index}.rule`, ...fields, u, f: 0 });
      draft.add(`${type} ${index} of a rule`, rule, { plan: 1 }, { value, rule: 'r' });
      draft.add(`${type} ${index} behind a rule`, rule, {}, { value: values[0], reason: 'DEFAULT' });
    });
  }
}

/** Values of variations. */
export function values(): Topic {
  const draft = createDraft('Values: boolean, text, number, object and list, each served by several steps.');
  addGroups(draft);
  const plain = draft.entry({ k: 'default.variations', r: 0, f: 1 });
  const off = draft.entry({ k: 'default.variations.off', r: 1, o: 0, e: 0, f: 1 });
  draft.add('variations left out: on is true', plain, {}, { value: true, variation: 'on', revision: 0 });
  draft.add('variations left out: off is false', off, {}, { value: false, variation: 'off', revision: 1 });
  for (const [field, value] of [
    ['c', 1],
    ['n', 1],
    ['zz', { a: 1 }],
    ['w', null],
    ['A', -1],
  ] as const) {
    const key = draft.entry({ k: `with.${field}`, r: 7, f: 1, [field]: value });
    draft.add(`field ${field} has no effect`, key, {}, { variation: 'on', reason: 'STATIC' });
  }
  return draft.done();
}
