import { describe, expect, it } from 'vitest';
import { assessMonitor } from '#rollout/evidence/assess-monitor';
import {
  assessPoint,
  DEFAULT_POINT_RULE,
  EMPTY_POINT_STATE,
  type PointPlan,
  type PointState,
} from '#rollout/evidence/assess-point';
import type { PointReading } from '#rollout/evidence/statistics';
import type { Verdict } from '#rollout/evidence/verdict';

const PLAN: PointPlan = { ...DEFAULT_POINT_RULE, limit: { maxRelativeIncrease: 0.1 } };

const reading = (treatment: number | null, at: number, rest: Partial<PointReading> = {}): PointReading => ({
  source: 'point',
  at,
  treatment,
  control: 100,
  samples: 1_000,
  ...rest,
});

/** One reading a second. */
function verdicts(plan: PointPlan, numbers: readonly number[]): Verdict[] {
  let state: PointState = EMPTY_POINT_STATE;
  return numbers.map((number, at) => {
    const look = assessPoint(plan, state, reading(number, 1_000 * at), 1_000 * at);
    state = look.state;
    return look.verdict;
  });
}

describe('a number from a monitoring system', () => {
  it('breaches when three of the last five readings are over the limit, and passes when none of five is', () => {
    expect(verdicts(PLAN, [100, 111, 100, 112, 113]).map(({ kind }) => kind)).toEqual([
      'INCONCLUSIVE',
      'INCONCLUSIVE',
      'INCONCLUSIVE',
      'INCONCLUSIVE',
      'FAIL',
    ]);
    expect(verdicts(PLAN, [100, 110, 100, 90, 109.9]).at(-1)).toMatchObject({
      kind: 'PASS',
      reason: 'reading-within-limit',
    });
    expect(verdicts(PLAN, [100, 100, 100, 100, 111]).at(-1)).toMatchObject({ reason: 'some-readings-over-limit' });
    expect(verdicts(PLAN, [111, 111, 100, 100, 100, 100, 100]).at(-1)?.kind).toBe('PASS');
    expect(verdicts(PLAN, [100]).at(-1)).toMatchObject({
      reason: 'more-evidence-needed',
      alwaysValid: false,
      estimate: 1,
    });
  });

  it('takes a limit that is a number itself', () => {
    const plan = { ...PLAN, limit: { max: 250 } };
    expect(verdicts(plan, [251, 251, 251]).at(-1)).toMatchObject({ kind: 'FAIL', estimate: 251, threshold: 250 });
    expect(verdicts(plan, [250, 250, 250, 250, 250]).at(-1)?.kind).toBe('PASS');
  });

  it('counts one reading once, however often it is returned', () => {
    let state = EMPTY_POINT_STATE;
    for (let now = 0; now < 9; now++) ({ state } = assessPoint(PLAN, state, reading(500, 0), now));
    expect(state.over).toEqual([true]);
  });

  it('B25, B26: what is missing, stale, small or impossible holds with the reason', () => {
    const { state } = assessPoint(PLAN, EMPTY_POINT_STATE, reading(100, 5_000), 5_000);
    const reasonOf = (given: PointReading | null, now = 6_000) => {
      const look = assessPoint(PLAN, state, given, now);
      expect(look.state).toBe(state);
      expect(['PASS', 'FAIL']).not.toContain(look.verdict.kind);
      return look.verdict.reason;
    };
    expect(reasonOf(null)).toBe('no-reading');
    expect(reasonOf(reading(null, 6_000))).toBe('no-reading');
    expect(reasonOf(reading(100, 6_000, { control: null }))).toBe('no-control');
    expect(reasonOf(reading(100, 6_000, { control: 0 }))).toBe('no-outcomes');
    expect(reasonOf(reading(Number.NaN, 6_000))).toBe('not-finite');
    expect(reasonOf(reading(Number.POSITIVE_INFINITY, 6_000))).toBe('not-finite');
    expect(reasonOf(reading(100, 6_000, { control: Number.NaN }))).toBe('not-finite');
    expect(reasonOf(reading(-1, 6_000))).toBe('negative');
    expect(reasonOf(reading(100, 6_000, { samples: 99 }))).toBe('sample-too-small');
    expect(reasonOf(reading(100, 6_000, { samples: null }))).toBe('sample-too-small');
    expect(reasonOf(reading(100, 4_000))).toBe('clock-backwards');
    expect(reasonOf(reading(100, 6_000), 4_999)).toBe('clock-backwards');
    expect(reasonOf(reading(100, 6_000), 126_001)).toBe('stale-reading');
  });
});

describe('a monitor', () => {
  const say = (state: string | null, rest: { at?: number; muted?: boolean } = {}) =>
    assessMonitor({ source: 'state', at: 1_000, muted: false, state, ...rest }, 60_000, 2_000);

  it('passes on OK and breaches on an alert, in the words of Datadog and of Prometheus', () => {
    for (const state of ['OK', 'ok', 'inactive'])
      expect(say(state)).toMatchObject({ kind: 'PASS', reason: 'monitor-ok' });
    for (const state of ['Alert', 'firing'])
      expect(say(state)).toMatchObject({ kind: 'FAIL', reason: 'monitor-alert' });
  });

  it('B25: holds on anything else', () => {
    for (const state of ['No Data', 'Unknown', 'Skipped', 'Ignored']) expect(say(state).reason).toBe('monitor-no-data');
    for (const state of ['Warn', 'pending']) expect(say(state).reason).toBe('monitor-warns');
    for (const state of ['', 'OK!', '<html>', 'toString']) expect(say(state).reason).toBe('unknown-monitor-state');
    expect(say(null).reason).toBe('no-reading');
    expect(assessMonitor(null, 60_000, 2_000).reason).toBe('no-reading');
    expect(say('OK', { at: -60_001 }).reason).toBe('stale-reading');
    expect(say('OK', { at: 2_001 }).reason).toBe('from-the-future');
    expect(say('OK', { at: Number.NaN }).reason).toBe('not-finite');
  });

  it('that is muted cannot vouch for anything, and still breaches', () => {
    expect(say('OK', { muted: true })).toMatchObject({ kind: 'UNHEALTHY', reason: 'monitor-muted' });
    expect(say('Alert', { muted: true }).kind).toBe('FAIL');
  });
});
