import { createDraft, type Draft, type Topic } from './draft.ts';

const SCALARS: readonly unknown[] = [
  '',
  '1',
  '0',
  '-0',
  'true',
  'false',
  'null',
  'gold',
  1,
  0,
  -0,
  -1,
  1.5,
  1e21,
  true,
  false,
];
const TEXTS = [
  'gold',
  'Gold',
  ' gold',
  'gold ',
  'golden',
  '\u00e9',
  'e\u0301',
  '\u{1f600}',
  '\ud83d',
  '\ufffd',
  '\u0000',
];
const NOT_APPLICABLE: readonly unknown[] = [{}, { gold: 1 }, [], [[]], [['gold']], [{}], [null], null];

function isEqual(a: unknown, b: unknown): boolean {
  return a === b;
}

function addPairs(draft: Draft, pool: readonly unknown[]): void {
  for (const value of pool) {
    for (const attribute of pool) {
      const said = isEqual(value, attribute) ? 'yes' : 'no';
      draft.verdict(['in', 'a', [value]], { a: attribute }, said);
    }
  }
}

function addLimits(draft: Draft): void {
  const long = 'x'.repeat(1_024);
  draft.verdict(['in', 'a', [long]], { a: long }, 'yes');
  draft.verdict(['in', 'a', [long]], { a: `${long}x` }, 'no');
  draft.verdict(['in', 'a', ['gold']], { a: 'x'.repeat(16_384) }, 'no');
  draft.verdict(['in', 'a', ['gold']], { a: 'x'.repeat(16_385) }, 'na');
  draft.verdict(['in', 'a', ['gold'], 2], { a: 'x'.repeat(16_384) }, 'no');
  draft.verdict(['in', 'a', ['gold'], 2], { a: 'x'.repeat(16_385) }, 'na');
  draft.verdict(['in', 'a', ['gold']], { a: ['x'.repeat(16_385), 'gold'] }, 'yes');
  draft.verdict(['in', 'a', ['gold']], { a: ['x'.repeat(16_385)] }, 'na');
  const many = Array.from({ length: 1_000 }, (_, index) => `m${index}`);
  draft.verdict(['in', 'a', many], { a: 'm0' }, 'yes');
  draft.verdict(['in', 'a', many], { a: 'm999' }, 'yes');
  draft.verdict(['in', 'a', many], { a: 'm1000' }, 'no');
  const upper = Array.from({ length: 40 }, (_, index) => `M${index}`);
  for (const attribute of ['m0', 'M39', 'm39', 'm40', 'M', '', 7]) {
    draft.verdict(['in', 'a', upper], { a: attribute });
    draft.verdict(['in', 'a', upper, 2], { a: attribute });
    draft.verdict(['in', 'a', [...upper, 7, true]], { a: attribute });
    draft.verdict(['in', 'a', [...upper, 7, true], 3], { a: attribute });
  }
  const numbers = Array.from({ length: 40 }, (_, index) => index * 3);
  for (let number = -1; number < 25; number++) {
    draft.verdict(['in', 'a', numbers], { a: number }, number >= 0 && number % 3 === 0 ? 'yes' : 'no');
  }
}

/** `in`. */
export function membership(): Topic {
  const draft = createDraft('in: type and value are equal; no coercion, no normalisation, no trimming.');
  addPairs(draft, SCALARS);
  addPairs(draft, TEXTS);
  const mixed = ['gold', 7, true, ''];
  for (const attribute of [...SCALARS, 7, '7']) {
    const said = mixed.includes(attribute as string) ? 'yes' : 'no';
    draft.verdict(['in', 'a', mixed], { a: attribute }, said);
    draft.verdict(['in', 'a', mixed, 2], { a: attribute }, said);
    draft.verdict(['in', 'a', mixed, 3], { a: attribute });
    draft.verdict(['in', 'a', mixed, 1], { a: attribute });
  }
  for (const attribute of NOT_APPLICABLE) {
    draft.verdict(['in', 'a', mixed], { a: attribute }, 'na');
    draft.verdict(['in', 'a', mixed, 2], { a: attribute }, 'na');
    draft.verdict(['in', 'a', mixed, 3], { a: attribute }, 'na');
  }
  draft.verdict(['in', 'a', mixed], {}, 'na');
  addLimits(draft);
  return draft.done();
}
