import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeCells, mergeSketches, mergeSketchStatistics } from '#rollout/evidence/merge';
import { observeRates } from '#rollout/evidence/observe-rates';
import { emptyRateState } from '#rollout/evidence/rate-state';
import { sketchOf } from '#rollout/evidence/sketch';
import type { CountsCell, SketchStatistics } from '#rollout/evidence/statistics';
import { cellOf, MINUTE_MS, PLAN, reportOf } from './fixtures/cells.ts';

const cells = fc.array(
  fc
    .tuple(fc.nat(2), fc.nat(2), fc.nat(3), fc.nat(1_000), fc.nat(1_000), fc.nat(9), fc.nat(9))
    .map(
      ([stage, revision, minute, treated, control, x, y]): CountsCell =>
        cellOf([treated + x, x, control + y, y], { stage, revision: 10 * stage + revision, minute }),
    ),
  { maxLength: 8 },
);

/** What one shard reports: each cell once. */
const shard = cells.map((list) => mergeCells([list]));
const latencies = fc.array(fc.double({ min: 0.05, max: 700_000, noNaN: true }), { maxLength: 40 });
const sketch = latencies.map((samples) => sketchOf(samples).sketch);

describe('statistics of shards', () => {
  it('come to the same in any order and any grouping', () => {
    fc.assert(
      fc.property(shard, shard, shard, (a, b, c) => {
        const all = mergeCells([a, b, c]);
        expect(mergeCells([c, a, b])).toEqual(all);
        expect(mergeCells([mergeCells([a, b]), c])).toEqual(all);
        expect(mergeCells([a, mergeCells([b, c])])).toEqual(all);
        expect(mergeCells([all, []])).toEqual(all);
      }),
    );
  });

  it('hold every unit once: sums are exact', () => {
    fc.assert(
      fc.property(fc.array(shard, { maxLength: 5 }), (shards) => {
        const sum = (list: readonly CountsCell[], of: (cell: CountsCell) => number) =>
          list.reduce((total, cell) => total + of(cell), 0);
        const merged = mergeCells(shards);
        for (const of of [
          (cell: CountsCell) => cell.treatment.exposures,
          (cell: CountsCell) => cell.treatment.outcomes,
          (cell: CountsCell) => cell.control.exposures,
          (cell: CountsCell) => cell.control.outcomes,
        ]) {
          expect(sum(merged, of)).toBe(sum(shards.flat(), of));
        }
        expect(new Set(merged.map(({ stage, revision, minute }) => `${stage}/${revision}/${minute}`)).size).toBe(
          merged.length,
        );
      }),
    );
  });

  it('give the same evidence, however the units were divided among shards', () => {
    fc.assert(
      fc.property(fc.array(shard, { minLength: 1, maxLength: 6 }), fc.nat(), (shards, cut) => {
        const look = (parts: readonly (readonly CountsCell[])[]) =>
          observeRates(PLAN, emptyRateState(), reportOf(mergeCells(parts), { now: 9 * MINUTE_MS }));
        const at = cut % shards.length;
        expect(look([...shards.slice(at), ...shards.slice(0, at)])).toEqual(look(shards));
      }),
    );
  });

  it('sketches too: a merged sketch is that of all samples', () => {
    fc.assert(
      fc.property(latencies, latencies, latencies, (a, b, c) => {
        const of = (samples: readonly number[]) => sketchOf(samples).sketch;
        const all = of([...a, ...b, ...c]);
        expect(mergeSketches([of(a), of(b), of(c)])).toEqual(all);
        expect(mergeSketches([mergeSketches([of(c), of(b)]), of(a)])).toEqual(all);
      }),
    );
  });

  it('sketches of another stage are left out', () => {
    fc.assert(
      fc.property(sketch, sketch, (a, b) => {
        const own: SketchStatistics = { source: 'sketch', stage: 1, treatment: a, control: b };
        expect(mergeSketchStatistics(1, [own, { ...own, stage: 0 }])).toEqual(mergeSketchStatistics(1, [own]));
      }),
    );
  });
});
