import { createDraft, type Draft, misspellings, type Topic } from './draft.ts';

/** In ascending precedence; those in one row are equal. */
const ORDER: readonly (readonly string[])[] = [
  ['0.0.0-0'],
  ['0', '0.0', '0.0.0', '0+a', '0.0.0+00'],
  ['0.0.1'],
  ['0.1', '0.1.0'],
  ['0.9.9'],
  ['0.10.0'],
  ['1-0', '1.0.0-0'],
  ['1.0.0-2'],
  ['1.0.0-10'],
  ['1.0.0-9007199254740992'],
  ['1.0.0-9007199254740993'],
  ['1.0.0-99999999999999999999'],
  ['1.0.0--'],
  ['1.0.0--1'],
  ['1.0.0-0a'],
  ['1.0.0-10a'],
  ['1.0.0-1a'],
  ['1.0.0-A'],
  ['1.0.0-Z'],
  ['1.0-a', '1.0.0-a', '1.0.0-a+b.c'],
  ['1.0.0-a.0'],
  ['1.0.0-a.0.0'],
  ['1.0.0-a.1'],
  ['1.0.0-a.b'],
  ['1.0.0-a-b'],
  ['1.0.0-aa'],
  ['1.0.0-alpha.1'],
  ['1.0.0-alpha.beta'],
  ['1.0.0-beta.2'],
  ['1.0.0-beta.11'],
  ['1.0.0-rc.1'],
  ['1', '1.0', '1.0.0', '1.0.0+x', '1+-', '1.0+0.00.a-b'],
  ['1.0.1'],
  ['1.0.10'],
  ['1.2.3-a'],
  ['1.2.3'],
  ['1.9'],
  ['1.10'],
  ['2.0.0-a'],
  ['2'],
  ['10'],
  ['999999999999998'],
  ['999999999999999.0.0'],
  ['999999999999999.0.1'],
  ['999999999999999.999999999999999.999999999999999'],
];

const OPERATORS = {
  semverEquals: (order: number) => order === 0,
  semverLessThan: (order: number) => order < 0,
  semverAtMost: (order: number) => order <= 0,
  semverGreaterThan: (order: number) => order > 0,
  semverAtLeast: (order: number) => order >= 0,
} as const;

function addOrder(draft: Draft): void {
  ORDER.forEach(([value = ''], base) => {
    for (const [operator, holds] of Object.entries(OPERATORS)) {
      ORDER.forEach((equals, index) => {
        const near = Math.abs(index - base) <= (operator === 'semverLessThan' ? 3 : 1);
        if (!near && (index + base) % 29 !== 0) return;
        const said = holds(index - base) ? 'yes' : 'no';
        for (const attribute of index === base ? equals : equals.slice(0, 1))
          draft.verdict([operator, 'a', [value]], { a: attribute }, said);
      });
    }
  });
}

const INVALID: readonly unknown[] = [
  '',
  ' ',
  'v1',
  'V1.0.0',
  '1.',
  '.1',
  '1..2',
  '1.2.',
  '1.2.3.',
  '1.2.3.4',
  '01',
  '1.01',
  '1.2.03',
  '00',
  '-1',
  '+1',
  '1.-1',
  '1.0.0-',
  '1.0.0+',
  '1.0.0-+a',
  '1.0.0-a+',
  '1.0.0-a..b',
  '1.0.0-.a',
  '1.0.0-a.',
  '1.0.0-01',
  '1.0.0-a.00',
  '1.0.0-00',
  '1.0.0-001',
  '1.0.0-0123456789',
  '1.0.0-a.000',
  '1.0.0-a.01.b',
  '1.0.0+a..b',
  '1.0.0+a.',
  '1.0.0+.a',
  '1.0.0+a+b',
  '1.0.0-a_b',
  '1.0.0-\u00e9',
  '1.0.0 ',
  ' 1.0.0',
  '1.0.0\n',
  '1.x',
  '1.*',
  '1,0',
  '\u0661',
  '1000000000000000',
  '1.1000000000000000.0',
  '1.0.1000000000000000',
  `1.0.0-${'a'.repeat(251)}`,
  1,
  1.2,
  true,
  false,
  {},
  [],
  [1],
  [['1.0.0']],
  null,
];

const VALID = [
  '1.0.0-0',
  '1.0.0-0.0',
  '1.0.0-a.0',
  '1.0.0-00a',
  '1.0.0-0-0',
  '1.0.0+00',
  '1.0.0+0.0',
  '1.0.0---',
  '1.0.0+-',
  '1-1-1',
  '1+1+'.slice(0, 3),
  `1.0.0-${'a'.repeat(250)}`,
  `1.0.0+${'0'.repeat(250)}`,
];

function addForms(draft: Draft): void {
  for (const operator of [...Object.keys(OPERATORS), 'semverTilde', 'semverCaret']) {
    const some = ['semverEquals', 'semverTilde'].includes(operator) ? INVALID : INVALID.slice(-12);
    for (const attribute of some) draft.verdict([operator, 'a', ['1', '0.0.0-0']], { a: attribute }, 'na');
    draft.verdict([operator, 'a', ['1']], {}, 'na');
    for (const attribute of ['0.9', '1', '1.5', '3', '4']) {
      draft.verdict([operator, 'a', ['1', '3']], { a: attribute });
      draft.verdict([operator, 'a', ['1', '3'], 1], { a: attribute });
      draft.verdict([operator, 'a', ['1', '3'], 2], { a: attribute });
    }
    draft.verdict([operator, 'a', ['1']], { a: ['x', '1.0.0', 1] });
  }
  for (const attribute of VALID) draft.verdict(['semverAtMost', 'a', ['2']], { a: attribute }, 'yes');
}

/** Precedence and forms of versions. */
export function semver(): Topic {
  const draft = createDraft('semverEquals to semverAtLeast: precedence and what is no version.');
  addOrder(draft);
  addForms(draft);
  return draft.done();
}

/** Versions, one character wrong. */
export function semverSpelling(): Topic {
  const draft = createDraft('Versions with one character replaced, left out or doubled.');
  const characters = [...' +-./019:@AZ[`az{_'];
  for (const text of ['10.9.0-a0.9+z.Z', '1-9a', '2.0+Z']) {
    for (const attribute of misspellings(text, characters))
      draft.verdict(['semverLessThan', 'a', ['10.9.0-a0.9']], { a: attribute });
  }
  return draft.done();
}
