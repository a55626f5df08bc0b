import { createDraft, findKeys, named, type Tools, type Topic } from './draft.ts';

const SALT = 'layer-salt';
const RANGES: readonly (readonly number[])[] = [
  [],
  [0, 100_000],
  [0, 1],
  [99_999, 100_000],
  [1, 99_999],
  [10_000, 20_000],
  [10_000, 20_000, 20_000, 30_000],
  [0, 10_000, 20_000, 30_000, 70_000, 100_000],
];

const WARNED = { warning: 'TARGETING_KEY_MISSING' };

/** Layers. */
export function layers({ hash }: Tools): Topic {
  const draft = createDraft('Layers: units whose buckets are at every edge of every range, and units without a key.');
  RANGES.forEach((ranges, index) => {
    const fields = { r: 7, v: named('off', 'on'), l: ['grid', SALT, ranges] };
    const key = draft.entry({ k: `layer.${index}`, ...fields, o: 0, f: 1 });
    const mute = draft.entry({ k: `mute.${index}`, ...fields, f: 1 });
    const account = draft.entry({ k: `account.${index}`, ...fields, l: ['grid', SALT, ranges, 'account'], o: 0, f: 1 });
    const edges = [0, 99_999, ...ranges.flatMap((edge) => [edge - 1, edge, edge + 1])];
    const wanted = edges.filter((bucket) => bucket >= 0 && bucket < 100_000);
    for (const [bucket, unit] of findKeys(hash, SALT, wanted)) {
      const inside = ranges.some((start, at) => at % 2 === 0 && start <= bucket && bucket < (ranges[at + 1] ?? 0));
      const want = inside
        ? { variation: 'on', reason: 'DEFAULT' }
        : { variation: 'off', reason: 'SPLIT', metadata: { layer: 'grid' } };
      draft.add(`bucket ${bucket} of ${JSON.stringify(ranges)}`, key, { targetingKey: unit }, want);
      draft.add(
        `bucket ${bucket} of ${JSON.stringify(ranges)}, account`,
        account,
        { targetingKey: 'x', account: unit },
        want,
      );
    }
    draft.add(
      `no key, ${JSON.stringify(ranges)}`,
      key,
      {},
      { variation: 'off', metadata: { layer: 'grid', ...WARNED } },
    );
    draft.add(`empty key, ${JSON.stringify(ranges)}`, key, { targetingKey: '' }, { variation: 'off', reason: 'SPLIT' });
    draft.add(`no account, ${JSON.stringify(ranges)}`, account, { targetingKey: 'x' }, { variation: 'off' });
    draft.add(`no key, no off, ${JSON.stringify(ranges)}`, mute, {}, { reason: 'SPLIT' });
    draft.add(`user-1, no off, ${JSON.stringify(ranges)}`, mute, { targetingKey: 'user-1' });
  });
  const wide = Array.from({ length: 512 }, (_, index) => index * 195);
  const many = draft.entry({ k: 'many', r: 7, l: ['grid', SALT, wide], o: 0, f: 1 });
  for (let user = 0; user < 100; user++) draft.add(`256 ranges: user-${user}`, many, { targetingKey: `user-${user}` });
  return draft.done();
}
