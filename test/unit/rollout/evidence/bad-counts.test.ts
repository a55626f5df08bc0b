import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assessRates } from '#rollout/evidence/assess-rates';
import { MAX_CELLS } from '#rollout/evidence/check-cells';
import { type CountsReport, MAX_OPEN_CELLS, observeRates } from '#rollout/evidence/observe-rates';
import { emptyRateState } from '#rollout/evidence/rate-state';
import type { CountsCell } from '#rollout/evidence/statistics';
import { cellOf, MINUTE_MS, type Numbers, PLAN, reportOf, stateAfter } from './fixtures/cells.ts';

const calm = stateAfter(PLAN, [reportOf([cellOf([1_000, 20, 9_000, 180])])]);

function refusedAs(report: CountsReport): string {
  const look = observeRates(PLAN, calm, report);
  expect(look.state).toBe(calm);
  const verdict = assessRates(PLAN, look.state, look.trouble);
  expect(verdict.kind).toBe('UNHEALTHY');
  return verdict.reason;
}

const withNumbers = (numbers: Numbers, rest: Partial<CountsReport> = {}) =>
  reportOf([cellOf(numbers)], { now: 3 * MINUTE_MS, ...rest });

describe('B25: counts that cannot be', () => {
  it.each([
    ['NaN', [Number.NaN, 0, 9_000, 180], 'not-finite'],
    ['infinite', [1_000, 20, Number.POSITIVE_INFINITY, 180], 'not-finite'],
    ['minus infinity', [1_000, Number.NEGATIVE_INFINITY, 9_000, 180], 'not-finite'],
    ['negative', [1_000, 20, 9_000, -1], 'negative'],
    ['broken', [1_000, 20.5, 9_000, 180], 'not-whole'],
    ['above what is exact', [2 ** 53, 20, 9_000, 180], 'impossible-count'],
    ['more outcomes than exposures', [1_000, 1_001, 9_000, 180], 'impossible-count'],
    ['fewer exposures than before', [999, 20, 9_000, 180], 'counts-decreased'],
    ['fewer outcomes than before', [1_000, 19, 9_000, 180], 'counts-decreased'],
    ['a counter that began anew', [3, 0, 20, 1], 'counts-decreased'],
    ['null', [null as unknown as number, 20, 9_000, 180], 'not-finite'],
    ['text', ['1000' as unknown as number, 20, 9_000, 180], 'not-finite'],
  ] as const)('%s: holds, and leaves the evidence as it was', (_, numbers, reason) => {
    expect(refusedAs(withNumbers(numbers))).toBe(reason);
  });

  it('holds where the clock went backwards or is no number, and where a minute is yet to come', () => {
    expect(refusedAs(withNumbers([1_000, 20, 9_000, 180], { now: MINUTE_MS }))).toBe('clock-backwards');
    expect(refusedAs(withNumbers([1_000, 20, 9_000, 180], { now: Number.NaN }))).toBe('not-finite');
    expect(refusedAs(reportOf([cellOf([1, 0, 1, 0], { minute: 60 })], { now: 3 * MINUTE_MS }))).toBe('from-the-future');
    expect(refusedAs(reportOf([cellOf([1, 0, 1, 0], { minute: Number.NaN })], { now: 3 * MINUTE_MS }))).toBe(
      'not-finite',
    );
  });

  it('holds where a stage is none of the plan, or a cell comes twice, changes its stage, or there are too many', () => {
    expect(refusedAs(reportOf([cellOf([1, 0, 1, 0], { stage: 5, minute: 2 })]))).toBe('unknown-stage');
    expect(refusedAs(reportOf([], { stage: -1 }))).toBe('unknown-stage');
    expect(refusedAs(reportOf([], { stage: 0.5 }))).toBe('unknown-stage');
    expect(refusedAs(withNumbers([1_000, 20, 9_000, 180], { stage: Number.NaN }))).toBe('unknown-stage');
    const cell = cellOf([5, 0, 5, 0], { minute: 2 });
    expect(refusedAs(reportOf([cell, cell]))).toBe('impossible-count');
    expect(refusedAs(reportOf([cellOf([1_000, 20, 9_000, 180], { stage: 1 })]))).toBe('counts-decreased');
    const many = Array.from({ length: MAX_CELLS + 1 }, (_, revision) => cellOf([1, 0, 1, 0], { revision }));
    expect(refusedAs(reportOf(many))).toBe('too-many-cells');
  });

  it('goes on from where it was once counts are sound again', () => {
    const sound = withNumbers([1_100, 22, 9_900, 200], { now: 4 * MINUTE_MS });
    const bad = observeRates(PLAN, calm, withNumbers([Number.NaN, 0, 0, 0]));
    expect(observeRates(PLAN, bad.state, sound)).toEqual(observeRates(PLAN, calm, sound));
  });

  it('R32: no report that cannot be true ever passes or fails, whatever is wrong with it, and nothing throws', () => {
    const odd = fc.oneof(
      fc.constantFrom(
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        -1,
        2 ** 60,
        0.1,
        null,
        undefined,
        '5',
        {},
      ),
      fc.nat(10_000),
    ) as fc.Arbitrary<number>;
    const arm = fc.record({ exposures: odd, outcomes: odd });
    const cell = fc.record({ stage: odd, revision: odd, minute: odd, treatment: arm, control: arm });
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 3 }), odd, odd, (list, stage, now) => {
        const look = observeRates(PLAN, emptyRateState(), { stage, now, cells: list as CountsCell[] });
        const verdict = assessRates(PLAN, look.state, look.trouble);
        if (look.trouble !== null) expect(verdict).toMatchObject({ kind: 'UNHEALTHY', reason: look.trouble });
        for (const { evidence } of look.state.records) expect(evidence).not.toBeNaN();
        expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
      }),
      { numRuns: 2_000 },
    );
  });

  it('evidence of a share of 0 or 1 is none', () => {
    const oneArm = stateAfter(PLAN, [reportOf([cellOf([5_000, 900, 0, 0]), cellOf([0, 0, 5_000, 3], { minute: 2 })])]);
    expect(oneArm.records[0]?.evidence).toBeCloseTo(0, 9);
  });
});

