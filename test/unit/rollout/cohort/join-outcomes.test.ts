import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ArmExposure,
  type Joined,
  joinOutcomes,
  type KeptOutcome,
  MINUTE_MS,
  uncountedAs,
} from '#rollout/cohort/join-outcomes';
import { CLOCK_TOLERANCE_MS } from '#rollout/cohort/sight-exposure';

const START = 100 * MINUTE_MS;
const exposure = (rest: Partial<ArmExposure> = {}): ArmExposure => ({
  ...{ stage: 0, revision: 7, time: START, since: rest.time ?? START, region: 1, arm: 'treatment' },
  ...rest,
});
const outcome = (id: string, rest: Partial<KeptOutcome> = {}): KeptOutcome => ({
  ...{ id, metric: 5, kind: 'rate', time: START + 1, value: null },
  ...rest,
});
const ids = (history: Parameters<typeof joinOutcomes>[0]): string[] => joinOutcomes(history).map(({ id }) => id);

describe('the outcomes of a unit', () => {
  it('are joined once a stage and metric: the first, whatever order they are in', () => {
    const outcomes = [outcome('late', { time: START + 9 }), outcome('first'), outcome('other', { metric: 6 })];
    expect(ids({ exposures: [exposure()], outcomes, joined: [] })).toEqual(['first', 'other']);
  });

  it('are joined to the exposure that was in force when they happened', () => {
    const exposures = [
      exposure({ stage: 1, revision: 8, time: START + 100 }),
      exposure(),
      exposure({ stage: 2, revision: 9, time: START + 200 }),
    ];
    const outcomes = [outcome('a', { time: START + 99 }), outcome('b', { time: START + 100 })];
    const stages = joinOutcomes({ exposures, outcomes, joined: [] }).map(({ stage }) => stage);
    expect(stages).toEqual([0, 1]);
  });

  it('from before every exposure are nobody’s, but for what clocks may differ by', () => {
    const at = (time: number) => ids({ exposures: [exposure()], outcomes: [outcome('a', { time })], joined: [] });
    expect([at(START - CLOCK_TOLERANCE_MS), at(START - CLOCK_TOLERANCE_MS - 1)]).toEqual([['a'], []]);
  });

  it('are joined by since when the unit was served, and counted in the minute that was heard of first', () => {
    const late = exposure({ time: START + 5 * MINUTE_MS, since: START });
    const [join] = joinOutcomes({ exposures: [late], outcomes: [outcome('a')], joined: [] });
    expect(join?.exposure.time).toBe(START + 5 * MINUTE_MS);
  });

  it('of a unit in no arm are not joined', () => {
    const { arm: _, ...third } = exposure();
    expect(ids({ exposures: [third], outcomes: [outcome('a')], joined: [] })).toEqual([]);
  });

  it('of a latency are joined once a minute, to the bucket of their value', () => {
    const render = (id: string, time: number, value: number | null) => outcome(id, { kind: 'latency', time, value });
    const outcomes = [render('a', START, 100), render('b', START + 1, 5_000), render('c', START + MINUTE_MS, 100)];
    const joins = joinOutcomes({ exposures: [exposure()], outcomes, joined: [] });
    expect(joins.map(({ id, minute }) => [id, minute])).toEqual([
      ['a', 100],
      ['c', 101],
    ]);
    expect(joins[0]?.bucket).toBe(joins[1]?.bucket);
    expect(
      ids({ exposures: [exposure()], outcomes: [render('d', START, null), render('e', START, -1)], joined: [] }),
    ).toEqual([]);
  });

  it('B35: are joined at most once each, and a place is filled once, however they arrive one after the other', () => {
    const some = fc.record({
      outcome: fc.boolean(),
      id: fc.integer({ min: 0, max: 9 }),
      time: fc.integer({ min: 0, max: 20 }),
      stage: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 60 }), (all) => {
        const exposures = new Map<number, ArmExposure>();
        const outcomes = new Map<number, KeptOutcome>();
        const joined: Joined[] = [];
        for (const { outcome: isOutcome, id, time, stage } of all) {
          if (isOutcome && !outcomes.has(id)) outcomes.set(id, outcome(String(id), { time: START + time * MINUTE_MS }));
          if (!isOutcome && !exposures.has(stage))
            exposures.set(stage, exposure({ stage, revision: stage, time: START + time * MINUTE_MS }));
          const history = { exposures: [...exposures.values()], outcomes: [...outcomes.values()], joined: [...joined] };
          joined.push(...joinOutcomes(history));
          expect(joinOutcomes({ ...history, joined })).toEqual([]);
        }
        expect(new Set(joined.map(({ id }) => id)).size).toBe(joined.length);
        expect(new Set(joined.map(({ stage }) => stage)).size).toBe(joined.length);
        expect(joined.every(({ stage }) => exposures.has(stage))).toBe(true);
      }),
    );
  });
});

describe('an outcome that was not joined', () => {
  it('is told apart by the reason', () => {
    const { arm: _, ...third } = exposure();
    expect(uncountedAs([], outcome('a'))).toBe('unattributed');
    expect(uncountedAs([third], outcome('a'))).toBe('other-variation');
    expect(uncountedAs([exposure()], outcome('a'))).toBe('repeated');
    expect(uncountedAs([exposure()], outcome('a', { kind: 'latency' }))).toBe('unusable');
    expect(uncountedAs([exposure()], outcome('a', { kind: 'latency', value: 3 }))).toBe('repeated');
  });
});
