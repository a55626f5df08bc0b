import { createDraft, type Topic } from './draft.ts';

/** Sentences of docs/evaluation.md that can be read in more than one way, and the reading that holds. */
export function readings(): Topic {
  const draft = createDraft(
    'Readings: a path of one name in a list, missing elements among the first 1,000, the year 0.',
  );
  for (const name of ['region', 'cloud', 'pop']) {
    const place = { [name]: 'here' };
    draft.verdict(['in', [name], ['here']], { [name]: 'there' }, 'yes', 'a list of one name is that name', place);
    draft.verdict(['in', [name], ['there']], { [name]: 'there' }, 'no', 'a list of one name is that name', place);
  }
  const behind = (count: number) => [...Array<null>(count).fill(null), 'gold'];
  draft.verdict(['in', 'a', ['gold']], { a: behind(999) }, 'yes', 'behind 999 missing elements');
  draft.verdict(['in', 'a', ['gold']], { a: behind(1_000) }, 'na', 'behind 1,000 missing elements');
  for (const text of ['0000-01-01T00:00:00Z', '0000-02-29T00:00:00Z', '0000-12-31T23:59:59Z']) {
    draft.verdict(['before', 'a', ['0001-01-01T00:00:00Z']], { a: text }, 'yes');
  }
  draft.verdict(['before', 'a', ['0001-01-01T00:00:00Z']], { a: '0000-02-30T00:00:00Z' }, 'na');
  draft.entry({ k: 'segment:s', r: 1, i: ['user-1'] });
  draft.add(
    'a segment is no flag',
    'segment:s',
    { targetingKey: 'user-1' },
    { errorCode: 'FLAG_NOT_FOUND', revision: 0 },
  );
  return draft.done();
}