describe('what is kept', () => {
  const minutes = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) =>
      cellOf([1_000_003 + at, 20_011, 99_000_007, 1_980_013], { minute: from + at, revision: 4_294_967_296_001 }),
    );

  it('stays below 16 KB with eight stages, large counts and as many open cells as there may be', () => {
    const plan = { ...PLAN, stages: [1, 2, 5, 10, 25, 50, 75, 100], attributionMinutes: 10_000 };
    const gates = plan.stages.map((_, at) => PLAN.gates[Math.min(at, 4)] as (typeof PLAN.gates)[number]);
    const reports = plan.stages.map((_, stage) =>
      reportOf(
        minutes(29_000_000 + stage * 100, 100).map((cell) => ({ ...cell, stage })),
        { stage, now: (29_000_000 + stage * 100 + 99) * MINUTE_MS },
      ),
    );
    const state = stateAfter({ ...plan, gates }, reports);
    expect(state.open).toHaveLength(MAX_OPEN_CELLS);
    expect(JSON.stringify(state).length).toBeLessThan(16_384);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  it('closes a minute when no outcome of it is waited for any more, and counts nothing of it afterwards', () => {
    const first = cellOf([100, 1, 900, 9], { minute: 1 });
    const later = stateAfter(PLAN, [
      reportOf([first]),
      reportOf([first, cellOf([100, 2, 900, 18], { minute: 12 })], { now: 13 * MINUTE_MS }),
    ]);
    expect(later.open.map(({ minute }) => minute)).toEqual([12]);
    expect(later.records[0]?.settled).toMatchObject({ treated: 100, treatedOutcomes: 1 });
    const late = { ...first, treatment: { exposures: 100, outcomes: 90 } };
    const after = stateAfter(PLAN, [reportOf([late], { now: 14 * MINUTE_MS })], later);
    expect(after.records).toEqual(later.records);
  });
});
