import { createDraft, type Draft, named, type Topic } from './draft.ts';

const GOLD = [['r', [['in', 'plan', ['gold']]], 1]];
const CONTEXTS: readonly unknown[] = [
  { plan: 'gold' },
  { plan: 'silver' },
  {},
  { plan: 'gold', targetingKey: 'user-1' },
];

function addKinds(draft: Draft): void {
  const v = named('off', 'x', 'y');
  const bases = [
    { k: 'base.rule', r: 3, v, o: 0, u: GOLD, f: 2 },
    { k: 'base.static', r: 3, v, o: 0, f: 1 },
    { k: 'base.disabled', r: 3, v, o: 1, e: 0, f: 1 },
    { k: 'base.refused', r: 3, v, o: 1, d: 1, f: 9 },
    { k: 'base.target', r: 3, v, i: [[1, ['user-1']]], f: 2 },
    { k: 'base.holdout', r: 3, v, o: 1, h: ['quiet', 'h', 100_000], f: 2 },
    { k: 'base.layer', r: 3, v, o: 1, l: ['grid', 'l', []], f: 2 },
    { k: 'base.split', r: 3, v, s: 'x', f: [1, [0, 1, 2, 100_000]] },
    { k: 'base.silent', r: 3, v, l: ['grid', 'l', []], f: 2 },
    { k: 'base.failing', r: 3, v, o: 1, p: [['base.static', ['y']]], f: 2 },
  ];
  for (const base of bases) {
    draft.entry(base);
    const needs = [['x'], ['y'], ['x', 'y'], ['off', 'none'], ['none']];
    needs.forEach((names, index) => {
      const key = draft.entry({
        k: `needs.${base.k}.${index}`,
        r: 9,
        v: named('no', 'yes'),
        p: [[base.k, names]],
        o: 0,
        f: 1,
      });
      for (const context of CONTEXTS) {
        draft.add(`${base.k} must be ${names.join(' or ')}: ${JSON.stringify(context)}`, key, context);
      }
    });
  }
}

function addSeveral(draft: Draft): void {
  const fields = { r: 9, o: 0, f: 1 };
  draft.entry({ k: 'one', r: 3, u: [['r', [['in', 'a', [1]]], 1]], f: 0 });
  draft.entry({ k: 'two', r: 3, u: [['r', [['in', 'b', [1]]], 1]], f: 0 });
  draft.entry({ k: 'gone', r: 3, e: 0, f: 1 });
  const flags = [
    {
      k: 'several.ordered',
      ...fields,
      p: [
        ['one', ['on']],
        ['two', ['on']],
      ],
    },
    {
      k: 'several.reversed',
      ...fields,
      p: [
        ['two', ['on']],
        ['one', ['on']],
      ],
    },
    {
      k: 'several.gone',
      ...fields,
      p: [
        ['one', ['on']],
        ['gone', ['on', 'off']],
        ['two', ['on']],
      ],
    },
    {
      k: 'several.twice',
      ...fields,
      p: [
        ['one', ['on']],
        ['one', ['off']],
      ],
    },
    { k: 'several.no-off', r: 9, p: [['one', ['on']]], f: 1 },
    { k: 'several.serves', ...fields, p: [['one', ['on']]], u: [['r', [['in', 'b', [1]]], 1]], f: 0 },
  ];
  for (const flag of flags) {
    draft.entry(flag);
    for (const context of [{}, { a: 1 }, { b: 1 }, { a: 1, b: 1 }])
      draft.add(`${flag.k}: ${JSON.stringify(context)}`, flag.k, context);
  }
}

function addWarnings(draft: Draft): void {
  const half = [0, [0, 50_000, 1, 100_000]];
  draft.entry({ k: 'warns', r: 3, s: 'x', f: half });
  draft.entry({ k: 'warns.holdout', r: 3, h: ['quiet', 'h', 5], f: 0 });
  const quiet = draft.entry({
    k: 'quiet',
    r: 9,
    p: [
      ['warns', ['off']],
      ['warns.holdout', ['off']],
    ],
    o: 0,
    f: 1,
  });
  const loud = draft.entry({ k: 'loud', r: 9, p: [['warns', ['off']]], s: 'x', o: 0, f: [1, half[1]] });
  const fails = draft.entry({ k: 'fails', r: 9, p: [['warns', ['on']]], h: ['quiet', 'h', 5], o: 0, f: 1 });
  const want = { reason: 'DEFAULT', variation: 'on' };
  draft.add('a warning does not pass on from a prerequisite', quiet, {}, want);
  draft.add('a warning of the flag itself', loud, {}, { metadata: { warning: 'TARGETING_KEY_MISSING' } });
  draft.add('a prerequisite fails with a warning of its own', fails, {}, { metadata: { prerequisiteFailed: 'warns' } });
  for (let user = 1; user <= 6; user++) {
    for (const key of [quiet, loud, fails]) draft.add(`${key}: user-${user}`, key, { targetingKey: `user-${user}` });
  }
}

function addChain(draft: Draft): void {
  draft.entry({ k: 'chain.1', r: 1, u: GOLD, f: 0 });
  for (let height = 2; height <= 8; height++) {
    const p = [[`chain.${height - 1}`, ['on']]];
    draft.entry({ k: `chain.${height}`, r: height, p, o: 0, f: 1 });
  }
  for (let height = 1; height <= 8; height++) {
    for (const context of CONTEXTS)
      draft.add(`chain of ${height}: ${JSON.stringify(context)}`, `chain.${height}`, context);
  }
}

/** Prerequisites. */
export function prerequisites(): Topic {
  const draft = createDraft(
    'Prerequisites: met, not met, disabled, refused, several, in chains; and what they report.',
  );
  addKinds(draft);
  addSeveral(draft);
  addWarnings(draft);
  addChain(draft);
  return draft.done();
}
