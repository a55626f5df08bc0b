import { describe, expect, it } from 'vitest';
import type { VerdictKind } from '#rollout/evidence/verdict';
import { decide } from '#rollout/machine/decide';
import type { RolloutState } from '#rollout/machine/state';
import {
  acknowledged,
  ana,
  ben,
  commandTypes,
  ERRORS,
  eva,
  MINUTE,
  P95,
  planOf,
  rampAt,
  sightOf,
  TICK_MS,
} from './fixtures/ramp.ts';

const BAKE = 20 * MINUTE;

describe('R32: what is not seen to pass', () => {
  const KINDS: readonly (VerdictKind | undefined)[] = ['NO_DATA', 'UNHEALTHY', 'INCONCLUSIVE', undefined];

  it.each(KINDS)('B25, B26: %s of one guardrail never advances', (kind) => {
    const ramp = rampAt(5);
    ramp.watch(2 * BAKE, kind === undefined ? { all: undefined } : { verdicts: { [P95]: kind } });
    expect(ramp.state()).toMatchObject({
      status: kind === 'INCONCLUSIVE' ? 'inconclusive' : 'holding',
      serving: { percent: 5 },
    });
  });

  it('a verdict of a kind that nobody knows holds', () => {
    const ramp = rampAt(5);
    ramp.watch(2 * BAKE, { verdicts: { [P95]: 'GREAT' as VerdictKind } });
    expect(ramp.state()).toMatchObject({ status: 'holding', holds: [{ kind: 'blind', guardrails: [P95] }] });
  });

  it('a guardrail that is told twice is as bad as the worse of the two', () => {
    const ramp = rampAt(5);
    const tick = sightOf(ramp.state());
    ramp.must({ ...tick, verdicts: [...tick.verdicts, { name: ERRORS, kind: 'FAIL', exposures: 1, outcomes: 1 }] });
    expect(ramp.state().status).toBe('rolling-back');
  });

  it('PASS of the stage before, of another revision or of another attempt does not advance', () => {
    for (const statistics of [{ serving: 1 }, { revision: 2 }, { attempt: 1 }]) {
      const ramp = rampAt(5);
      ramp.watch(2 * BAKE, { statistics });
      expect(ramp.state()).toMatchObject({ status: 'holding', serving: { percent: 5 }, holds: [{ kind: 'blind' }] });
    }
  });

  it('FAIL that was measured at the stage before goes back all the same, and that of another revision does not', () => {
    const late = rampAt(5);
    late.tick({ verdicts: { [ERRORS]: 'FAIL' }, statistics: { serving: 1 } });
    expect(late.state().status).toBe('rolling-back');
    const other = rampAt(5);
    other.tick({ verdicts: { [ERRORS]: 'FAIL' }, statistics: { revision: 0 } });
    expect(other.state().status).toBe('holding');
  });
});

describe('what every rollout is watched by', () => {
  const CHECKED = ['lockstep:sample-ratio', 'lockstep:traffic', 'lockstep:ledger', 'lockstep:consistency'];

  it.each(CHECKED)('%s holds where it does not pass, or is not looked at', (name) => {
    const ramp = rampAt(5);
    ramp.watch(2 * BAKE, { verdicts: { [name]: 'UNHEALTHY' } });
    expect(ramp.state()).toMatchObject({ status: 'holding', holds: [{ kind: 'blind', guardrails: [name] }] });
    const tick = sightOf(ramp.state());
    ramp.must({ ...tick, verdicts: tick.verdicts.filter((one) => one.name !== name) });
    expect(ramp.state()).toMatchObject({ status: 'holding', serving: { percent: 5 }, holds: [{ guardrails: [name] }] });
  });

  it('going back and forth between variations is a breach', () => {
    const ramp = rampAt(5);
    ramp.tick({ verdicts: { 'lockstep:consistency': 'FAIL' } });
    expect(ramp.state()).toMatchObject({ status: 'rolling-back', incident: { guardrails: ['lockstep:consistency'] } });
  });

  it('at 100 there is one arm, and no ratio of arms', () => {
    const ramp = rampAt(100);
    ramp.watch(BAKE, { verdicts: { 'lockstep:sample-ratio': 'UNHEALTHY' } });
    expect(ramp.state().status).toBe('completed');
  });
});

