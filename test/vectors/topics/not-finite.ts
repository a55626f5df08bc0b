import { createDraft, type Topic } from './draft.ts';

/** Numbers that no double holds; JSON can write them, and readers differ in what they make of them. */
export function notFinite(): Topic {
  const draft = createDraft('1e400 in contexts and entries: infinite to JavaScript, so missing, or the entry refused.');
  const infinities = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const a of infinities) {
    draft.verdict(['exists', 'a', []], { a }, 'no', String(a));
    draft.verdict(['in', 'a', [1]], { a }, 'na', String(a));
    draft.verdict(['in', 'a', [1]], { a: [a] }, 'na', `[${a}]`);
    draft.verdict(['in', 'a', [1]], { a: [a, 2] }, 'no', `[${a}, 2]`);
    for (const operator of ['lessThan', 'atMost', 'greaterThan', 'atLeast', 'before', 'after']) {
      draft.verdict([operator, 'a', [1]], { a }, 'na', String(a));
      draft.verdict([operator, 'a', [1]], { a: [a] }, 'na', `[${a}]`);
    }
  }
  infinities.forEach((a, index) => {
    const target = draft.entry({ k: `target.${index}`, r: 7, i: [[1, ['Infinity', '-Infinity', '1e400']]], f: 0 });
    draft.add(`unit key ${a}`, target, { targetingKey: a }, { variation: 'off' });
    const value = draft.entry({ k: `value.${index}`, r: 7, v: [['a', a, 'aaaaaaaa']], o: 0, f: 0 });
    draft.add(`value ${a}`, value, {}, { errorCode: 'PARSE_ERROR', revision: 0 });
    for (const operator of ['in', 'lessThan', 'before']) {
      const u = [['r', [[operator, 'a', [a]]], 1]];
      const key = draft.entry({ k: `${operator}.${index}`, r: 7, d: 0, u, f: 0 });
      draft.add(`${operator} ${a}`, key, { a: 1 }, { errorCode: 'PARSE_ERROR' });
    }
  });
  return draft.done();
}
