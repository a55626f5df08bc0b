/** A publish by what has changed comes to the same as one of all lines, and never to what was not meant. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOfText } from '#ruleset/write/digest';
import { entryLines } from '#ruleset/write/line';
import { makeDelta } from '#ruleset/write/make-delta';
import { wholeRequest } from '../../../workers/publisher/whole-request.ts';
import { flag, ramp } from './fixtures/entries.ts';
import { errorIn, valueIn } from './fixtures/press.ts';

const forceOf = (lines: string) => ({ lines, digest: digestOfText(lines) });
const LINES = entryLines([flag('a'), ramp('b', 5), flag('d')]);
const force = forceOf(LINES);
const asked = (changes: string, digest = force.digest) => ({ base: 3, changes, digest, confirm: [], acknowledge: 2 });

describe('a publish by what has changed', () => {
  it('is one of all lines: changed, added and removed', () => {
    const changes = `${entryLines([ramp('b', 9), flag('c')])}{"k":"d"}\n`;
    expect(valueIn(wholeRequest(asked(changes), force))).toEqual({
      base: 3,
      confirm: [],
      acknowledge: 2,
      lines: entryLines([flag('a'), ramp('b', 9), flag('c')]),
    });
  });

  it('is the same whatever has changed', () => {
    const set = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'));
    const text = fc.tuple(set, fc.integer({ min: 1, max: 3 }));
    const linesOf = ([keys, percent]: readonly [string[], number]) =>
      entryLines(keys.map((key) => (key < 'c' ? flag(key) : ramp(key, percent))));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const was = forceOf(linesOf(before));
        const { changes } = makeDelta(was.digest, was.lines, '', linesOf(after));
        expect(valueIn(wholeRequest(asked(changes, was.digest), was)).lines).toBe(linesOf(after));
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  it('is refused where other lines are in force, and told which', () => {
    const other = forceOf(entryLines([flag('a')]));
    expect(errorIn(wholeRequest(asked('', force.digest), other))).toEqual({
      code: 'other-lines',
      digest: other.digest,
    });
    expect(errorIn(wholeRequest(asked('', force.digest), undefined))).toEqual({ code: 'other-lines', digest: '' });
  });

  it.each([
    ['keys that are out of order', `${entryLines([flag('c')])}${entryLines([flag('b')])}`],
    ['a key twice', '{"k":"a"}\n{"k":"a"}\n'],
    ['what is no line', 'a\n'],
    ['a line without its end', '{"k":"a"}'],
  ])('is refused where changes have %s', (_, changes) => {
    expect(errorIn(wholeRequest(asked(changes), force))).toMatchObject({
      code: 'invalid-entries',
      issues: [{ key: '', message: expect.stringMatching(/^out of form or order/) }],
    });
  });
});