describe('R32: a rollback that is decided', () => {
  it('goes at once, in the midst of the bake, whatever else is on', () => {
    const ramp = rampAt(25);
    ramp.watch(MINUTE);
    ramp.tick({ verdicts: { [ERRORS]: 'FAIL' } });
    const { serving, sequence } = ramp.state();
    expect(ramp.state()).toMatchObject({ status: 'rolling-back', ending: { because: 'breach', by: null } });
    expect(ramp.intents()).toEqual([
      { type: 'serve', percent: 0, sequence: serving.sequence, leaseMs: null },
      { type: 'open-incident', sequence, because: 'breach', guardrails: [ERRORS], percent: 25, at: ramp.now() },
    ]);
  });

  it('is undone by nothing, and is over once all regions serve 0', () => {
    const ramp = rampAt(25);
    ramp.tick({ verdicts: { [ERRORS]: 'FAIL' } });
    const { sequence } = ramp.state();
    for (const input of [
      { type: 'start', by: eva },
      { type: 'pause', by: eva },
      { type: 'resume', by: eva, sequence },
      { type: 'approve', by: eva, sequence },
      { type: 'abort', by: eva },
      { type: 'edit-plan', by: eva, sequence, plan: planOf({ onBreach: 'hold' }) },
    ] as const)
      expect(ramp.give(input)).toMatchObject({ ok: false, error: { code: 'wrong-status', status: 'rolling-back' } });
    ramp.must({ type: 'flag-edited', what: 'percent', percent: 50, by: 'eva' });
    ramp.must({ type: 'rollback', by: eva });
    ramp.tick();
    ramp.publish();
    const { version } = ramp.state().serving;
    ramp.watch(60 * MINUTE, { regions: acknowledged(version ?? 0, { region: 'ap', version: 1, silentMs: 0 }) });
    expect(ramp.state()).toMatchObject({
      status: 'rolling-back',
      serving: { percent: 0 },
      holds: [{ missing: ['ap'] }],
    });
    ramp.tick();
    expect(ramp.state().status).toBe('rolled-back');
    expect(ramp.give(sightOf(ramp.state()))).toMatchObject({ ok: false, error: { code: 'wrong-status' } });
    expect(ramp.give({ type: 'resume', by: eva, sequence: ramp.state().sequence })).toMatchObject({ ok: false });
  });

  it('is not over while no region at all is known', () => {
    const ramp = rampAt(25);
    ramp.must({ type: 'rollback', by: ana });
    ramp.watch(MINUTE, { regions: [] });
    expect(ramp.state()).toMatchObject({ status: 'rolling-back', holds: [{ kind: 'regions', missing: [] }] });
  });

  it('is possible by hand at any time, completed rollouts included, and told twice is decided once', () => {
    const ramp = rampAt(100);
    ramp.watch(BAKE);
    expect(ramp.state().status).toBe('completed');
    ramp.must({ type: 'rollback', by: null });
    const { sequence } = ramp.state();
    ramp.must({ type: 'rollback', by: ana });
    expect(ramp.state()).toMatchObject({ sequence, status: 'rolling-back', ending: { because: 'person', by: null } });
    ramp.watch(MINUTE);
    ramp.must({ type: 'rollback', by: ana });
    expect(ramp.state().status).toBe('rolled-back');
  });
});

