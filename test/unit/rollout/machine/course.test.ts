import { describe, expect, it } from 'vitest';
import { ana, BEGIN, createRamp, ERRORS, MINUTE, P95, planOf, rampAt, TICK_MS } from './fixtures/ramp.ts';

const percents = (ramp: ReturnType<typeof createRamp>): number[] =>
  ramp.events().flatMap((event) => (event.type === 'advanced' ? [event.percent] : []));

describe('a rollout whose guardrails pass', () => {
  it('goes through its stages, the last one in two halves, and is completed', () => {
    const ramp = createRamp(planOf());
    ramp.must({ type: 'start', by: ana });
    ramp.watchUntil(({ status }) => status === 'completed');
    expect(percents(ramp)).toEqual([1, 5, 25, 50, 95, 100]);
    expect(ramp.intents()).toEqual([
      { type: 'serve', percent: 100, sequence: ramp.state().serving.sequence, leaseMs: null },
    ]);
    // Five bakes of 20 minutes; and at each of six steps, and before them, a tick until regions have it.
    expect(ramp.now() - BEGIN).toBe(5 * 20 * MINUTE + 7 * TICK_MS);
  });

  it('serves the last stage whole at once where it keeps nobody back', () => {
    const ramp = createRamp(planOf({ stages: [10, 100], holdback: 'none' }));
    ramp.must({ type: 'start', by: ana });
    ramp.watchUntil(({ status }) => status === 'completed');
    expect(percents(ramp)).toEqual([10, 100]);
  });

  it('keeps back as many as its plan says, and nobody at a last stage below 100', () => {
    const some = createRamp(planOf({ stages: [99, 100], holdback: 0.1 }));
    some.must({ type: 'start', by: ana });
    some.watchUntil(({ status }) => status === 'completed');
    expect(percents(some)).toEqual([99, 99.9, 100]);
    const half = createRamp(planOf({ stages: [10, 50] }));
    half.must({ type: 'start', by: ana });
    half.watchUntil(({ status }) => status === 'completed');
    expect(percents(half)).toEqual([10, 50]);
  });

  it('bakes each stage for the time of its own', () => {
    const ramp = rampAt(5, planOf({ stages: [1, { percent: 5, bakeMinutes: 30 }, 25] }));
    ramp.watch(30 * MINUTE - TICK_MS);
    expect(ramp.state()).toMatchObject({ status: 'running', serving: { percent: 5 } });
    ramp.watch(TICK_MS);
    expect(ramp.state().serving.percent).toBe(25);
  });

  it('asks nothing of a comparison at 100, where there is nobody to compare with, but of absolute limits', () => {
    const guardrails = [
      { metric: ERRORS, maxRelativeIncrease: 0.1 },
      { metric: 'refunds', max: 0.02 },
      { datadogMonitor: P95 },
    ];
    const ramp = rampAt(100, planOf({ guardrails }));
    ramp.watch(10 * MINUTE, { verdicts: { [ERRORS]: 'NO_DATA', refunds: 'NO_DATA' } });
    expect(ramp.state()).toMatchObject({ status: 'holding', holds: [{ kind: 'blind', guardrails: ['refunds'] }] });
    ramp.watch(10 * MINUTE, { verdicts: { [ERRORS]: 'NO_DATA', [P95]: 'UNHEALTHY' } });
    expect(ramp.state()).toMatchObject({ status: 'holding', holds: [{ kind: 'blind', guardrails: [P95] }] });
    ramp.watch(10 * MINUTE, { verdicts: { [ERRORS]: 'NO_DATA' } });
    expect(ramp.state().status).toBe('completed');
  });

  it('serves 0 everywhere before its first stage, and not its first stage while an alarm is on', () => {
    const ramp = createRamp(planOf());
    ramp.must({ type: 'start', by: ana });
    expect(ramp.intents()).toMatchObject([{ type: 'serve', percent: 0 }]);
    ramp.tick();
    expect(ramp.state()).toMatchObject({ status: 'holding', holds: [{ kind: 'unpublished' }] });
    ramp.watch(MINUTE, { verdicts: { [P95]: 'FAIL' } });
    expect(ramp.state()).toMatchObject({
      step: -1,
      status: 'holding',
      holds: [{ kind: 'failing', guardrails: [P95] }],
    });
    ramp.watch(TICK_MS, { all: undefined });
    expect(ramp.state().serving.percent).toBe(1);
  });
});

