import { createDraft, type Draft, findKeys, named, show, type Tools, type Topic } from './draft.ts';

const [SALT, SEED] = ['x7Kq2mPd', 0x2a756106];
const SEEDS = [0, 1, 99_999, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1, SEED];
const BAD = [-1, 2 ** 32, 2 ** 53, 0.5, 1e21, true, null, '', SALT, String(SEED), [], [SEED], {}];
const EDGES = [0, 1, 24_999, 25_000, 49_999, 50_000, 74_999, 75_000, 99_999];
const V = named('a', 'b', 'c', 'd');
const QUARTERS = [0, [0, 25_000, 1, 50_000, 2, 75_000, 3, 100_000]];
const ALWAYS = ['exists', 'plan', [], 1];

/** A salt, its seed, and a salt that is not looked at beside a seed: whoever gets what by the one gets the same by the others. */
function addTwins(draft: Draft, { hash }: Tools): void {
  const written = { salt: { s: SALT }, seed: { z: SEED }, both: { s: 'another', z: SEED } };
  for (const [name, fields] of Object.entries(written)) {
    const key = draft.entry({ k: `twin.${name}`, r: 7, v: V, ...fields, f: QUARTERS });
    for (const [bucket, targetingKey] of findKeys(hash, SALT, EDGES)) {
      const variation = 'abcd'[Math.floor(bucket / 25_000)];
      draft.add(`${name}: bucket ${bucket}`, key, { targetingKey }, { variation, reason: 'SPLIT' });
    }
  }
}

/** Seeds at their bounds, in rules and in the fallthrough, of users and of another kind. */
function addBounds(draft: Draft): void {
  SEEDS.forEach((z, index) => {
    const users = draft.entry({ k: `bound.users.${index}`, r: 7, v: V, z, f: QUARTERS });
    const accounts = draft.entry({ k: `bound.accounts.${index}`, r: 7, v: V, z, f: [...QUARTERS, 'account'] });
    const rule = draft.entry({ k: `bound.rule.${index}`, r: 7, v: V, z, u: [['r', [ALWAYS], QUARTERS]], f: 0 });
    for (let user = 0; user < 12; user++) {
      const context = { targetingKey: `user-${user}`, account: `account-${user}` };
      for (const key of [users, accounts, rule]) draft.add(`${key}: seed ${z}, number ${user}`, key, context);
    }
  });
}

/** What is no seed refuses the flag, also beside a salt, and where nothing is split. */
function addRefused(draft: Draft): void {
  const want = { variation: 'a', errorCode: 'PARSE_ERROR', revision: 7 };
  const fields = { r: 7, v: V, o: 0 };
  BAD.forEach((z, index) => {
    const flags = [
      draft.entry({ k: `bad.split.${index}`, ...fields, z, f: QUARTERS }),
      draft.entry({ k: `bad.salted.${index}`, ...fields, s: SALT, z, f: QUARTERS }),
      draft.entry({ k: `bad.unused.${index}`, ...fields, z, f: 1 }),
    ];
    for (const key of flags) draft.add(`${key}: seed ${show(z)}`, key, { targetingKey: 'user-1' }, want);
  });
  const salt = draft.entry({ k: 'bad.salt', ...fields, s: '', z: SEED, f: QUARTERS });
  draft.add('a seed beside a salt that is none', salt, { targetingKey: 'user-1' }, want);
  const unused = draft.entry({ k: 'unused', ...fields, z: SEED, f: 1 });
  draft.add('a seed that nothing needs', unused, {}, { variation: 'b', reason: 'STATIC' });
}

/** Salts written as their seeds. */
export function seeds(tools: Tools): Topic {
  const draft = createDraft('Seeds in the place of salts: at their bounds, beside salts, and what is no seed.');
  addTwins(draft, tools);
  addBounds(draft);
  addRefused(draft);
  return draft.done();
}
