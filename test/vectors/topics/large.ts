import { createDraft, type Topic } from './draft.ts';

/** Lists as long as they may be, and one longer. */
export function large(): Topic {
  const draft = createDraft('Lists of 10,000 and 100,000 unit keys, and lists of one more.');
  const keys = (count: number) => [...Array<string>(count - 1).fill('a'), 'z'];
  for (const count of [10_000, 10_001]) {
    const key = draft.entry({ k: `target.${count}`, r: 5, d: 0, i: [[1, keys(count)]], f: 0 });
    const want = count > 10_000 ? { errorCode: 'PARSE_ERROR' } : { variation: 'on' };
    draft.add(`${count} targets`, key, { targetingKey: 'z' }, want);
  }
  for (const field of ['i', 'x']) {
    for (const count of field === 'i' ? [100_000, 100_001] : [100_001]) {
      const name = `${field}${count}`;
      draft.entry({ k: `segment:${name}`, r: 5, [field]: keys(count), u: [[['exists', 'none', [], 1]]] });
      const key = draft.entry({ k: name, r: 5, d: 0, u: [['r', [['segment', [name]]], 1]], f: 0 });
      const want = count > 100_000 ? { errorCode: 'PARSE_ERROR' } : { variation: 'on' };
      draft.add(`${count} keys in ${field}`, key, { targetingKey: 'z' }, want);
      draft.add(`${count} keys in ${field}, and another key`, key, { targetingKey: 'y' });
    }
  }
  return draft.done();
}
