import { createDraft, named, type Topic } from './draft.ts';

/** Individual targets. */
export function targets(): Topic {
  const draft = createDraft('Individual targets: the first list that holds the unit key of its kind.');
  const v = named('off', 'a', 'b', 'c');
  const i = [
    [1, ['user-1', '42', 'both', '\u00e9']],
    [2, ['user-2', 'both', 'user-2']],
    [3, ['acme', '7'], 'account'],
    [1, ['late', 'd-77'], 'device'],
    [2, ['late']],
  ];
  const first = draft.entry({ k: 'first', r: 7, v, i, o: 0, f: 0 });
  const u = [['r', [['exists', 'targetingKey', []]], 3]];
  const before = draft.entry({ k: 'before.rules', r: 7, v, i, h: ['quiet', 'h', 100_000], u, o: 0, f: 0 });
  const units: readonly unknown[] = [
    'user-1',
    'user-2',
    'both',
    42,
    '42',
    7,
    'acme',
    'late',
    'd-77',
    '\u00e9',
    'e\u0301',
    'User-1',
    'user-1 ',
    'user-',
    'user-11',
    '',
    null,
    true,
  ];
  for (const targetingKey of units) {
    for (const others of [
      {},
      { account: 'acme' },
      { account: { targetingKey: 7 } },
      { device: 'late' },
      { account: 'user-1', device: 'acme' },
    ]) {
      const context = { targetingKey, ...others };
      draft.add(`first: ${JSON.stringify(context)}`, first, context);
      draft.add(`before rules: ${JSON.stringify(context)}`, before, context);
    }
  }
  draft.add('no key at all', first, {}, { variation: 'off', reason: 'DEFAULT' });
  draft.add('no user, but an account', first, { account: 'acme' }, { variation: 'c', reason: 'TARGETING_MATCH' });
  const long = 'k'.repeat(256);
  const limit = draft.entry({ k: 'limit', r: 7, i: [[1, [long]]], f: 0 });
  draft.add('a key of 256', limit, { targetingKey: long }, { variation: 'on' });
  draft.add('a key of 257', limit, { targetingKey: `${long}k` }, { variation: 'off' });
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'size'];
  const hostile = draft.entry({ k: 'hostile', r: 7, i: [[1, names.slice(0, 3)]], f: 0 });
  names.forEach((name, index) => {
    draft.add(`unit key ${name}`, hostile, { targetingKey: name }, { variation: index < 3 ? 'on' : 'off' });
    draft.add(`unit key ${name} among others`, first, { targetingKey: name }, { variation: 'off' });
  });
  for (let index = 0; index < 64; index++) {
    const many = Array.from({ length: index + 1 }, (_, at) => [at % 2, [`t${at}`]]);
    if (index % 9 === 0) draft.entry({ k: `many.${index}`, r: 7, i: many, f: 1 });
    if (index % 9 === 0) draft.add(`the last of ${index + 1} targets`, `many.${index}`, { targetingKey: `t${index}` });
  }
  return draft.done();
}
