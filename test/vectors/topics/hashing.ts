import { createDraft, type Draft, named, type Topic } from './draft.ts';

const NAMES = Array.from({ length: 64 }, (_, index) => `v${index}`);
const LENGTHS = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 15, 16, 17, 19, 20];
const LONG = [47, 48, 49, 63, 64, 65, 100, 127, 128, 255, 256, 257, 511, 512, 1_000, 1_023, 1_024, 2_047, 2_048];
const WIDE = ['\u00e9', '\u20ac', '\u{1f600}', '\ud800', '\udfff'];

/** Code points at the edges of the encodings of UTF-8, and surrogates without partners. */
const EDGES = [
  '\u0001',
  '\u007f',
  '\u0080',
  '\u07ff',
  '\u0800',
  '\u0fff',
  '\u1000',
  '\ud7ff',
  '\ue000',
  '\ufffd',
  '\uffff',
  '\u{10000}',
  '\u{103ff}',
  '\u{10400}',
  '\u{1f600}',
  '\u{fffff}',
  '\u{100000}',
  '\u{10ffff}',
  '\ud800',
  '\udbff',
  '\udc00',
  '\udfff',
  '\udc00\ud800',
  '\ud800\ud800\udc00',
  '\ud800\udc00\udc00',
  '\ud83d\ud83d',
  '\ude00\ude00',
  '\ud83da',
  'a\ud83d',
  '\ud83d\ue000',
  '\ud83d\u00e9',
  '\udbff\ue000',
  '\udc00\udbff\udfff\ud800',
];

function pattern(length: number, from: number): string {
  return Array.from({ length }, (_, index) => String.fromCharCode(33 + ((from + index * 7) % 94))).join('');
}

function finelySplit(): number[] {
  return Array.from({ length: 256 }, (_, index) => [
    (index * 29) % 64,
    Math.floor(((index + 1) * 100_000) / 256),
  ]).flat();
}

function addUnits(draft: Draft, flag: string): void {
  for (let length = 1; length <= 40; length++) {
    draft.add(`ASCII, ${length} bytes`, flag, { targetingKey: pattern(length, length) });
    draft.add(`one letter, ${length} times`, flag, { targetingKey: 'a'.repeat(length) });
  }
  for (const length of LONG) draft.add(`ASCII, ${length} bytes`, flag, { targetingKey: pattern(length, 3) });
  for (const wide of WIDE) {
    for (const length of [5, 16, 333, 683, 1_024, 2_048]) {
      const key = wide.repeat(length).slice(0, 2_048);
      draft.add(`${JSON.stringify(wide)}, ${key.length} units`, flag, { targetingKey: key });
    }
  }
  for (const edge of EDGES) {
    draft.add(`${JSON.stringify(edge)} alone`, flag, { targetingKey: edge });
    draft.add(`${JSON.stringify(edge)} between`, flag, { targetingKey: `x${edge}y` });
  }
}

function addPositions(draft: Draft, flag: string): void {
  for (const wide of WIDE) {
    for (const length of LENGTHS) {
      for (let at = 0; at < length; at += length > 8 ? 3 : 1) {
        const key = pattern(at, 5) + wide + pattern(length - at - 1, 60);
        draft.add(`${JSON.stringify(wide)} at ${at} of ${length}`, flag, { targetingKey: key });
      }
    }
  }
}

/** XXH32 of unit keys: every length of a tail, and every form of UTF-8. */
export function hashing(): Topic {
  const draft = createDraft('Unit keys of every length and encoding, told apart by a split of 256 ranges.');
  const flag = draft.entry({ k: 'fine', r: 7, v: named(...NAMES), s: 'x7Kq2mPd', f: [0, finelySplit()] });
  addUnits(draft, flag);
  addPositions(draft, flag);
  return draft.done();
}

/** XXH32 of salts: the seed of the second hash. */
export function salts(): Topic {
  const draft = createDraft('Salts of every length and encoding; the unit keys are few.');
  const names = NAMES.slice(0, 16);
  const coarse = names.flatMap((_, index) => [index, (index + 1) * 6_250]);
  const texts = Array.from({ length: 64 }, (_, index) => pattern(index + 1, index));
  const all = [...texts, ...EDGES, '0', '\u00e9'.repeat(64), '\ud83d'.repeat(64), '\u{1f600}'.repeat(32)];
  all.forEach((s, index) => {
    const key = draft.entry({ k: `salted.${index}`, r: 7, v: named(...names), s, f: [0, coarse] });
    for (const unit of ['user-1', 'user-2', '\u00e9', 'a much longer unit key, 40 characters ..']) {
      draft.add(`salt ${JSON.stringify(s)}, unit ${JSON.stringify(unit)}`, key, { targetingKey: unit });
    }
  });
  return draft.done();
}
