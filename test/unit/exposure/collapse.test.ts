import { describe, expect, it } from 'vitest';
import { createCollapse, WINDOW_MS } from '#exposure/collapse';

const START = 1_795_420_800_000;

const exposed = (after: number, fields: object = {}) => ({
  ...{ flag: 'pricing.fareBundlingV2', revision: 7, variation: 'v2', version: 9, time: START + after },
  ...fields,
});

describe('exposures that become counts', () => {
  it('are told apart by flag, revision, variation, version and ten seconds', () => {
    const collapse = createCollapse();
    const others = [{ flag: 'a' }, { revision: 8 }, { variation: 'control' }, { version: 10 }];
    for (const after of [0, 1, 9_999, 10_000]) collapse.add(exposed(after));
    for (const fields of others) collapse.add(exposed(0, fields));
    const counts = collapse.take(Number.POSITIVE_INFINITY, 100);
    expect(counts.map(({ count }) => count)).toEqual([3, 1, 1, 1, 1, 1]);
    expect(counts[0]).toEqual({
      ...{ flag: 'pricing.fareBundlingV2', revision: 7, variation: 'v2', version: 9 },
      ...{ from: START, until: START + WINDOW_MS, count: 3 },
    });
    expect(collapse.isEmpty()).toBe(true);
  });

  it('are taken when their window has ended', () => {
    const collapse = createCollapse();
    for (const after of [0, 10_000]) collapse.add(exposed(after));
    expect(collapse.take(START + 9_999, 100)).toEqual([]);
    expect(collapse.take(START + 10_000, 100)).toHaveLength(1);
    expect(collapse.take(START + 20_000, 100)).toHaveLength(1);
  });

  it('lose the time, and never the count, where there are too many windows', () => {
    const collapse = createCollapse(3);
    for (let window = 0; window < 100; window++) collapse.add(exposed(window * WINDOW_MS));
    const counts = collapse.take(Number.POSITIVE_INFINITY, 100);
    expect(counts).toHaveLength(4);
    expect(counts.at(-1)).toMatchObject({ from: START + 30_000, until: START + 1_000_000, count: 97 });
  });

  it('say so where there is no room even for that', () => {
    const collapse = createCollapse(2);
    const flags = ['a', 'b', 'c', 'd', 'e'].map((flag) => exposed(0, { flag }));
    expect(flags.map((one) => collapse.add(one))).toEqual([true, true, true, true, false]);
    const counts = collapse.take(Number.POSITIVE_INFINITY, 100);
    for (const flag of ['f', 'g', 'h']) collapse.add(exposed(0, { flag }));
    expect(collapse.putBack(counts)).toBe(3);
  });
});
