import { createDraft, type Draft, type Said, type Topic } from './draft.ts';

const OPERATORS = ['startsWith', 'endsWith', 'contains'] as const;
const VALUES = ['a', 'gold', 'old', 'go', ' ', '\u00e9', '\u0301', '\ud83d', '\ude00', '\u{1f600}', 'aa'];
const ATTRIBUTES: readonly unknown[] = [
  '',
  'a',
  'aa',
  'aba',
  'gold',
  'golden',
  'marigold',
  'Gold',
  'go',
  'old',
  ' gold ',
  'caf\u00e9',
  'cafe\u0301',
  '\u00e9t\u00e9',
  '\u{1f600}',
  'x\u{1f600}',
  '\u{1f600}x',
  '\ud83d',
  '1',
];
const OTHERS: readonly unknown[] = [1, 0, true, false, null, {}, [], [1], [null], [['a']], [{}]];

function expected(operator: (typeof OPERATORS)[number], attribute: string, value: string): Said {
  const at = {
    startsWith: attribute.slice(0, value.length) === value,
    endsWith: attribute.length >= value.length && attribute.slice(attribute.length - value.length) === value,
    contains: attribute.split(value).length > 1,
  };
  return at[operator] ? 'yes' : 'no';
}

function addLimits(draft: Draft, operator: string): void {
  const full = 'x'.repeat(16_384);
  draft.verdict([operator, 'a', ['x']], { a: full }, 'yes');
  draft.verdict([operator, 'a', ['x']], { a: `${full}x` }, 'na');
  if (operator === 'contains') {
    draft.verdict([operator, 'a', ['X'], 2], { a: full }, 'yes');
    draft.verdict([operator, 'a', ['X'], 2], { a: `${full}x` }, 'na');
  }
  draft.verdict([operator, 'a', ['x'.repeat(1_024)]], { a: 'x'.repeat(1_024) }, 'yes');
  draft.verdict([operator, 'a', ['x'.repeat(1_024)]], { a: 'x'.repeat(1_023) }, 'no');
}

/** `startsWith`, `endsWith`, `contains`. */
export function text(): Topic {
  const draft = createDraft('startsWith, endsWith, contains: by code unit, on texts of at most 16,384.');
  for (const operator of OPERATORS) {
    for (const value of VALUES) {
      for (const attribute of ATTRIBUTES) {
        draft.verdict([operator, 'a', [value]], { a: attribute }, expected(operator, String(attribute), value));
      }
    }
    for (const attribute of OTHERS) draft.verdict([operator, 'a', ['a', '1', 'true']], { a: attribute }, 'na');
    draft.verdict([operator, 'a', ['a']], {}, 'na');
    for (const attribute of ['ax', 'xa', 'bx', 'xb', 'cx', 'xc', 'd', 'xbx']) {
      draft.verdict([operator, 'a', ['a', 'b', 'c']], { a: attribute });
      draft.verdict([operator, 'a', ['A', 'B', 'c']], { a: attribute });
      draft.verdict([operator, 'a', ['A', 'B', 'C'], 2], { a: attribute });
      draft.verdict([operator, 'a', ['A', 'B', 'C'], 3], { a: attribute });
    }
    addLimits(draft, operator);
  }
  return draft.done();
}
