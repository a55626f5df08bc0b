import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createContext } from '#core/context';
import { evaluate } from '#core/evaluate';
import { readLines } from '#ruleset/reader';
import type { Compiled } from '#ruleset/write/compile';
import type { AuthoredInput } from '#schema/authored';
import { booleanFlag, compileOk, flagIn, mistakesIn } from '../fixtures/authored.ts';

const KEYS = ['a.one', 'a.two', 'a.three'];

const set = (slices: Readonly<Record<string, number>>): AuthoredInput => ({
  layers: { experiments: { description: 'One at a time.', salt: 'layer-salt', slices } },
  flags: Object.fromEntries(
    KEYS.map((key, at) => [key, booleanFlag({ salt: `salt-${at}`, fallthrough: { serve: 'on' } })]),
  ),
});

const slices = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 3, maxLength: 3 }).map((weights) => {
  const sum = Math.max(
    100,
    weights.reduce((total, one) => total + one, 0),
  );
  return Object.fromEntries(KEYS.map((key, at) => [key, Math.floor(((weights[at] as number) / sum) * 100)]));
});

const compileAll = (history: readonly Readonly<Record<string, number>>[]): Compiled[] => {
  const made: Compiled[] = [];
  history.forEach((one, at) => {
    made.push(compileOk(set(one), made.at(-1)?.entries, at + 1));
  });
  return made;
};

/** By bucket edge, whose slice begins there. */
const rangesOf = (compiled: Compiled): { readonly key: string; readonly start: number; readonly end: number }[] =>
  KEYS.flatMap((key) => {
    const ranges = flagIn(compiled, key).l?.[2] ?? [];
    return ranges.flatMap((start, at) => (at % 2 === 0 ? [{ key, start, end: ranges[at + 1] as number }] : []));
  }).sort((a, b) => a.start - b.start);

it('slices never overlap and are exactly as wide as they say, after any history', () => {
  fc.assert(
    fc.property(fc.array(slices, { minLength: 1, maxLength: 6 }), (history) => {
      compileAll(history).forEach((compiled, step) => {
        const ranges = rangesOf(compiled);
        ranges.forEach(({ start }, at) => {
          expect(start).toBeGreaterThanOrEqual(ranges[at - 1]?.end ?? 0);
        });
        for (const key of KEYS) {
          const width = ranges.filter((one) => one.key === key).reduce((sum, { start, end }) => sum + end - start, 0);
          expect(width).toBe((history[step]?.[key] as number) * 1_000);
        }
        expect(readLines(compiled.lines, 9).faults()).toEqual([]);
      });
    }),
    { seed: 1, numRuns: 200 },
  );
});

it('I2: a slice that grows takes nobody from another flag, and loses nobody of its own', () => {
  fc.assert(
    fc.property(fc.array(slices, { minLength: 2, maxLength: 5 }), (history) => {
      const made = compileAll(history);
      for (let at = 1; at < made.length; at++) {
        const before = rangesOf(made[at - 1] as Compiled);
        for (const { key, start, end } of rangesOf(made[at] as Compiled)) {
          for (const was of before) {
            const overlap = Math.min(end, was.end) - Math.max(start, was.start);
            // A bucket that changes hands was given up by its owner in the same step.
            if (overlap > 0 && was.key !== key) {
              expect((history[at]?.[was.key] as number) < (history[at - 1]?.[was.key] as number)).toBe(true);
            }
          }
        }
      }
    }),
    { seed: 2, numRuns: 200 },
  );
});

it('I2: a slice that shrinks and grows again has the same units', () => {
  const [before, , after] = compileAll([
    { 'a.one': 30, 'a.two': 30 },
    { 'a.one': 5, 'a.two': 30 },
    { 'a.one': 30, 'a.two': 30 },
  ]);
  expect(after && rangesOf(after)).toEqual(before && rangesOf(before));
});

it('nobody takes part in two flags of a layer', () => {
  const [compiled] = compileAll([{ 'a.one': 30, 'a.two': 30, 'a.three': 20 }]) as [Compiled];
  const reader = readLines(compiled.lines, 9);
  const parts = Array.from({ length: 3_000 }, (_, at) => {
    const context = createContext({ targetingKey: `user-${at}` });
    return KEYS.filter((key) => evaluate(reader, key, context).value === true).length;
  });
  expect(Math.max(...parts)).toBe(1);
  const share = parts.filter((one) => one === 1).length / parts.length;
  expect(Math.abs(share - 0.8)).toBeLessThan(0.04);
});

it('refuses slices above 100 %, of flags that there are not, and a flag in two layers', () => {
  expect(mistakesIn(set({ 'a.one': 60, 'a.two': 40.001 }))).toEqual([
    'layers/experiments/slices: add up to 100.001 %, at most 100 %',
  ]);
  expect(mistakesIn(set({ 'a.gone': 1 }))).toEqual([
    'layers/experiments/slices/a.gone: flag "a.gone" does not exist; there are "a.one", "a.two", "a.three"',
  ]);
  const { layers, flags } = set({ 'a.one': 1 });
  const second = { description: 'd', salt: 'other', slices: { 'a.one': 1 } };
  expect(mistakesIn({ flags, layers: { ...layers, second } })).toEqual([
    'layers/second/slices/a.one: is already in layer "experiments"',
  ]);
});
