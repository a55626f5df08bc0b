import { createDraft, type Topic } from './draft.ts';

const PRESENT: readonly unknown[] = [
  '',
  'gold',
  0,
  -0,
  1,
  false,
  true,
  {},
  { a: null },
  [],
  [null],
  [[]],
  ' ',
  'x'.repeat(16_385),
];

const OPERATORS: readonly (readonly [string, readonly unknown[], readonly unknown[]])[] = [
  ['in', ['gold', 1], ['gold', 'silver', 1, 2, true]],
  ['startsWith', ['go'], ['gold', 'silver', 1]],
  ['endsWith', ['ld'], ['gold', 'silver', 1]],
  ['contains', ['ol'], ['gold', 'silver', 1]],
  ['matches', ['^g'], ['gold', 'silver', 1]],
  ['lessThan', [5], [4, 5, 6, '4']],
  ['atMost', [5], [4, 5, 6, '4']],
  ['greaterThan', [5], [4, 5, 6, '6']],
  ['atLeast', [5], [4, 5, 6, '6']],
  ['before', ['2026-01-01T00:00:00Z'], ['2025-12-31T23:59:59Z', '2026-01-01T00:00:00Z', 0, 'x', true]],
  ['after', ['2026-01-01T00:00:00Z'], ['2026-01-01T00:00:00.001Z', '2026-01-01T00:00:00Z', 0, 'x', true]],
  ['semverEquals', ['1.2.3'], ['1.2.3', '1.2.4', 'x', 1]],
  ['semverLessThan', ['1.2.3'], ['1.2.2', '1.2.3', 'x', 1]],
  ['semverAtMost', ['1.2.3'], ['1.2.3', '1.2.4', 'x', 1]],
  ['semverGreaterThan', ['1.2.3'], ['1.2.4', '1.2.3', 'x', 1]],
  ['semverAtLeast', ['1.2.3'], ['1.2.3', '1.2.2', 'x', 1]],
  ['semverTilde', ['1.2.3'], ['1.2.9', '1.3.0', 'x', 1]],
  ['semverCaret', ['1.2.3'], ['1.3.0', '2.0.0', 'x', 1]],
  ['inCidr', ['10.0.0.0/8'], ['10.0.0.1', '11.0.0.1', 'x', 1]],
];

/** `exists`. */
export function exists(): Topic {
  const draft = createDraft('exists: whatever is not missing exists, empty or not; null and nothing do not.');
  for (const bits of [0, 1, 2, 3]) {
    const is = bits % 2 === 0;
    for (const a of PRESENT) draft.verdict(['exists', 'a', [], bits], { a }, is ? 'yes' : undefined);
    for (const context of [{}, { a: null }, { A: 1 }, null, [], 'a', { b: { a: 1 } }]) {
      draft.verdict(['exists', 'a', [], bits], context, is ? 'no' : undefined);
    }
    for (const context of [{ a: { b: 0 } }, { a: { b: null } }, { a: {} }, { a: 'b' }, { a: [{ b: 1 }] }, {}]) {
      draft.verdict(['exists', ['a', 'b'], [], bits], context);
    }
  }
  draft.verdict(['exists', 'targetingKey', []], { targetingKey: 'user-1' }, 'yes');
  draft.verdict(['exists', 'targetingKey', []], { targetingKey: '' }, 'yes');
  draft.verdict(['exists', 'targetingKey', []], {}, 'no');
  draft.verdict(['exists', 'targetingKey', [], 0, 'account'], { account: 'acme' }, 'no');
  draft.verdict(['exists', 'targetingKey', [], 0, 'account'], { account: { targetingKey: 'acme' } }, 'yes');
  return draft.done();
}

/** Each operator with each combination of bits. */
export function negation(): Topic {
  const draft = createDraft('Every operator, plain and negated: what is not applicable never holds.');
  for (const [operator, values, attributes] of OPERATORS) {
    for (const bits of [0, 1, 2, 3]) {
      for (const a of attributes) draft.verdict([operator, 'a', values, bits], { a });
      for (const context of [{}, { a: null }, { a: {} }, { a: [] }, { a: [null] }, { a: [{}] }]) {
        draft.verdict([operator, 'a', values, bits], context, 'na');
      }
      for (const first of attributes) draft.verdict([operator, 'a', values, bits], { a: [null, {}, first] });
      draft.verdict([operator, 'a', values, bits], { a: attributes });
      draft.verdict([operator, 'a', values, bits], { a: [...attributes].reverse() });
    }
  }
  return draft.done();
}

/** Lists as attributes. */
export function lists(): Topic {
  const draft = createDraft(
    'Attributes that are lists: any element that says yes, else any that says no; the first 1,000.',
  );
  const filler = (length: number, last: unknown) => [...Array<string>(length - 1).fill('x'), last];
  for (const operator of ['in', 'startsWith', 'endsWith', 'contains', 'matches']) {
    const clause = [operator, 'a', ['gold']] as const;
    draft.verdict(clause, { a: ['gold'] }, 'yes');
    draft.verdict(clause, { a: ['silver', 'gold'] }, 'yes');
    draft.verdict(clause, { a: ['gold', 'silver'] }, 'yes');
    draft.verdict(clause, { a: ['silver', 'bronze'] }, 'no');
    draft.verdict(clause, { a: [{}, 'silver'] }, 'no');
    draft.verdict(clause, { a: ['silver', {}] }, 'no');
    draft.verdict(clause, { a: ['silver', null] }, 'no');
    draft.verdict(clause, { a: [null, 'gold'] }, 'yes');
    draft.verdict(clause, { a: [['gold']] }, 'na');
    draft.verdict(clause, { a: [['gold'], 'silver'] }, 'no');
    draft.verdict(clause, { a: [[['gold']], { gold: 'gold' }] }, 'na');
    draft.verdict(clause, { a: [] }, 'na');
    draft.verdict(clause, { a: [null] }, 'na');
    draft.verdict(clause, { a: filler(999, 'gold') }, 'yes', 'element 999 is gold');
    draft.verdict(clause, { a: filler(1_000, 'gold') }, 'yes', 'element 1,000 is gold');
    draft.verdict(clause, { a: filler(1_001, 'gold') }, 'no', 'element 1,001 is gold');
    draft.verdict(
      clause,
      {
        a: [
          ...Array<null>(1_000)
            .fill(null)
            .map(() => ({})),
          'gold',
        ],
      },
      'na',
      'element 1,001 behind objects',
    );
  }
  for (const a of [[1], ['1'], [1, '1'], [true], [0], [[1]]]) draft.verdict(['in', 'a', [1, false]], { a });
  for (const path of [
    ['a', '0'],
    ['a', 'length'],
    ['a', 'b'],
  ]) {
    for (const a of [['gold', 'gold'], [{ b: 'gold' }], { 0: 'gold', length: 'gold', b: 'gold' }]) {
      draft.verdict(['in', path, ['gold', 1, 2]], { a });
    }
  }
  return draft.done();
}
