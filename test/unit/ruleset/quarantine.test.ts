import { beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate, evaluateAll } from '#core/evaluate';
import type { RulesetCache } from '#ruleset/cache';
import { cacheOf, verdictOf } from '../fixtures/caches.ts';
import { type RawEntry, rawLines } from '../fixtures/lines.ts';
import { createSigner, type Signer } from '../fixtures/signing.ts';

const SOUND: readonly RawEntry[] = [
  { k: 'a.flag', r: 1, f: 1 },
  { k: 'c.flag', r: 1, f: 1 },
];

/** What a newer writer or a broken one may put in a line. */
const BAD: Readonly<Record<string, RawEntry>> = {
  'an unknown operator': { k: 'b.flag', r: 1, o: 0, d: 1, u: [['r', [['isNear', 'plan', ['x']]], 1]], f: 0 },
  'a clause with one element more': {
    k: 'b.flag',
    r: 1,
    d: 1,
    u: [['r', [['exists', 'a', [], 0, 'account', 1]], 1]],
    f: 0,
  },
  'a rule with one element more': { k: 'b.flag', r: 1, d: 1, u: [['r', [['exists', 'a', []]], 1, {}]], f: 0 },
  'an outcome of a new kind': { k: 'b.flag', r: 1, d: 1, f: { schedule: [] } },
  'a new value of a mark': { k: 'b.flag', r: 1, d: 1, c: 2, f: 0 },
  'a null': { k: 'b.flag', r: 1, d: 1, s: null, f: 0 },
  'a segment that is not there': { k: 'b.flag', r: 1, d: 1, u: [['r', [['segment', ['gone']]], 1]], f: 0 },
  'a pattern that does not compile': { k: 'b.flag', r: 1, d: 1, u: [['r', [['matches', 'a', ['(']]], 1]], f: 0 },
};

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner();
});

const offer = async (cache: RulesetCache, entries: readonly RawEntry[], version: number): Promise<string> =>
  verdictOf(await cache.offer(await signer.sign(rawLines(entries), { version })));

describe('given a ruleset with one entry that is refused', () => {
  for (const [name, bad] of Object.entries(BAD)) {
    it(`R27: ${name} refuses the whole where entries are checked, as the first and as a later one`, async () => {
      const first = cacheOf(signer);
      expect(await offer(first, [...SOUND, bad], 1)).toBe('bad-entries');
      expect(first.current()).toBeUndefined();
      const later = cacheOf(signer);
      await offer(later, SOUND, 1);
      expect(await offer(later, [...SOUND, bad], 2)).toBe('bad-entries');
      expect(later.status().version).toBe(1);
    });

    it(`R27: B07: ${name} costs that flag alone where lines are checked, as the first and as a later one`, async () => {
      const first = cacheOf(signer, { check: 'lines' });
      const later = cacheOf(signer, { check: 'lines' });
      await offer(later, SOUND, 1);
      for (const cache of [first, later]) {
        expect(await offer(cache, [...SOUND, bad], 2)).toBe('newer');
        const reader = cache.current()?.reader;
        const decisions = reader === undefined ? [] : evaluateAll(reader, createContext({ targetingKey: 'u' }));
        expect(decisions.map(({ value, errorCode }) => [value, errorCode])).toEqual([
          [true, undefined],
          [true, 'PARSE_ERROR'],
          [true, undefined],
        ]);
      }
    });
  }

  it('R27: lines out of form are refused in both ways of checking', async () => {
    for (const check of ['entries', 'lines'] as const) {
      for (const lines of ['{"k":"a"', 'x\n', '{"r":1,"k":"a"}\n', '\n', ' {"k":"a"}\n', '[]\n']) {
        expect(verdictOf(await cacheOf(signer, { check }).offer(await signer.sign(lines))), lines).toBe('bad-lines');
      }
    }
  });
});

it('R27: a line whose key does not end within it is refused as out of form', async () => {
  for (const check of ['entries', 'lines'] as const) {
    const lines = '{"k":"a\n{"k":"b","r":1,"f":0}\n';
    expect(verdictOf(await cacheOf(signer, { check }).offer(await signer.sign(lines)))).toBe('bad-lines');
  }
});

describe('given fields of the future', () => {
  it('B07: a field that is not known is ignored, in flags and segments', async () => {
    const cache = cacheOf(signer);
    const entries = [
      { k: 'a.flag', r: 1, zz: { any: ['thing'] }, u: [['r', [['segment', ['s']]], 1]], f: 0, A: null },
      { k: 'segment:s', r: 1, i: ['u'], later: 1 },
    ];
    expect(await offer(cache, entries, 1)).toBe('newer');
    const reader = cache.current()?.reader;
    expect(reader && evaluate(reader, 'a.flag', createContext({ targetingKey: 'u' })).value).toBe(true);
  });

  it('B07: what is ignored in an entry stays in its line, so that its digest holds', async () => {
    const cache = cacheOf(signer);
    const entries = [{ k: 'a.flag', r: 1, f: 0, zz: 1 }];
    await offer(cache, entries, 1);
    expect(cache.current()?.reader.line('a.flag')).toContain('"zz":1');
  });
});

it('R29: no flags and no segments: nothing to decide, nothing at fault, in both ways of checking', async () => {
  for (const check of ['entries', 'lines'] as const) {
    const cache = cacheOf(signer, { check });
    expect(await offer(cache, [], 1)).toBe('newer');
    const reader = cache.current()?.reader;
    expect(reader?.flagKeys()).toEqual([]);
    expect(reader?.faults()).toEqual([]);
    expect(reader && evaluateAll(reader, createContext({}))).toEqual([]);
    expect(reader && evaluate(reader, 'a.flag', createContext({})).errorCode).toBe('FLAG_NOT_FOUND');
  }
});

it('R29: segments without flags are legal, and are no flags', async () => {
  const cache = cacheOf(signer);
  expect(await offer(cache, [{ k: 'segment:s', r: 1 }], 1)).toBe('newer');
  expect(cache.current()?.reader.flagKeys()).toEqual([]);
  expect(cache.current()?.reader.entryCount).toBe(1);
});