describe('on a breach', () => {
  it('hold: it holds where it is, opens an incident once, and goes on with a person alone, as another attempt', () => {
    const ramp = rampAt(25, planOf({ onBreach: 'hold' }));
    ramp.watch(MINUTE, { verdicts: { [ERRORS]: 'FAIL' } });
    expect(commandTypes(ramp.events()).filter((type) => type === 'held')).toHaveLength(1);
    expect(ramp.state()).toMatchObject({
      status: 'holding',
      serving: { percent: 25 },
      stop: { why: 'breach' },
      attempt: 0,
    });
    ramp.watch(2 * BAKE);
    expect(ramp.state()).toMatchObject({ status: 'holding', serving: { percent: 25 } });
    ramp.must({ type: 'resume', by: ana, sequence: ramp.state().sequence });
    expect(ramp.state().attempt).toBe(1);
    ramp.tick({ verdicts: { [ERRORS]: 'FAIL' } });
    expect(ramp.state()).toMatchObject({ status: 'holding', stop: { why: 'breach' } });
  });

  it('previousStage: it goes back one stage with each breach, and at last to 0', () => {
    const ramp = rampAt(25, planOf({ onBreach: 'previousStage' }));
    ramp.tick({ verdicts: { [ERRORS]: 'FAIL' } });
    expect(ramp.state()).toMatchObject({
      status: 'holding',
      serving: { percent: 5 },
      stop: { why: 'breach' },
      attempt: 1,
    });
    expect(ramp.intents()[1]).toMatchObject({ type: 'open-incident', percent: 25, guardrails: [ERRORS] });
    // What was known before does not count twice.
    ramp.watch(MINUTE, { verdicts: { [ERRORS]: 'FAIL' }, statistics: { attempt: 0 } });
    expect(ramp.state()).toMatchObject({ status: 'holding', serving: { percent: 5 } });
    ramp.tick({ verdicts: { [ERRORS]: 'FAIL' } });
    expect(ramp.state().serving.percent).toBe(1);
    ramp.tick({ verdicts: { [ERRORS]: 'FAIL' } });
    expect(ramp.state()).toMatchObject({ status: 'rolling-back', serving: { percent: 0 } });
  });
});

describe('B28: a stage in which there is nothing to see', () => {
  const blind = { verdicts: { [ERRORS]: 'UNHEALTHY' } } as const;

  it('onBlind: hold holds at once, bakes nothing, and goes on baking when there is something to see again', () => {
    const ramp = rampAt(25);
    ramp.watch(10 * MINUTE);
    const { bakedMs } = ramp.state();
    ramp.watch(3 * BAKE, blind);
    expect(ramp.state()).toMatchObject({ status: 'holding', serving: { percent: 25 }, bakedMs });
    expect(ramp.intents()[1]).toMatchObject({ type: 'ask-person', holds: [{ kind: 'blind', guardrails: [ERRORS] }] });
    ramp.watch(10 * MINUTE);
    expect(ramp.state().serving.percent).toBe(50);
  });

  it('onBlind: rollback goes back when it was blind for a bake without a break', () => {
    const ramp = rampAt(25, planOf({ onBlind: 'rollback' }));
    ramp.watch(BAKE - TICK_MS, blind);
    ramp.tick();
    ramp.watch(BAKE - TICK_MS, blind);
    expect(ramp.state().status).toBe('holding');
    ramp.tick(blind);
    expect(ramp.state()).toMatchObject({
      status: 'rolling-back',
      ending: { because: 'blind' },
      incident: { because: 'blind' },
    });
  });

  it('onBlind: rollback waits as long as blindMinutes say, paused or not, and not while regions lack the stage', () => {
    const ramp = rampAt(25, planOf({ onBlind: 'rollback', blindMinutes: 5 }));
    ramp.must({ type: 'pause', by: ana });
    ramp.watch(60 * MINUTE, { ...blind, regions: acknowledged(1) });
    expect(ramp.state().status).toBe('holding');
    ramp.watch(5 * MINUTE + TICK_MS, blind);
    expect(ramp.state().status).toBe('rolling-back');
  });
});

