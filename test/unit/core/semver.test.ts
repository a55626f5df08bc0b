import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clauseVerdict } from '../fixtures/verdict.ts';

function holds(operator: string, version: string, base: string): boolean {
  const verdict = clauseVerdict(operator, [base], version);
  expect(['yes', 'no'], `${version} ${base}`).toContain(verdict);
  return verdict === 'yes';
}

const isVersion = (text: string): boolean => clauseVerdict('semverEquals', [text], '1') !== 'refused';

function compare(a: string, b: string): number {
  const order = holds('semverLessThan', a, b) ? -1 : holds('semverGreaterThan', a, b) ? 1 : 0;
  expect(holds('semverEquals', a, b)).toBe(order === 0);
  expect(holds('semverAtMost', a, b)).toBe(order <= 0);
  expect(holds('semverAtLeast', a, b)).toBe(order >= 0);
  return order;
}

/** semver.org, section 11, and its neighbours: each precedes the next. */
const ASCENDING = [
  '0.0.0-0',
  '0.0.0',
  '0.0.1',
  '0.1.0',
  '1.0.0--',
  '1.0.0-A',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.1.0',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-beta.11a',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.2',
  '1.0.10',
  '1.2.0',
  '1.10.0',
  '2.0.0',
  '2.1.0',
  '2.1.1',
  '10.0.0',
  '999999999999999.0.0',
];

const VALID = [
  '0',
  '1.2',
  '1.2.3',
  '1.0.0-0A.is.legal',
  '1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay',
  '1.2.3----RC-SNAPSHOT.12.9.1--.12+788',
  '1.0.0+0.build.1-rc.10000aaa-kk-0.1',
  '1.2.3-0123abc',
  '1.0.0+001',
  '1.0-beta',
  '1+build',
  `1.0.0-${'a'.repeat(250)}`,
];

const INVALID = [
  '',
  ' 1.0.0',
  '1.0.0 ',
  'v1.0.0',
  '1.',
  '1..2',
  '.1',
  '1.2.3.4',
  '01.2.3',
  '1.02.3',
  '1.2.03',
  '1.0.0-',
  '1.0.0-01',
  '1.0.0-a..b',
  '1.0.0-a.',
  '1.0.0+',
  '1.0.0+a..b',
  '1.0.0+a+b',
  '1.0.0-é',
  '1.0.0_beta',
  '-1.0.0',
  '1.-1.0',
  '1e3',
  '１.０.０',
  '1000000000000000.0.0',
  'alpha',
  `1.0.0-${'a'.repeat(251)}`,
];

it('orders all pairs of versions as semver.org, section 11, does', () => {
  ASCENDING.forEach((a, i) => {
    ASCENDING.forEach((b, j) => {
      expect(compare(a, b), `${a} ${b}`).toBe(Math.sign(i - j));
    });
  });
});

it('leaves build metadata and unwritten zeros out of precedence', () => {
  expect(compare('1.0.0+a', '1.0.0+b')).toBe(0);
  expect(compare('1.0.0-rc.1+a', '1.0.0-rc.1')).toBe(0);
  expect(compare('1', '1.0.0')).toBe(0);
  expect(compare('1.2', '1.2.0')).toBe(0);
});

it('compares pre-release numbers beyond 2^53 exactly', () => {
  expect(compare('1.0.0-9007199254740992', '1.0.0-9007199254740993')).toBe(-1);
  expect(compare('1.0.0-99999999999999999999', '1.0.0-100000000000000000000')).toBe(-1);
});

describe('given texts that are versions or nearly so', () => {
  for (const text of VALID) it(`reads ${text.slice(0, 50)} as a version`, () => expect(isVersion(text)).toBe(true));
  for (const text of INVALID) {
    it(`reads ${JSON.stringify(text.slice(0, 30))} as no version`, () => expect(isVersion(text)).toBe(false));
  }
});

it('reads any text alike as an attribute and as a value, without an error', () => {
  const unit = fc.constantFrom(...'0123456789.-+azAZ é');
  fc.assert(
    fc.property(
      fc.string({ unit }),
      (text) => isVersion(text) === (clauseVerdict('semverEquals', ['1'], text) !== 'not applicable'),
    ),
    { seed: 1 },
  );
});

/** base, version, in tilde, in caret */
const RANGES: readonly (readonly [string, string, boolean, boolean])[] = [
  ['1.2.3', '1.2.3', true, true],
  ['1.2.3', '1.2.9', true, true],
  ['1.2.3', '1.3.0', false, true],
  ['1.2.3', '2.0.0', false, false],
  ['1.2.3', '1.2.2', false, false],
  ['1.2.3', '1.2.3-rc.1', false, false],
  ['1.2', '1.2.99', true, true],
  ['1.2', '1.3.0', false, true],
  ['1', '1.99.0', true, true],
  ['1', '2.0.0', false, false],
  ['0.2.3', '0.2.9', true, true],
  ['0.2.3', '0.3.0', false, false],
  ['0.0.3', '0.0.3', true, true],
  ['0.0.3', '0.0.4', true, false],
  ['0.0', '0.0.9', true, true],
  ['0.0', '0.1.0', false, false],
  ['0', '0.9.9', true, true],
  ['0', '1.0.0', false, false],
  ['1.2.3-beta.2', '1.2.3-beta.4', true, true],
  ['1.2.3-beta.2', '1.2.4', true, true],
];

for (const [base, version, tilde, caret] of RANGES) {
  it(`puts ${version} ${tilde ? 'in' : 'out of'} ~${base} and ${caret ? 'in' : 'out of'} ^${base}`, () => {
    expect(holds('semverTilde', version, base)).toBe(tilde);
    expect(holds('semverCaret', version, base)).toBe(caret);
  });
}
