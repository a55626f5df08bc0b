import { expect, it } from 'vitest';
import { joinedPieces, textPieces } from '../../../workers/control/text-pieces.ts';

const MAX_ROW = 2_000_000;

it.each([
  ['nothing', ''],
  ['what fits', 'abc'],
  ['three bytes a code unit', '€'.repeat(2_000_000)],
  ['pairs of halves, from an even place on', '😀'.repeat(1_000_000)],
  ['pairs of halves, from an odd place on', `a${'😀'.repeat(1_000_000)}`],
])('a text is divided for rows, and is the same again: %s', (_what, text) => {
  const pieces = textPieces(text);
  // As a store has them: UTF-8.
  const stored = pieces.map((piece) => Buffer.from(piece, 'utf8'));
  expect(Math.max(...stored.map(({ length }) => length))).toBeLessThan(MAX_ROW);
  const rows = stored.map((bytes, place) => ({ place, text: bytes.toString('utf8') }));
  const [one, two] = [...joinedPieces([...rows, ...rows])];
  expect(one?.text === text && two?.text === text).toBe(true);
});