describe('regions', () => {
  it('B17, R9: a stage bakes once all that are required have acknowledged it', () => {
    const ramp = rampAt(5);
    ramp.watchUntil(({ serving }) => serving.percent === 25);
    ramp.publish();
    const version = ramp.state().serving.version ?? 0;
    ramp.watch(11 * MINUTE, {
      regions: acknowledged(version, { region: 'ap', version: version - 1, silentMs: 660_000 }),
    });
    expect(ramp.state()).toMatchObject({
      status: 'holding',
      bakedMs: 0,
      holds: [{ kind: 'regions', missing: ['ap'] }],
    });
    ramp.tick();
    expect(ramp.state()).toMatchObject({ status: 'running', bakedMs: 0 });
    ramp.watch(BAKE);
    expect(ramp.state().serving.percent).toBe(50);
  });

  it('B17: a partition in the midst of the bake holds it', () => {
    const ramp = rampAt(5);
    ramp.watch(10 * MINUTE);
    const version = ramp.state().serving.version ?? 0;
    ramp.watch(BAKE, { regions: acknowledged(version, { region: 'us', version: version - 1, silentMs: 0 }) });
    expect(ramp.state()).toMatchObject({ status: 'holding', serving: { percent: 5 } });
  });

  it('those that a plan names are waited for, seen or not, and others are not', () => {
    const ramp = rampAt(1, planOf({ regions: ['eu', 'us'] }));
    const { version } = ramp.state().serving;
    ramp.watch(BAKE, { regions: [{ region: 'eu', version: version ?? 0, silentMs: 0 }] });
    expect(ramp.state()).toMatchObject({ status: 'holding', holds: [{ kind: 'regions', missing: ['us'] }] });
    ramp.watch(BAKE + TICK_MS, { regions: acknowledged(version ?? 0, { region: 'ap', version: 0, silentMs: 0 }) });
    expect(ramp.state().serving.percent).toBe(5);
  });

  it('a breach goes back though no region has acknowledged the stage', () => {
    const ramp = rampAt(5);
    ramp.tick({ verdicts: { [ERRORS]: 'FAIL' }, regions: [] });
    expect(ramp.state().status).toBe('rolling-back');
  });

  it('onStale: control hands out a lease, and a region that is silent for longer serves control', () => {
    const ramp = rampAt(5, planOf({ onStale: 'control', leaseMinutes: 10 }));
    expect(ramp.intents()).toMatchObject([{ type: 'serve', percent: 5, leaseMs: 600_000 }]);
    ramp.must({ type: 'rollback', by: ana });
    ramp.publish();
    const silent = (silentMs: number) => ({
      regions: acknowledged(ramp.state().serving.version ?? 0, { region: 'ap', version: 1, silentMs }),
    });
    ramp.tick(silent(599_999));
    expect(ramp.state().status).toBe('rolling-back');
    ramp.tick(silent(Number.NaN));
    expect(ramp.state().status).toBe('rolling-back');
    ramp.tick(silent(600_000));
    expect(ramp.state().status).toBe('rolled-back');
  });

  it('onStale: control does not end a rollback that nobody has published', () => {
    const ramp = rampAt(5, planOf({ onStale: 'control' }));
    ramp.must({ type: 'rollback', by: ana });
    ramp.tick({
      regions: acknowledged(0, ...['eu', 'us', 'ap'].map((region) => ({ region, version: 0, silentMs: 1e9 }))),
    });
    expect(ramp.state()).toMatchObject({ status: 'rolling-back', holds: [{ kind: 'unpublished' }] });
  });
});

describe('B29: two controllers, and alarms that come twice', () => {
  it('one transition a stage: what was decided on another sequence is refused', () => {
    const ramp = rampAt(5);
    ramp.watch(BAKE - TICK_MS);
    const read = ramp.state();
    const tick = sightOf(read);
    ramp.pass(TICK_MS);
    ramp.must(tick);
    expect(ramp.state().serving.percent).toBe(25);
    expect(ramp.give(tick)).toEqual({ ok: false, error: { code: 'stale', sequence: read.sequence + 1 } });
    expect(ramp.state().serving.percent).toBe(25);
  });

  it('a rollback of one of them beats the advance of the other, in either order', () => {
    const before = rampAt(5);
    before.watch(BAKE - TICK_MS);
    const tick = sightOf(before.state());
    before.must({ type: 'rollback', by: ana });
    before.pass(TICK_MS);
    expect(before.give(tick)).toMatchObject({ ok: false, error: { code: 'stale' } });
    const after = rampAt(25);
    after.must({ type: 'rollback', by: ana });
    expect([before.state(), after.state()].map(({ status }) => status)).toEqual(['rolling-back', 'rolling-back']);
  });

  it('the same tick, told again, bakes nothing more', () => {
    const ramp = rampAt(5);
    ramp.tick();
    const once = ramp.state();
    ramp.must(sightOf(once));
    ramp.must(sightOf(once));
    expect(ramp.state()).toEqual(once);
  });

  it('a publish of what was decided before is refused, and one that is told twice counts once', () => {
    const ramp = rampAt(5);
    const { serving, sequence } = ramp.state();
    ramp.must({ type: 'published', sequence: serving.sequence, version: 999 });
    expect(ramp.state().serving).toEqual(serving);
    ramp.must({ type: 'rollback', by: ana });
    expect(ramp.give({ type: 'published', sequence: serving.sequence, version: 999 })).toEqual({
      ok: false,
      error: { code: 'stale', sequence: sequence + 1 },
    });
    const published = { type: 'published', sequence: ramp.state().serving.sequence } as const;
    for (const version of [Number.NaN, 0, 1.5])
      expect(ramp.give({ ...published, version })).toEqual({ ok: false, error: { code: 'no-version' } });
  });
});

