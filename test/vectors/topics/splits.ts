import { createDraft, type Draft, findKeys, named, type Tools, type Topic } from './draft.ts';

const WARNED = { warning: 'TARGETING_KEY_MISSING' };
const SALT = 'x7Kq2mPd';
const ALWAYS = ['exists', 'plan', []];

function addSingleRanges(draft: Draft): void {
  const v = named('a', 'b', 'c');
  const contexts: readonly unknown[] = [
    {},
    { plan: 1 },
    { targetingKey: 'user-1', plan: 1 },
    { targetingKey: '', plan: 1 },
    null,
  ];
  const fall = draft.entry({ k: 'all.fallthrough', r: 7, v, s: SALT, f: [0, [1, 100_000]] });
  const kind = draft.entry({ k: 'all.account', r: 7, v, s: SALT, f: [0, [1, 100_000], 'account'] });
  const rule = draft.entry({
    k: 'all.rule',
    r: 7,
    v,
    s: SALT,
    u: [['r', [ALWAYS], [0, [2, 100_000]]]],
    f: [0, [1, 100_000]],
  });
  const twice = draft.entry({ k: 'all.twice', r: 7, v, s: SALT, f: [0, [1, 50_000, 1, 100_000]] });
  for (const context of contexts) {
    const shown = JSON.stringify(context);
    draft.add(`100 % without looking at the key: ${shown}`, fall, context, { variation: 'b', reason: 'SPLIT' });
    draft.add(`100 % of accounts: ${shown}`, kind, context, { variation: 'b', reason: 'SPLIT' });
    draft.add(`100 % in a rule: ${shown}`, rule, context, { reason: 'SPLIT' });
    draft.add(`two ranges of one variation need a key: ${shown}`, twice, context);
  }
}

function addSkips(draft: Draft): void {
  const v = named('a', 'b', 'c', 'd');
  const half = [0, [1, 50_000, 2, 100_000]];
  const u = [
    ['split', [ALWAYS], half],
    ['next', [['in', 'plan', ['gold']]], 3],
  ];
  const skip = draft.entry({ k: 'skip.rule', r: 7, v, s: SALT, u, f: 0 });
  const rest = draft.entry({ k: 'skip.rest', r: 7, v, s: SALT, u, f: [3, [1, 50_000, 2, 100_000]] });
  const single = draft.entry({ k: 'skip.single', r: 7, v, s: SALT, u, f: [3, [1, 100_000]] });
  const other = draft.entry({ k: 'skip.kind', r: 7, v, s: SALT, u: [['split', [ALWAYS], [...half, 'account']]], f: 0 });
  const contexts = [
    { plan: 'gold' },
    { plan: 'silver' },
    {},
    { targetingKey: 'user-1', plan: 'gold' },
    { targetingKey: 7, plan: 'silver' },
    { account: 'acme', plan: 'gold' },
    { account: { targetingKey: 'acme' }, plan: 'silver' },
  ];
  for (const context of contexts) {
    const shown = JSON.stringify(context);
    const missing = !Object.hasOwn(context, 'targetingKey') && Object.hasOwn(context, 'plan');
    draft.add(`skipped or not: ${shown}`, skip, context, missing ? { metadata: WARNED } : {});
    draft.add(`rest: ${shown}`, rest, context);
    draft.add(`100 % behind a skipped rule: ${shown}`, single, context, missing ? { metadata: WARNED } : {});
    draft.add(`split of accounts: ${shown}`, other, context);
  }
}

function addManyRanges(draft: Draft, { hash }: Tools): void {
  const edges = [10_000, 20_000, 40_000, 50_000, 90_000];
  const owners = [1, 0, 1, 2, 1, 0];
  const ranges = owners.flatMap((owner, index) => [owner, edges[index] ?? 100_000]);
  const v = named('a', 'b', 'c');
  const several = draft.entry({ k: 'several', r: 7, v, s: SALT, f: [2, ranges] });
  const u = [['r', [['exists', 'none', [], 1]], [2, ranges]]];
  const inRule = draft.entry({ k: 'several.rule', r: 7, v, s: SALT, u, f: 2 });
  const account = draft.entry({ k: 'several.account', r: 7, v, s: SALT, f: [2, ranges, 'account'] });
  const wanted = edges.flatMap((edge) => [edge - 1, edge, edge + 1]);
  for (const [bucket, unit] of findKeys(hash, SALT, wanted)) {
    const owner = owners[edges.filter((edge) => edge <= bucket).length] ?? 0;
    const want = { variation: 'abc'[owner], reason: 'SPLIT' };
    draft.add(`bucket ${bucket} of several ranges`, several, { targetingKey: unit }, want);
    draft.add(`bucket ${bucket} of several ranges in a rule`, inRule, { targetingKey: unit }, { ...want, rule: 'r' });
    draft.add(`bucket ${bucket} of accounts`, account, { targetingKey: 'user-1', account: unit }, want);
  }
}

function addWide(draft: Draft): void {
  const names = Array.from({ length: 64 }, (_, index) => `v${index}`);
  const ranges = Array.from({ length: 256 }, (_, index) => [index % 64, index === 255 ? 100_000 : index + 1]).flat();
  const tiny = draft.entry({ k: 'tiny.ranges', r: 7, v: named(...names), s: SALT, f: [9, ranges] });
  const even = draft.entry({
    k: 'even.ranges',
    r: 7,
    v: named(...names),
    s: SALT,
    f: [9, ranges.map((n, i) => (i % 2 === 0 ? n : Math.min(100_000, Math.ceil(((i + 1) * 100_000) / 512))))],
  });
  for (let user = 0; user < 150; user++) {
    draft.add(`256 even ranges: user-${user}`, even, { targetingKey: `user-${user}` });
  }
  draft.add('the last of 256 ranges', tiny, { targetingKey: 'user-1' }, { variation: 'v63' });
  draft.add('no key for 256 ranges', tiny, {}, { variation: 'v9', metadata: WARNED });
}

/** Splits in rules and in the fallthrough, with and without a unit key. */
export function splits(tools: Tools): Topic {
  const draft = createDraft(
    'Splits: 100 % without a key, skipped splits and their warning, rest, several ranges of a variation.',
  );
  addSingleRanges(draft);
  addSkips(draft);
  addManyRanges(draft, tools);
  addWide(draft);
  return draft.done();
}
