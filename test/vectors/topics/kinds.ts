import { createDraft, named, show, type Topic } from './draft.ts';

const ROOTS: readonly unknown[] = [
  undefined,
  null,
  'acme',
  '',
  7,
  7.5,
  true,
  [],
  ['acme'],
  [{ targetingKey: 'acme' }],
  {},
  { targetingKey: 'acme' },
  { targetingKey: 7 },
  { targetingKey: '' },
  { targetingKey: null },
  { targetingKey: { targetingKey: 'acme' } },
  { targetingKey: 'acme', plan: 'gold' },
  { plan: 'gold' },
  { plan: ['gold'] },
  { plan: 'silver', deep: { plan: 'gold' } },
  { account: { targetingKey: 'acme', plan: 'gold' } },
];

function contextOf(kind: string, root: unknown): Record<string, unknown> {
  return { targetingKey: 'user-1', plan: 'bronze', ...(root === undefined ? {} : { [kind]: root }) };
}

/** Units and attributes of kinds other than `user`. */
export function kinds(): Topic {
  const draft = createDraft('Kinds: their root, unit key and attributes, in every place where an entry names one.');
  const kindNames = ['account', 'aZ9', 'k'.repeat(32), 'targetingKey'];
  kindNames.forEach((kind, index) => {
    const v = named('off', 'target', 'held', 'split', 'fall');
    const i = [[1, ['acme', '7'], kind]];
    const target = draft.entry({ k: `target.${index}`, r: 7, v, i, o: 0, f: 4 });
    const h = ['quiet', 'h', 50_000, kind];
    const holdout = draft.entry({ k: `holdout.${index}`, r: 7, v, h, o: 0, f: 4 });
    const l = ['grid', 'l', [0, 50_000], kind];
    const layer = draft.entry({ k: `layer.${index}`, r: 7, v, l, o: 0, f: 4 });
    const f = [3, [0, 25_000, 1, 50_000, 2, 75_000, 4, 100_000], kind];
    const split = draft.entry({ k: `split.${index}`, r: 7, v, s: 'x7Kq2mPd', o: 0, f });
    const members = draft.entry({ k: `segment:s${index}`, r: 7, b: kind, i: ['acme', '7'] });
    const segment = draft.entry({
      k: `member.${index}`,
      r: 7,
      v,
      u: [['r', [['segment', [members.slice(8)]]], 3]],
      f: 4,
    });
    for (const root of ROOTS) {
      const context = contextOf(kind, root);
      const shown = `${kind.slice(0, 12)} ${root === undefined ? 'absent' : show(root)}`;
      for (const key of [target, holdout, layer, split, segment]) draft.add(`${key}: ${shown}`, key, context);
      draft.verdict(['in', 'plan', ['gold'], 0, kind], context);
      draft.verdict(['in', ['deep', 'plan'], ['gold'], 0, kind], context);
      draft.verdict(['in', [kind, 'plan'], ['gold']], context);
      draft.verdict(['in', 'plan', ['bronze']], context);
    }
  });
  return draft.done();
}