describe('B31: an approval that is pending', () => {
  const stages = [1, { percent: 5, approval: { count: 2, roles: ['release-manager'] } }, 25];

  it('is asked for when the evidence is there, and counts people of the role other than the authors', () => {
    const ramp = rampAt(1, planOf({ stages }));
    ramp.watch(10 * MINUTE);
    expect(ramp.intents()).toHaveLength(1);
    ramp.watch(BAKE);
    expect(ramp.state()).toMatchObject({ status: 'holding', serving: { percent: 1 } });
    const { sequence } = ramp.state();
    expect(ramp.intents()[1]).toEqual({
      type: 'ask-approval',
      sequence,
      percent: 5,
      missing: 2,
      roles: ['release-manager'],
    });
    const approve = (by: typeof ana, at = sequence) => ramp.give({ type: 'approve', by, sequence: at });
    expect(approve({ person: 'ana', roles: ['release-manager'] })).toMatchObject({ error: { code: 'own-change' } });
    expect(approve({ person: 'max', roles: ['pricing'] })).toMatchObject({ error: { code: 'no-role' } });
    expect(approve(ben, sequence - 1)).toMatchObject({ error: { code: 'stale' } });
    expect(approve(ben).ok).toBe(true);
    expect(approve(ben)).toMatchObject({ error: { code: 'approved-already' } });
    ramp.watch(MINUTE);
    expect(ramp.state().serving.percent).toBe(1);
    expect(approve(eva).ok).toBe(true);
    ramp.tick();
    expect(ramp.state().serving.percent).toBe(5);
    expect(ramp.give({ type: 'approve', by: ben, sequence: ramp.state().sequence })).toMatchObject({
      error: { code: 'no-approval-needed' },
    });
  });

  it('gives way to a rollback, which needs none, and is gone with any other decision', () => {
    const ramp = rampAt(1, planOf({ stages }));
    ramp.watch(2 * BAKE);
    ramp.must({ type: 'approve', by: ben, sequence: ramp.state().sequence });
    ramp.must({ type: 'pause', by: ana });
    expect(ramp.state().approvals).toEqual([]);
    ramp.must({ type: 'resume', by: ana, sequence: ramp.state().sequence });
    ramp.must({ type: 'approve', by: ben, sequence: ramp.state().sequence });
    ramp.must({ type: 'rollback', by: null });
    expect(ramp.state()).toMatchObject({ status: 'rolling-back', approvals: [] });
    expect(ramp.give({ type: 'approve', by: eva, sequence: ramp.state().sequence })).toMatchObject({ ok: false });
  });
});

describe('a schedule', () => {
  it('keeps it from going on, and a breach from nothing', () => {
    const schedule = { timeZone: 'UTC', closed: [{ from: '10:15', to: '11:00' }] };
    const ramp = rampAt(1, planOf({ schedule }));
    ramp.watch(30 * MINUTE);
    expect(ramp.state()).toMatchObject({ status: 'holding', serving: { percent: 1 }, holds: [{ kind: 'schedule' }] });
    ramp.watch(31 * MINUTE);
    expect(ramp.state().serving.percent).toBe(5);
    const breach = rampAt(1, planOf({ schedule }));
    breach.watch(30 * MINUTE);
    breach.tick({ verdicts: { [ERRORS]: 'FAIL' } });
    expect(breach.state().status).toBe('rolling-back');
  });
});

it('a decision changes nothing of the state that it was made on', () => {
  const freeze = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  };
  const ramp = rampAt(5);
  const state: RolloutState = ramp.state();
  freeze(state);
  expect(decide(state, sightOf(state, { verdicts: { [ERRORS]: 'FAIL' } }), ramp.now()).ok).toBe(true);
});
