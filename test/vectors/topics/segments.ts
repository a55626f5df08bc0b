import { createDraft, type Draft, named, type Topic } from './draft.ts';

const GOLD = ['in', 'plan', ['gold']];
const ADULT = ['atLeast', 'age', [18]];
const UNITS: readonly unknown[] = ['in', 'out', 'both', 'none', 42, '', null, 'k'.repeat(257)];

function addForms(draft: Draft): void {
  const forms = [
    { k: 'segment:included', r: 1, i: ['in', 'both', '42'] },
    { k: 'segment:excluded', r: 1, x: ['out', 'both'] },
    { k: 'segment:rules', r: 1, u: [[GOLD, ADULT], [['in', 'plan', ['silver']]]] },
    { k: 'segment:all', r: 1, i: ['in', 'both', '42'], x: ['out', 'both'], u: [[GOLD]] },
    { k: 'segment:shut', r: 1, x: ['out', 'both'], u: [[['exists', 'none', [], 1]]] },
    { k: 'segment:empty', r: 1 },
    { k: 'segment:accounts', r: 1, b: 'account', i: ['in', 'both', '42'], x: ['out'], u: [[GOLD]] },
  ];
  for (const segment of forms) {
    draft.entry(segment);
    const name = segment.k.slice('segment:'.length);
    for (const bits of [0, 1, 2, 3]) {
      const clause = bits === 0 ? ['segment', [name]] : ['segment', [name], bits];
      draft.entry({ k: `${name}.${bits}`, r: 7, u: [['r', [clause], 1]], f: 0 });
    }
    for (const targetingKey of UNITS) {
      for (const attributes of [{}, { plan: 'gold' }, { plan: 'gold', age: 18 }, { plan: 'silver', age: 17 }]) {
        const shown = `${JSON.stringify(targetingKey)?.slice(0, 20)} ${JSON.stringify(attributes)}`;
        draft.add(`${name}: ${shown}`, `${name}.0`, { targetingKey, ...attributes });
        draft.add(`not ${name}: ${shown}`, `${name}.1`, { targetingKey, ...attributes });
      }
      const context = { account: targetingKey, plan: 'gold' };
      draft.add(`${name}, account ${JSON.stringify(targetingKey)?.slice(0, 20)}`, `${name}.2`, context);
      draft.add(`not ${name}, account ${JSON.stringify(targetingKey)?.slice(0, 20)}`, `${name}.3`, context);
    }
    draft.add(`${name}: no key`, `${name}.0`, {});
    draft.add(`${name}: no key, gold`, `${name}.0`, { plan: 'gold', age: 30 });
    draft.add(`not ${name}: no context`, `${name}.1`, null);
  }
}

function addSeveral(draft: Draft): void {
  draft.entry({ k: 'segment:a', r: 1, i: ['a', 'ab', 'abc'] });
  draft.entry({ k: 'segment:b', r: 1, i: ['b', 'ab', 'abc'] });
  draft.entry({
    k: 'segment:c',
    r: 1,
    u: [
      [
        ['segment', ['a']],
        ['segment', ['b']],
      ],
    ],
  });
  draft.entry({
    k: 'segment:d',
    r: 1,
    x: ['ab'],
    u: [
      [['segment', ['a'], 1]],
      [
        ['segment', ['c']],
        ['in', 'plan', ['gold']],
      ],
    ],
  });
  draft.entry({
    k: 'segment:e',
    r: 1,
    u: [
      [
        ['segment', ['c', 'd']],
        ['segment', ['b'], 1],
      ],
    ],
  });
  const clauses: readonly unknown[][] = [
    [['segment', ['a', 'b']]],
    [['segment', ['a', 'b'], 1]],
    [['segment', ['b', 'a'], 1]],
    [
      ['segment', ['a']],
      ['segment', ['b']],
    ],
    [
      ['segment', ['a']],
      ['segment', ['b'], 1],
    ],
    [['segment', ['c']]],
    [['segment', ['c'], 1]],
    [['segment', ['d']]],
    [['segment', ['d', 'a'], 1]],
    [['segment', ['e']]],
    [['segment', ['e', 'a', 'a']]],
  ];
  clauses.forEach((list, index) => {
    const key = draft.entry({ k: `several.${index}`, r: 7, v: named('no', 'yes'), u: [['r', list, 1]], f: 0 });
    for (const targetingKey of ['a', 'b', 'ab', 'abc', 'z', '']) {
      for (const plan of ['gold', 'silver']) {
        draft.add(`${JSON.stringify(list)}: ${targetingKey}, ${plan}`, key, { targetingKey, plan });
      }
    }
  });
}

function addChain(draft: Draft): void {
  draft.entry({ k: 'segment:chain.1', r: 1, i: ['in'], u: [[GOLD]] });
  for (let height = 2; height <= 7; height++) {
    const u = [[['segment', [`chain.${height - 1}`], height % 2]]];
    draft.entry({ k: `segment:chain.${height}`, r: 1, u });
  }
  for (let height = 1; height <= 7; height++) {
    const key = draft.entry({ k: `chain.${height}`, r: 7, u: [['r', [['segment', [`chain.${height}`]]], 1]], f: 0 });
    for (const context of [{ targetingKey: 'in' }, { plan: 'gold' }, {}, { plan: 'silver' }]) {
      draft.add(`chain of ${height}: ${JSON.stringify(context)}`, key, context);
    }
  }
}

/** Segments. */
export function segments(): Topic {
  const draft = createDraft('Segments: included, excluded, rules, other kinds, nested, negated, without a unit key.');
  addForms(draft);
  addSeveral(draft);
  addChain(draft);
  const names = ['__proto__', 'constructor', 'toString', 'size'];
  const hostile = draft.entry({ k: 'segment:hostile', r: 1, i: ['size'], x: ['constructor'], u: [[GOLD]] });
  draft.entry({ k: 'hostile', r: 7, u: [['r', [['segment', [hostile.slice(8)]]], 1]], f: 0 });
  for (const targetingKey of names) {
    draft.add(`unit key ${targetingKey}`, 'hostile', { targetingKey });
    draft.add(`unit key ${targetingKey}, gold`, 'hostile', { targetingKey, plan: 'gold' });
  }
  return draft.done();
}
