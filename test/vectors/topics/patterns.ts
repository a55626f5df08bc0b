import { createDraft, type Said, type Topic } from './draft.ts';

type Row = readonly [string, number, readonly string[], readonly string[]];

/** Pattern, bits, texts that match, texts that do not. */
const ROWS: readonly Row[] = [
  ['gold', 0, ['gold', 'a gold ring', 'golden'], ['Gold', 'gol', '']],
  ['gold', 2, ['Gold', 'GOLD', 'a gOld ring'], ['gol', '']],
  ['^gold', 0, ['gold', 'golden'], ['a gold', 'x\ngold']],
  ['gold$', 0, ['gold', 'marigold'], ['golden', 'gold\n', 'gold\nx']],
  ['^gold$', 0, ['gold'], ['gold ', 'golds', 'x\ngold\ny']],
  ['', 0, [], []],
  ['^$', 0, [''], ['x', '\n']],
  ['^.$', 0, ['x', '\u{1f600}', '\u00e9', '\ud83d'], ['', 'xx', '\n', 'e\u0301']],
  ['^..$', 0, ['xx', 'e\u0301', '\ude00\ud83d'], ['\u{1f600}', 'x']],
  ['\\p{Lu}', 0, ['A', 'x\u00c9'], ['a', '\u00e9', '1']],
  ['\\u{1f600}', 0, ['\u{1f600}', 'x\u{1f600}y'], ['\ud83d', '\ude00']],
  ['[\\u{1f600}-\\u{1f602}]', 0, ['\u{1f601}'], ['\u{1f603}', '\ud83d']],
  ['^\\d+$', 0, ['0', '12'], ['\u0660', '1a', '']],
  ['^\\w+$', 0, ['a_1'], ['\u00e9', 'a-b']],
  ['^\\w$', 2, ['\u017f', '\u212a'], ['\u00e9']],
  ['k', 2, ['K', '\u212a'], ['x']],
  ['s', 2, ['S', '\u017f'], ['\u00df']],
  ['\u00df', 2, ['\u00df', '\u1e9e'], ['ss', 'SS']],
  ['\u00df', 0, ['\u00df'], ['\u1e9e', 'ss']],
  ['\u03c3', 2, ['\u03c3', '\u03c2', '\u03a3'], ['s']],
  ['\u03c3', 0, ['\u03c3'], ['\u03c2', '\u03a3']],
  ['i', 2, ['i', 'I'], ['\u0130', '\u0131']],
  ['\u0130', 2, ['\u0130'], ['i', 'I', '\u0131']],
  ['^[a-z]+$', 2, ['ABC', '\u212a'], ['A1']],
  ['^(?:a|b){2,3}$', 0, ['ab', 'bba'], ['a', 'abab']],
  ['a.c', 0, ['abc', 'a c'], ['a\nc', 'ac']],
  ['^[^@/]+@example[.]com$', 0, ['me@example.com'], ['me@examplexcom', 'a@b@example.com']],
  ['\\.', 0, ['a.b'], ['ab']],
  ['\\bcat\\b', 0, ['a cat'], ['concatenate']],
  ['(?<year>\\d{4})', 0, ['in 2026'], ['in 202']],
];

const OTHERS: readonly unknown[] = [1, 0, true, false, null, {}, [], [1], [['gold']], [{}]];

/** `matches`. */
export function patterns(): Topic {
  const draft = createDraft(
    'matches: ECMAScript patterns with the flag u, and i where case is ignored; texts of at most 1,024.',
  );
  for (const [pattern, bits, matching, others] of ROWS) {
    if (pattern === '') continue;
    const said = (texts: readonly string[], verdict: Said) => {
      for (const text of texts) draft.verdict(['matches', 'a', [pattern], bits], { a: text }, verdict);
    };
    said(matching, 'yes');
    said(others, 'no');
    // A pattern that kept a position from one text to the next would fail the second time.
    said(matching, 'yes');
  }
  for (const attribute of OTHERS) draft.verdict(['matches', 'a', ['gold', '1', '.*']], { a: attribute }, 'na');
  draft.verdict(['matches', 'a', ['.*']], {}, 'na');
  for (const text of ['gold', 'silver', 'bronze', '', 'old']) {
    draft.verdict(
      ['matches', 'a', ['^gold$', '^silver$']],
      { a: text },
      ['gold', 'silver'].includes(text) ? 'yes' : 'no',
    );
    draft.verdict(['matches', 'a', ['^gold$', '^silver$'], 1], { a: text });
    draft.verdict(['matches', 'a', ['^GOLD$', '^SILVER$'], 3], { a: text });
    draft.verdict(['matches', 'a', ['^GOLD$', '^SILVER$'], 0], { a: text }, 'no');
  }
  draft.verdict(['matches', 'a', ['x']], { a: 'x'.repeat(1_024) }, 'yes');
  draft.verdict(['matches', 'a', ['x']], { a: 'x'.repeat(1_025) }, 'na');
  draft.verdict(['matches', 'a', ['y']], { a: 'x'.repeat(1_024) }, 'no');
  draft.verdict(['matches', 'a', ['x'], 2], { a: ['x'.repeat(1_025), 'X'] }, 'yes');
  draft.verdict(['matches', 'a', ['x'.repeat(256)]], { a: 'x'.repeat(256) }, 'yes');
  return draft.done();
}
