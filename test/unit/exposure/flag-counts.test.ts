import { describe, expect, it } from 'vitest';
import { createBatchNumbers } from '#exposure/batch-numbers';
import { createFlagCounts, FLAGS_TOLD_MS } from '#exposure/flag-counts';
import { MAX_LEDGER_FLAGS } from '#schema/exposure-limits';

describe('counts by flag', () => {
  it('add up what is evaluated together, whatever the number of lists', () => {
    const counts = createFlagCounts();
    const all = ['a', 'b'];
    for (let times = 0; times < 5; times++) counts.evaluatedAll(all);
    for (let list = 0; list < 100; list++) counts.evaluatedAll(['b', 'c']);
    counts.evaluatedAll(['c']);
    counts.evaluated('a');
    counts.exposed('a');
    expect(counts.all()).toEqual({ a: [6, 1], b: [105, 0], c: [101, 0] });
    expect(counts.all()).toEqual({ a: [6, 1], b: [105, 0], c: [101, 0] });
  });

  it('go on from those of an earlier process', () => {
    const counts = createFlagCounts();
    counts.evaluated('a');
    counts.resume({ a: [10, 4], b: [1, 1] });
    expect(counts.all()).toEqual({ a: [11, 4], b: [1, 1] });
  });

  it('tell so many flags apart, and keep the numbers of those', () => {
    const counts = createFlagCounts();
    for (let flag = 0; flag < 2 * MAX_LEDGER_FLAGS; flag++) counts.evaluated(`flag-${flag}`);
    counts.exposed('flag-0');
    counts.exposed(`flag-${MAX_LEDGER_FLAGS}`);
    expect(Object.keys(counts.all())).toHaveLength(MAX_LEDGER_FLAGS);
    expect(counts.all()).toMatchObject({ 'flag-0': [1, 1] });
  });

  it('are due once in a while, and at once where the clock was set back', () => {
    const counts = createFlagCounts();
    const due = [0, 1, FLAGS_TOLD_MS, FLAGS_TOLD_MS + 1, 5].map((now) => counts.due(now) !== undefined);
    expect(due).toEqual([true, false, true, false, true]);
  });
});

describe('numbers of batches', () => {
  it('come again where their batch did not arrive, the lowest first', () => {
    const numbers = createBatchNumbers();
    expect([1, 2, 3].map(() => numbers.take(0))).toEqual([1, 2, 3]);
    numbers.arrived(2);
    for (const number of [3, 2, 1]) numbers.done(number);
    expect([1, 2, 3].map(() => numbers.take(0))).toEqual([1, 3, 4]);
  });

  it('are given up by whoever has them too long', () => {
    const numbers = createBatchNumbers();
    expect([0, 59_999, 60_000].map((now) => numbers.take(now))).toEqual([1, 2, 1]);
  });
});
