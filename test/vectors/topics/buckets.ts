import { createDraft, findKeys, named, type Tools, type Topic } from './draft.ts';

const ENDS = [1, 2, 999, 1_000, 5_000, 25_000, 33_333, 50_000, 65_536, 66_667, 99_998, 99_999, 100_000];
const SALTS = ['x7Kq2mPd', 'a', 'salt with spaces and \u00e9'];

/** Which variation owns each bucket, at every edge of every range. */
export function buckets({ hash }: Tools): Topic {
  const draft = createDraft(
    'Units whose buckets are the first and last of each range of a split, under several salts.',
  );
  const names = ENDS.map((end) => `below-${end}`);
  const ranges = ENDS.flatMap((end, index) => [index, end]);
  SALTS.forEach((s, index) => {
    const key = draft.entry({ k: `edges.${index}`, r: 7, v: named(...names), s, f: [0, ranges] });
    const wanted = [0, ...ENDS.flatMap((end) => [end - 1, end])].filter((bucket) => bucket < 100_000);
    for (const [bucket, unit] of findKeys(hash, s, wanted)) {
      const variation = `below-${ENDS.find((end) => bucket < end)}`;
      draft.add(`salt ${index}: bucket ${bucket}`, key, { targetingKey: unit }, { variation, reason: 'SPLIT' });
    }
    for (let user = 1; user <= 60; user++) {
      draft.add(`salt ${index}: user-${user}`, key, { targetingKey: `user-${user}` });
    }
  });
  return draft.done();
}
