import { createDraft, type Topic } from './draft.ts';

const TEXTS = [
  'gold',
  'GOLD',
  'gOLd',
  '\u00e9',
  '\u00c9',
  'e\u0301',
  'E\u0301',
  'i',
  'I',
  '\u0130',
  'i\u0307',
  '\u0131',
  '\u03c3',
  '\u03c2',
  '\u03a3',
  '\u03b1\u03a3',
  '\u0391\u03a3',
  '\u03b1\u03c2',
  '\u03b1\u03c3',
  '\u03b1\u03a3\u03b2',
  '\u03b1\u03c3\u03b2',
  '\u00df',
  '\u1e9e',
  'ss',
  'SS',
  '\u212a',
  'k',
  'K',
  '\u017f',
  's',
  '\u{10400}',
  '\u{10428}',
  '\ud801',
  '\ufb01',
  'fi',
  '\u01c5',
  '\u01c6',
  '1',
];

const PAIRS: readonly (readonly [string, string])[] = [
  ['gold', 'GOLDEN'],
  ['OLD', 'gold'],
  ['OL', 'gold'],
  ['I', '\u0130'],
  ['i\u0307', '\u0130'],
  ['\u0307', '\u0130'],
  ['\u03c3', '\u0391\u03a3'],
  ['\u03c2', '\u0391\u03a3'],
  ['\u0391\u03a3', '\u03b1\u03c3\u03b2'],
  ['\u03a3', '\u03b1\u03c3\u03b2'],
  ['\u03b1\u03c3', '\u0391\u03a3\u0392'],
  ['\u1e9e', 'stra\u00dfe'],
  ['SS', 'stra\u00dfe'],
  ['\u00c9', 'caf\u00e9'],
  ['\u{10400}', 'x\u{10428}'],
];

/** Ignoring case. */
export function caseFolding(): Topic {
  const draft = createDraft('Bits 2: full lower case on both sides, of no locale; simple folding for patterns.');
  TEXTS.forEach((value, row) => {
    TEXTS.forEach((attribute, column) => {
      const isEqual = value.toLowerCase() === attribute.toLowerCase();
      if (!isEqual && (row + column) % 4 !== 0) return;
      draft.verdict(['in', 'a', [value], 2], { a: attribute }, isEqual ? 'yes' : 'no');
    });
  });
  for (const operator of ['startsWith', 'endsWith', 'contains']) {
    for (const [value, attribute] of PAIRS) {
      draft.verdict([operator, 'a', [value], 2], { a: attribute });
      draft.verdict([operator, 'a', [value], 3], { a: attribute });
      draft.verdict([operator, 'a', [value]], { a: attribute });
    }
  }
  for (const [value, attribute] of PAIRS) draft.verdict(['matches', 'a', [value], 2], { a: attribute });
  for (const attribute of ['1.0.0-A', '1.0.0-a']) {
    draft.verdict(['semverEquals', 'a', ['1.0.0-a'], 2], { a: attribute });
    draft.verdict(['semverEquals', 'a', ['1.0.0-A'], 3], { a: attribute });
  }
  return draft.done();
}