describe('minimum evidence', () => {
  const minimumEvidence = { exposures: 500, outcomes: 20 };

  it('keeps a stage from being left: it is inconclusive, goes on baking, and asks a person', () => {
    const ramp = rampAt(1, planOf({ minimumEvidence }));
    for (const exposures of [499, Number.NaN, null]) {
      ramp.watch(25 * MINUTE, { exposures });
      expect(ramp.state()).toMatchObject({
        status: 'inconclusive',
        serving: { percent: 1 },
        // A monitor has a minimum of its own.
        holds: [{ kind: 'minimum-evidence', guardrails: [ERRORS] }],
      });
      expect(ramp.intents()).toMatchObject([{ type: 'serve' }, { type: 'ask-person' }]);
    }
    ramp.watch(TICK_MS, { exposures: 500 });
    expect(ramp.state().serving.percent).toBe(5);
  });

  it('keeps no breach from being seen', () => {
    const ramp = rampAt(1, planOf({ minimumEvidence }));
    ramp.tick({ verdicts: { [ERRORS]: 'FAIL' }, exposures: 3 });
    expect(ramp.state()).toMatchObject({ status: 'rolling-back', serving: { percent: 0 } });
  });

  it('asks for more where a guardrail is inconclusive, bake or no bake', () => {
    const ramp = rampAt(5);
    ramp.watch(19 * MINUTE, { verdicts: { [ERRORS]: 'INCONCLUSIVE' } });
    expect(ramp.state().status).toBe('running');
    ramp.watch(60 * MINUTE, { verdicts: { [ERRORS]: 'INCONCLUSIVE' } });
    expect(ramp.state()).toMatchObject({
      status: 'inconclusive',
      serving: { percent: 5 },
      holds: [{ kind: 'inconclusive', guardrails: [ERRORS] }],
    });
  });
});

describe('pause and resume', () => {
  it('keep the cohort and what has been baked, and go on', () => {
    const ramp = rampAt(25);
    ramp.watch(10 * MINUTE);
    ramp.must({ type: 'pause', by: ana });
    const paused = ramp.state();
    expect(paused).toMatchObject({ status: 'holding', serving: { percent: 25 }, stop: { why: 'paused', by: 'ana' } });
    ramp.watch(60 * MINUTE);
    expect(ramp.state()).toMatchObject({ status: 'holding', serving: { percent: 25 }, bakedMs: paused.bakedMs });
    expect(ramp.give({ type: 'pause', by: ana })).toEqual({ ok: false, error: { code: 'stopped', why: 'paused' } });
    ramp.must({ type: 'resume', by: ana, sequence: ramp.state().sequence });
    const { revision, attempt, serving } = ramp.state();
    expect({ revision, attempt, serving }).toEqual({ revision: 1, attempt: 0, serving: paused.serving });
    ramp.watch(10 * MINUTE);
    expect(ramp.state().serving.percent).toBe(50);
  });

  it('a breach goes back though it is paused', () => {
    const ramp = rampAt(25);
    ramp.must({ type: 'pause', by: ana });
    ramp.tick({ verdicts: { [ERRORS]: 'FAIL' } });
    expect(ramp.state().status).toBe('rolling-back');
  });

  it('what is not stopped is not resumed, and a resume of what has changed since is refused', () => {
    const ramp = rampAt(25);
    const { sequence } = ramp.state();
    expect(ramp.give({ type: 'resume', by: ana, sequence })).toEqual({ ok: false, error: { code: 'not-stopped' } });
    ramp.must({ type: 'pause', by: ana });
    expect(ramp.give({ type: 'resume', by: ana, sequence })).toEqual({
      ok: false,
      error: { code: 'stale', sequence: sequence + 1 },
    });
  });
});

describe('an abort', () => {
  it('of a draft ends it, and of a ramp takes everybody back first', () => {
    const unstarted = createRamp(planOf());
    unstarted.must({ type: 'abort', by: ana });
    expect(unstarted.state().status).toBe('aborted');
    expect(unstarted.intents()).toEqual([]);
    const ramp = rampAt(25);
    ramp.must({ type: 'abort', by: ana });
    expect(ramp.state()).toMatchObject({
      status: 'rolling-back',
      serving: { percent: 0 },
      ending: { because: 'aborted' },
    });
    ramp.watch(MINUTE);
    expect(ramp.state().status).toBe('aborted');
    expect(ramp.intents()).toMatchObject([{ type: 'serve', percent: 0 }]);
  });
});

describe('clocks', () => {
  it('that go backwards, leap, or tell no time neither shorten a bake nor end the rollout', () => {
    const ramp = rampAt(5);
    for (const ms of [-3_600_000, 365 * 24 * 3_600_000, Number.NaN]) {
      const before = ramp.state().bakedMs;
      ramp.pass(ms);
      ramp.tick();
      expect(ramp.state().bakedMs - before).toBeLessThanOrEqual(20_000);
      expect(ramp.state().bakedMs - before).toBeGreaterThanOrEqual(0);
      expect(ramp.state().serving.percent).toBe(5);
    }
  });

  it('count no time in which nobody watched', () => {
    const ramp = rampAt(5);
    ramp.pass(24 * 60 * MINUTE);
    ramp.tick();
    expect(ramp.state()).toMatchObject({ status: 'running', bakedMs: 20_000, serving: { percent: 5 } });
  });
});
