/** The line of an entry by its bytes: what a regular expression over its text finds, however it is damaged. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTimes, type EntryLine, hasHash, hashOf, isUpon, LEAF_AT, previousOf } from '#control/audit/entry-line';
import { entryLine, readExportLine } from '#control/audit/export-line';
import { leafHash, leafHashIn } from '#control/audit/merkle-hash';
import { sha256 } from '#control/audit/sha256';
import { entryOf, sealAll } from './fixtures/audit-log.ts';

const ENTRY =
  /^\{"hash":"([\s\S]{43})","leaf":[\s\S]*\},"previous":"([\s\S]{43})","seq":(0|[1-9]\d{0,15}),"time":"([\s\S]{24})"\}\}$/;
const LINES = sealAll(Array.from({ length: 12 }, (_, index) => entryOf(index))).map((leaf) =>
  entryLine(leaf).trimEnd(),
);

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0));
const read = (text: string) => readExportLine(bytesOf(text));
const entry = (text: string): EntryLine => {
  const line = read(text);
  if (line.kind !== 'entry') throw new Error(JSON.stringify(line));
  return line;
};

describe('the line of an entry', () => {
  it('has the hash beside it, the one before, its place and its leaf', () => {
    for (const [seq, text] of LINES.entries()) {
      const [, hash = '', previous = ''] = ENTRY.exec(text) ?? [];
      const line = entry(text);
      expect([hashOf(line), previousOf(line), line.seq]).toEqual([hash, previous, seq]);
      const leaf = text.slice(text.indexOf('"leaf":') + 7, -1);
      expect(new TextDecoder().decode(line.line.subarray(LEAF_AT, -1))).toBe(leaf);
      expect(leafHashIn(line.line, LEAF_AT, sha256)).toBe(leafHash(bytesOf(leaf)));
      expect(line.line).toEqual(bytesOf(text));
      expect([hasHash(line, hash), isUpon(line, previous)]).toEqual([true, true]);
      expect([hasHash(line, previous), isUpon(line, hash)]).toEqual([false, false]);
    }
  });

  it.each([
    ['1e21', false],
    ['9007199254740991', true],
    ['9007199254740992', false],
    ['99999999999999999', false],
    ['00', false],
    ['01', false],
    ['0', true],
    ['-1', false],
    ['', false],
  ])('has a number as JSON writes it, or is none: %s', (digits, isEntry) => {
    const text = (LINES[7] as string).replace('"seq":7', `"seq":${digits}`);
    expect(read(text).kind).toBe(isEntry ? 'entry' : 'malformed');
    if (isEntry) expect(entry(text).seq).toBe(Number(digits));
  });

  it('is none where something of its form is missing, added or another', () => {
    const damage = fc.record({
      line: fc.nat(LINES.length - 1),
      from: fc.oneof(fc.nat(80), fc.integer({ min: -140, max: -1 })),
      removed: fc.nat(3),
      added: fc.string({ maxLength: 3, unit: fc.constantFrom('"', '}', '0', '7', ',', ':', 'x', '\xff') }),
    });
    fc.assert(
      fc.property(damage, ({ line, from, removed, added }) => {
        const text = LINES[line] as string;
        const at = from < 0 ? text.length + from : from;
        const damaged = text.slice(0, at) + added + text.slice(at + removed);
        const found = ENTRY.exec(damaged);
        const isEntry = found !== null && Number.isSafeInteger(Number(found[3]));
        expect(read(damaged).kind).toBe(isEntry ? 'entry' : 'malformed');
        if (isEntry) expect(entry(damaged).seq).toBe(Number(found[3]));
      }),
      { numRuns: 5_000, seed: 53 },
    );
  });
});

describe('a leaf that is hashed in its line', () => {
  it('leaves the line as it was, also where nothing comes of it', () => {
    const line = bytesOf(LINES[3] as string);
    const fails = (): string => {
      throw new Error('no hash');
    };
    expect(() => leafHashIn(line, LEAF_AT, fails)).toThrow('no hash');
    expect(line).toEqual(bytesOf(LINES[3] as string));
  });
});

describe('the times of entries', () => {
  it('are compared with the one before alone, as texts are', () => {
    const digits = fc.string({ minLength: 24, maxLength: 24, unit: fc.constantFrom('0', '1', '9') });
    fc.assert(
      fc.property(fc.array(digits), (times) => {
        const { isEarlier } = createTimes();
        const at = (time: string): EntryLine =>
          entry((LINES[0] as string).replace(/"time":"[^"]*"/, `"time":"${time}"`));
        const found = times.map((time) => isEarlier(at(time)));
        expect(found).toEqual(times.map((time, index) => index > 0 && time < (times[index - 1] as string)));
      }),
      { seed: 53 },
    );
  });
});
