import { createDraft, type Draft, type Said, show, type Topic } from './draft.ts';

const BASES = [
  '0',
  '0.0',
  '0.0.0',
  '0.0.3',
  '0.2',
  '0.2.0',
  '0.2.3',
  '1',
  '1.0',
  '1.2',
  '1.2.3',
  '1.2.3-b.2',
  '0-a',
  '0.0-a',
  '0.0.3-b',
  '0.2-a',
  '10.0.0',
  '1+x',
  '1.2+1.2.3',
];
const VERSIONS = [
  '0',
  '0.0.0-a',
  '0.0.1',
  '0.0.3-a',
  '0.0.3-b',
  '0.0.3',
  '0.0.4-0',
  '0.0.4',
  '0.1.9',
  '0.2.0-a',
  '0.2',
  '0.2.2',
  '0.2.3',
  '0.2.99',
  '0.3.0-a',
  '0.3',
  '1.0.0-a',
  '1',
  '1.0.7',
  '1.1.9',
  '1.2',
  '1.2.2',
  '1.2.3-a',
  '1.2.3-b.10',
  '1.2.3',
  '1.2.3+x',
  '1.2.4-a',
  '1.2.99',
  '1.3.0-a',
  '1.3',
  '1.99.99',
  '2.0.0-a',
  '2',
  '10',
  '10.0.1',
  '11',
];

function addRanges(draft: Draft): void {
  for (const operator of ['semverTilde', 'semverCaret']) {
    for (const base of BASES)
      for (const attribute of VERSIONS) draft.verdict([operator, 'a', [base]], { a: attribute });
  }
}

type Claim = readonly [string, string, string, Said];

/** Some of the ranges said again by hand. */
const CLAIMS: readonly Claim[] = [
  ['semverTilde', '1', '1.99.99', 'yes'],
  ['semverTilde', '1.2', '1.3', 'no'],
  ['semverTilde', '1.2.3', '1.2.99', 'yes'],
  ['semverTilde', '1.2.3', '1.2.2', 'no'],
  ['semverTilde', '0', '0.3', 'yes'],
  ['semverCaret', '1.2.3', '1.99.99', 'yes'],
  ['semverCaret', '1.2.3', '2.0.0-a', 'no'],
  ['semverCaret', '0.2.3', '0.2.99', 'yes'],
  ['semverCaret', '0.2.3', '0.3', 'no'],
  ['semverCaret', '0.0.3', '0.0.4', 'no'],
  ['semverCaret', '0.0', '0.0.4', 'yes'],
  ['semverCaret', '0.0', '0.1.9', 'no'],
  ['semverCaret', '0', '0.3', 'yes'],
  ['semverCaret', '0.0.0', '0.0.1', 'no'],
  ['semverCaret', '1.2.3-b.2', '1.2.3-a', 'no'],
];

/** `semverTilde`, `semverCaret`. */
export function semverRanges(): Topic {
  const draft = createDraft('semverTilde and semverCaret: tables of bases and versions.');
  addRanges(draft);
  for (const [operator, base, version, said] of CLAIMS) {
    draft.verdict([operator, 'a', [base]], { a: version }, said, `${show(version)} by hand`);
  }
  return draft.done();
}
