import { createDraft, type Draft, findKeys, named, type Tools, type Topic } from './draft.ts';

const SALT = 'holdout-salt';
const ENDS = [0, 1, 2, 1_000, 5_000, 50_000, 99_999, 100_000];
const WARNED = { warning: 'TARGETING_KEY_MISSING' };

/** The warning of a holdout stays on whatever serves after it. */
function addWarnings(draft: Draft): void {
  const h = ['quiet', SALT, 10];
  const half = [0, [0, 50_000, 1, 100_000]];
  const fields = { r: 7, o: 0, s: 'x', h };
  const flags = [
    { k: 'then.index', ...fields, f: 1 },
    { k: 'then.rule', ...fields, u: [['r', [['in', 'plan', ['gold']]], 1]], f: 0 },
    { k: 'then.split', ...fields, f: half },
    { k: 'then.all', ...fields, f: [0, [1, 100_000]] },
    { k: 'then.layer', ...fields, l: ['grid', 'l', [0, 100_000]], f: 1 },
    { k: 'then.account-layer', ...fields, l: ['grid', 'l', [0, 50_000], 'account'], f: 1 },
    { k: 'then.account-holdout', ...fields, h: [...h, 'account'], f: half },
    { k: 'then.skipped', ...fields, u: [['r', [['in', 'plan', ['gold']]], half]], f: 1 },
    { k: 'before.target', ...fields, i: [[1, ['acme'], 'account']], f: 0 },
    { k: 'before.disabled', ...fields, e: 0, f: 1 },
  ];
  for (const flag of flags) {
    draft.entry(flag);
    for (const context of [
      {},
      { plan: 'gold' },
      { account: 'acme' },
      { account: 'b', plan: 'gold' },
      { targetingKey: 'user-1' },
      { targetingKey: 5, account: 5, plan: 'gold' },
    ]) {
      draft.add(`${flag.k}: ${JSON.stringify(context)}`, flag.k, context);
    }
  }
}

/** Holdouts. */
export function holdouts({ hash }: Tools): Topic {
  const draft = createDraft(
    'Holdouts: units whose buckets are at every end, units without a key, and the warning that stays.',
  );
  const keys = findKeys(
    hash,
    SALT,
    [0, ...ENDS.flatMap((end) => [end - 1, end, end + 1])].filter((b) => b >= 0 && b < 100_000),
  );
  for (const end of ENDS) {
    const fields = { r: 7, v: named('off', 'on'), h: ['quiet', SALT, end] };
    const key = draft.entry({ k: `holdout.${end}`, ...fields, o: 0, f: 1 });
    const mute = draft.entry({ k: `mute.${end}`, ...fields, f: 1 });
    const account = draft.entry({ k: `account.${end}`, ...fields, h: ['quiet', SALT, end, 'account'], o: 0, f: 1 });
    for (const [bucket, unit] of keys) {
      const held = { variation: 'off', reason: 'SPLIT', metadata: { holdout: 'quiet' } };
      const want = bucket < end ? held : { variation: 'on', reason: 'DEFAULT' };
      draft.add(`bucket ${bucket}, end ${end}`, key, { targetingKey: unit }, want);
      draft.add(
        `bucket ${bucket}, end ${end}, account`,
        account,
        { targetingKey: 'x', account: { targetingKey: unit } },
        want,
      );
    }
    draft.add(`no key, end ${end}`, key, {}, { variation: 'on', reason: 'DEFAULT', metadata: WARNED });
    draft.add(`no account, end ${end}`, account, { targetingKey: 'x' }, { variation: 'on', metadata: WARNED });
    for (const user of ['user-1', 'user-2']) draft.add(`${user}, no off, end ${end}`, mute, { targetingKey: user });
  }
  addWarnings(draft);
  return draft.done();
}
