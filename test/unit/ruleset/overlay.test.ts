import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDelta } from '#ruleset/delta';
import { Refusal } from '#ruleset/expect';
import { overlay } from '#ruleset/overlay';
import { type RulesetReader, readLines } from '#ruleset/reader';
import { makeDelta } from '#ruleset/write/make-delta';
import { MAX_ENTRIES } from '#schema/limits';
import { rawLine, rawLines } from '../fixtures/lines.ts';

const KEYS = ['a', 'a.b', 'b', 'c', 'd.e', 'segment:s', 'segment:t', 'z'];
const LINES = fc
  .dictionary(fc.constantFrom(...KEYS), fc.integer({ min: 1, max: 3 }))
  .map((values) => rawLines(Object.entries(values).map(([k, r]) => ({ k, r, o: 0, f: 1 }))));

const changesTo = (reader: RulesetReader, lines: string): string => makeDelta('', reader.lines, '', lines).changes;

/** All that can be seen of a reader. */
const seen = (reader: RulesetReader) => ({
  ...{ lines: reader.lines, entryCount: reader.entryCount, version: reader.version, flagKeys: reader.flagKeys() },
  entries: [...KEYS, '', 'nobody'].map((key) => [key, reader.line(key), reader.firstUse(key) !== undefined]),
  faults: reader.faults(),
});

describe('B12: R26: changes on top of lines that were read before', () => {
  it('are read as all the lines would be, however many follow one another', () => {
    fc.assert(
      fc.property(LINES, fc.array(LINES, { minLength: 1, maxLength: 6 }), (first, others) => {
        let reader = readLines(first, 1);
        others.forEach((lines, at) => {
          const overlaid = overlay(reader, changesTo(reader, lines));
          expect(overlaid.pieces.join('')).toBe(lines);
          reader = overlaid.read(at + 2);
          expect(seen(reader)).toEqual(seen(readLines(lines, at + 2)));
        });
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  const flag = (at: number, r = 1): string => rawLine({ k: `f${String(at).padStart(5, '0')}`, r, o: 0, f: 1 });
  const flags = (count: number): string => Array.from({ length: count }, (_, at) => flag(at)).join('');

  it('are put together with them once they are many', () => {
    const whole = flags(1_000);
    let reader = readLines(whole, 1);
    for (let at = 0; at < 600; at++) reader = overlay(reader, flag(at, 2)).read(2 + at);
    expect(reader.overlay?.patches.length).toBeLessThan(512);
    const changes = Array.from({ length: 600 }, (_, at) => flag(at, 2)).join('');
    expect(reader.lines).toBe(applyDelta(whole, changes));
    expect(reader.line('f00300')).toBe(flag(300, 2).trimEnd());
  });

  it('are put together with them where they are long: no short line keeps a long delta', () => {
    const long = (text: string): string => rawLine({ k: 'z', r: 1, text: text.repeat(100_000) });
    const reader = overlay(readLines(flags(3) + long('a'), 1), flag(1, 2) + long('b')).read(2);
    expect(reader.overlay).toBeUndefined();
    expect(reader.lines).toBe(flag(0) + flag(1, 2) + flag(2) + long('b'));
  });

  it('B05: R4: are refused where there would be too many entries, and where they are out of form or order', () => {
    const full = readLines(flags(MAX_ENTRIES), 1);
    const codeOf = (changes: string): string => {
      try {
        return `${overlay(full, changes).read(2).entryCount}`;
      } catch (error) {
        return error instanceof Refusal ? error.message.slice(0, 16) : 'thrown';
      }
    };
    expect(codeOf(flag(3, 2))).toBe('10000');
    expect(codeOf('{"k":"f00003"}\n')).toBe('9999');
    expect(codeOf(rawLine({ k: 'g', r: 1 }))).toBe('entries is 10001');
    for (const bad of ['x', '{"k":"a"', `${flag(4)}${flag(3)}`, `${flag(4)}${flag(4)}`]) {
      expect(codeOf(bad), bad).toMatch(/^line is/);
    }
  });
});
