import { createDraft, type Draft, named, show, type Topic } from './draft.ts';

const VALID: readonly unknown[] = [
  'user-1',
  ' ',
  ' user-1',
  'user-1 ',
  '0',
  '-0',
  '1.5',
  'null',
  'true',
  '\u0000',
  '\u00e9',
  'e\u0301',
  '\u{1f600}',
  '\ud83d',
  '\ude00',
  'k'.repeat(256),
  'k'.repeat(257),
  'k'.repeat(2_047),
  'k'.repeat(2_048),
  '\u{1f600}'.repeat(1_024),
  42,
  0,
  -0,
  -1,
  1e15,
  9007199254740991,
  -9007199254740991,
];

const MISSING: readonly unknown[] = [
  '',
  'k'.repeat(2_049),
  '\u00e9'.repeat(2_049),
  `${'\u{1f600}'.repeat(1_024)}x`,
  9007199254740992,
  -9007199254740992,
  9007199254740994,
  1e21,
  1.5,
  -0.5,
  5e-324,
  true,
  false,
  null,
  [],
  ['user-1'],
  [42],
  {},
];

const PAIRS: readonly (readonly [unknown, unknown])[] = [
  [42, '42'],
  [-42, '-42'],
  [0, '0'],
  [-0, '0'],
  [1e15, '1000000000000000'],
  [9007199254740991, '9007199254740991'],
  [-9007199254740991, '-9007199254740991'],
];

function addSplits(draft: Draft): void {
  const ranges = Array.from({ length: 32 }, (_, index) => [index, (index + 1) * 3_125]).flat();
  const names = Array.from({ length: 33 }, (_, index) => `v${index}`);
  const v = named(...names);
  const user = draft.entry({ k: 'split.user', r: 7, v, s: 'x7Kq2mPd', f: [32, ranges] });
  const account = draft.entry({ k: 'split.account', r: 7, v, s: 'x7Kq2mPd', f: [32, ranges, 'account'] });
  const cases = [...VALID.map((key) => ({ key, missing: false })), ...MISSING.map((key) => ({ key, missing: true }))];
  for (const { key, missing } of cases) {
    const want = missing ? { variation: 'v32', metadata: { warning: 'TARGETING_KEY_MISSING' } } : {};
    draft.add(`user ${show(key)}`, user, { targetingKey: key }, want);
    draft.add(`account with targetingKey ${show(key)}`, account, { account: { targetingKey: key } }, want);
    const isObject = typeof key === 'object' && key !== null && !Array.isArray(key);
    if (!isObject) draft.add(`account that is ${show(key)}`, account, { account: key }, want);
  }
  for (const context of [
    {},
    { account: {} },
    { account: { id: 'acme' } },
    { targetingKey: 'user-1' },
    { Account: 'a' },
  ]) {
    draft.add(`account of ${show(context)}`, account, context, { variation: 'v32' });
  }
  for (const context of [null, 'user-1', 42, true, [], [{ targetingKey: 'user-1' }], ['user-1'], {}]) {
    draft.add(`context ${show(context)}`, user, context, { variation: 'v32' });
    draft.add(`account in context ${show(context)}`, account, context, { variation: 'v32' });
  }
}

function addPairs(draft: Draft): void {
  for (const [integer, text] of PAIRS) {
    const i = [[1, [text]]];
    const key = draft.entry({
      k: `target.${String(text).replace('-', 'minus')}${Object.is(integer, -0) ? 'n' : ''}`,
      r: 7,
      i,
      f: 0,
    });
    const want = { variation: 'on', reason: 'TARGETING_MATCH' };
    draft.add(`integer ${text} is that text`, key, { targetingKey: integer }, want);
    draft.add(`text ${text}`, key, { targetingKey: text }, want);
    draft.add(`text 0${text} is another`, key, { targetingKey: `0${text}` }, { variation: 'off' });
    draft.add(`text ${text}.0 is another`, key, { targetingKey: `${text}.0` }, { variation: 'off' });
  }
}

function addComparisons(draft: Draft): void {
  const keys = ['\u00e9', 'e\u0301', '\u{1f600}', '\ud83d', '\ufffd', 'User', 'user', ' user', '-0', '\u0130'];
  keys.forEach((target, index) => {
    const key = draft.entry({ k: `exact.${index}`, r: 7, i: [[1, [target]]], f: 0 });
    for (const unit of keys) {
      const variation = unit === target ? 'on' : 'off';
      draft.add(
        `target ${JSON.stringify(target)}, unit ${JSON.stringify(unit)}`,
        key,
        { targetingKey: unit },
        { variation },
      );
    }
  });
}

/** What is a unit key, and what is none. */
export function unitKeys(): Topic {
  const draft = createDraft(
    'Unit keys: texts, integers, missing ones, and the comparison of texts code unit by code unit.',
  );
  addSplits(draft);
  addPairs(draft);
  addComparisons(draft);
  return draft.done();
}
