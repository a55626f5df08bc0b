import { describe, expect, it } from 'vitest';
import { loosens } from '#rollout/machine/loosens';
import type { Rollout, RolloutInput } from '#schema/rollout';
import {
  ana,
  ben,
  commandTypes,
  createRamp,
  ERRORS,
  eva,
  MINUTE,
  P95,
  planOf,
  rampAt,
  TICK_MS,
} from './fixtures/ramp.ts';

const BAKE = 20 * MINUTE;
const guardrails: RolloutInput['guardrails'] = [
  { metric: ERRORS, maxRelativeIncrease: 0.1 },
  { datadogMonitor: P95, maxRelativeIncrease: 0.15 },
];

describe('B30: somebody changes the flag in the midst of a ramp', () => {
  const edited = { type: 'flag-edited', what: 'targeting', percent: 25, by: 'max' } as const;

  it.each(['targeting', 'salt', 'variations'] as const)('%s: it stops, and statistics begin anew', (what) => {
    const ramp = rampAt(25);
    ramp.watch(10 * MINUTE);
    ramp.must({ ...edited, what });
    expect(ramp.state()).toMatchObject({
      status: 'holding',
      stop: { why: 'edited', by: 'max' },
      revision: 2,
      bakedMs: 0,
      seen: [],
      serving: { percent: 25, version: null },
    });
    ramp.watch(2 * BAKE);
    expect(ramp.state()).toMatchObject({ status: 'holding', serving: { percent: 25 } });
    ramp.must({ type: 'resume', by: ana, sequence: ramp.state().sequence });
    // What was measured of the others proves nothing.
    ramp.watch(2 * BAKE, { statistics: { revision: 1 } });
    expect(ramp.state()).toMatchObject({ status: 'holding', serving: { percent: 25 }, holds: [{ kind: 'blind' }] });
    ramp.watch(BAKE);
    expect(ramp.state().serving.percent).toBe(50);
  });

  it('a percentage above the stage goes back to the stage', () => {
    const ramp = rampAt(25);
    ramp.must({ ...edited, what: 'percent', percent: 100 });
    expect(ramp.state()).toMatchObject({ status: 'holding', stop: { why: 'edited' }, serving: { percent: 25 } });
    expect(ramp.intents()[0]).toMatchObject({ type: 'serve', percent: 25, sequence: ramp.state().sequence });
  });

  it.each([
    [10, 5],
    [5, 5],
    [0.5, 0],
    [0, 0],
    [-3, 0],
  ])('a percentage of %s stays taken back: the ramp goes on from %s, by its evidence', (percent, expected) => {
    const ramp = rampAt(25);
    ramp.must({ ...edited, what: 'percent', percent });
    expect(ramp.state().serving.percent).toBe(expected);
    ramp.must({ type: 'resume', by: ana, sequence: ramp.state().sequence });
    ramp.watch(BAKE - TICK_MS, { all: 'NO_DATA' });
    expect(ramp.state().serving.percent).toBe(expected === 0 ? 1 : expected);
  });

  it('a percentage that is no number stops it where it is', () => {
    const ramp = rampAt(25);
    ramp.must({ ...edited, what: 'percent', percent: Number.NaN });
    expect(ramp.state()).toMatchObject({ status: 'holding', serving: { percent: 25 } });
  });

  it('what is served already is no edit, and a draft or a rollout that is over knows none', () => {
    const ramp = rampAt(25);
    const { sequence } = ramp.state();
    ramp.must({ ...edited, what: 'percent', percent: 25 });
    expect(ramp.state().sequence).toBe(sequence);
    const unstarted = createRamp(planOf());
    unstarted.must(edited);
    expect(unstarted.events()).toEqual([]);
  });
});

describe('B33: a plan that changes in the midst of its ramp', () => {
  const edit = (ramp: ReturnType<typeof rampAt>, plan: Rollout, by = ana) =>
    ramp.give({ type: 'edit-plan', by, sequence: ramp.state().sequence, plan });

  const LOOSER: readonly (readonly [string, Partial<RolloutInput>, string])[] = [
    ['a guardrail is deleted', { guardrails: guardrails.slice(1) }, `guardrail ${ERRORS} is gone`],
    [
      'a guardrail is loosened',
      { guardrails: [{ metric: ERRORS, maxRelativeIncrease: 0.5 }, ...guardrails.slice(1)] },
      `maxRelativeIncrease of guardrail ${ERRORS} is 0.5`,
    ],
    [
      'a threshold is deleted',
      { guardrails: [{ metric: ERRORS, max: 0.9 }, ...guardrails.slice(1)] },
      `maxRelativeIncrease of guardrail ${ERRORS} is gone`,
    ],
    [
      'a guardrail reads something else',
      { guardrails: [{ name: ERRORS, metric: 'other', maxRelativeIncrease: 0.1 }, ...guardrails.slice(1)] },
      `guardrail ${ERRORS} reads or weighs otherwise`,
    ],
    [
      'it asks for more evidence of harm',
      { guardrails: [{ metric: ERRORS, maxRelativeIncrease: 0.1, alpha: 0.001 }, ...guardrails.slice(1)] },
      `guardrail ${ERRORS} asks for more evidence of harm`,
    ],
    ['B32: stages are left out', { stages: [1, 100] }, 'stage 5 is gone'],
    ['a bake is shorter', { bakeMinutes: 19 }, 'stage 1 bakes for a shorter time'],
    ['a stage asks for less', { minimumEvidence: { exposures: 10 } }, 'stage 1 asks for less evidence'],
    ['a breach does less', { onBreach: 'previousStage' }, 'onBreach is previousStage'],
    ['nobody is kept back', { holdback: 'none' }, 'stage 95 is gone'],
    ['fewer regions are waited for', { regions: ['eu'] }, 'other regions are waited for'],
  ];

  it.each(LOOSER)(
    '%s: it waits for another person, and what is in force stays in force',
    (_what, changes, loosened) => {
      const ramp = rampAt(1);
      const before = ramp.state();
      expect(edit(ramp, planOf(changes)).ok).toBe(true);
      expect(ramp.state()).toMatchObject({ plan: before.plan, sequence: before.sequence, status: 'running' });
      expect(ramp.intents()[1]).toMatchObject({ type: 'ask-plan-approval', proposal: 1, missing: 1 });
      expect(ramp.state().proposal?.loosens).toContain(loosened);
      expect(ramp.give({ type: 'approve-plan', by: ana, proposal: 1 })).toMatchObject({
        error: { code: 'own-change' },
      });
      ramp.must({ type: 'approve-plan', by: ben, proposal: 1 });
      expect(ramp.state()).toMatchObject({ plan: planOf(changes), proposal: null, bakedMs: 0, seen: [] });
    },
  );

  it('the old guardrail goes back while the new one waits, and the change is gone then', () => {
    const ramp = rampAt(5);
    edit(ramp, planOf({ guardrails: guardrails.slice(1) }));
    ramp.tick({ verdicts: { [ERRORS]: 'FAIL' } });
    expect(ramp.state()).toMatchObject({ status: 'rolling-back', proposal: null });
    expect(ramp.give({ type: 'approve-plan', by: ben, proposal: 1 })).toMatchObject({ error: { code: 'no-proposal' } });
  });

  it('what is only stricter counts at once, and the stage bakes anew', () => {
    const ramp = rampAt(5);
    ramp.watch(10 * MINUTE);
    const stricter = planOf({
      stages: [1, 5, 10, 25, 50, 100],
      bakeMinutes: 30,
      minimumEvidence: { exposures: 500 },
      guardrails: [
        { metric: ERRORS, maxRelativeIncrease: 0.05, max: 0.5 },
        ...guardrails.slice(1),
        { datadogMonitor: 'up' },
      ],
      onBlind: 'rollback',
      onStale: 'control',
      schedule: { timeZone: 'UTC', closed: [{ days: ['friday'] }] },
    });
    expect(loosens(planOf(), stricter)).toEqual([]);
    expect(edit(ramp, stricter).ok).toBe(true);
    expect(ramp.state()).toMatchObject({
      plan: stricter,
      proposal: null,
      bakedMs: 0,
      step: 1,
      serving: { percent: 5 },
    });
    // The new guardrail has said nothing yet.
    ramp.watch(29 * MINUTE, { verdicts: { up: 'NO_DATA' } });
    expect(ramp.state()).toMatchObject({ status: 'holding', holds: [{ kind: 'blind', guardrails: ['up'] }] });
    ramp.watch(30 * MINUTE);
    expect(ramp.state()).toMatchObject({ serving: { percent: 10 } });
  });

  it('it is loosened by as many and such people as the plan in force names', () => {
    const strict = planOf({ approval: { count: 2, roles: ['release-manager'] } });
    const ramp = rampAt(5, strict);
    edit(ramp, planOf());
    expect(ramp.state().proposal?.loosens).toEqual(['other people may loosen it']);
    const approve = (person: string, ...roles: string[]) =>
      ramp.give({ type: 'approve-plan', by: { person, roles }, proposal: 1 });
    expect(approve('max', 'pricing')).toMatchObject({ error: { code: 'no-role', roles: ['release-manager'] } });
    expect(approve('ben', 'release-manager').ok).toBe(true);
    expect(approve('ben', 'release-manager')).toMatchObject({ error: { code: 'approved-already' } });
    expect(ramp.state().plan).toEqual(strict);
    expect(approve('eva', 'release-manager').ok).toBe(true);
    expect(ramp.state().plan).toEqual(planOf());
  });

  it('a change that another one replaces, or that is withdrawn, is approved by nobody', () => {
    const ramp = rampAt(5);
    edit(ramp, planOf({ onBreach: 'hold' }));
    edit(ramp, planOf({ bakeMinutes: 1 }), eva);
    expect(ramp.give({ type: 'approve-plan', by: ben, proposal: 1 })).toMatchObject({ error: { code: 'no-proposal' } });
    expect(ramp.give({ type: 'withdraw-plan', by: ana, proposal: 2 })).toMatchObject({
      error: { code: 'not-the-author' },
    });
    ramp.must({ type: 'withdraw-plan', by: eva, proposal: 2 });
    expect(ramp.give({ type: 'approve-plan', by: ben, proposal: 2 })).toMatchObject({ error: { code: 'no-proposal' } });
    expect(ramp.state()).toMatchObject({ plan: planOf(), proposal: null, proposals: 2 });
  });

  it('another flag is another rollout, and the stage that is served stays one', () => {
    const ramp = rampAt(5);
    expect(edit(ramp, planOf({ flag: 'pricing.other' }))).toMatchObject({
      error: { code: 'immutable', field: 'flag' },
    });
    expect(edit(ramp, planOf({ variation: 'v2' }))).toMatchObject({ error: { code: 'immutable', field: 'variation' } });
    expect(edit(ramp, planOf({ stages: [1, 25, 100] }))).toMatchObject({ error: { code: 'stage-in-use', percent: 5 } });
    expect(edit(ramp, planOf())).toMatchObject({ error: { code: 'nothing-changes' } });
    expect(ramp.give({ type: 'edit-plan', by: ana, sequence: 0, plan: planOf({ bakeMinutes: 1 }) })).toMatchObject({
      error: { code: 'stale' },
    });
  });

  it('a stage that the ramp has come to meanwhile is not approved away', () => {
    const ramp = rampAt(1);
    edit(ramp, planOf({ stages: [1, 100] }));
    ramp.watch(BAKE + TICK_MS);
    expect(ramp.state().serving.percent).toBe(5);
    expect(ramp.give({ type: 'approve-plan', by: ben, proposal: 1 })).toMatchObject({
      error: { code: 'stage-in-use' },
    });
  });

  it('a draft is changed at will', () => {
    const ramp = createRamp(planOf());
    expect(edit(ramp, planOf({ guardrails: guardrails.slice(1), stages: [50] }), eva).ok).toBe(true);
    expect(ramp.state()).toMatchObject({ status: 'draft', authors: ['ana', 'eva'], step: -1 });
    expect(commandTypes(ramp.events())).toEqual(['plan-edited']);
  });
});

describe('what is looser', () => {
  const PAIRS: readonly (readonly [string, Partial<RolloutInput>, Partial<RolloutInput>, readonly string[]])[] = [
    ['a last stage that goes further', { stages: [1, 50] }, { stages: [1, 50, 60] }, ['it goes up to 60 %']],
    ['a ramp that ends earlier', {}, { stages: [1, 5, 25] }, []],
    [
      'a minimum that is lower',
      { guardrails: [{ metric: 'm', min: 0.5 }] },
      { guardrails: [{ metric: 'm', min: 0.4 }] },
      ['min of guardrail m is 0.4'],
    ],
    [
      'points that take longer to breach',
      { guardrails: [{ prometheus: 'q', max: 5 }] },
      { guardrails: [{ prometheus: 'q', max: 5, breachAfter: { ticks: 9, of: 9 } }] },
      ['guardrail q reads or weighs otherwise'],
    ],
    ['blindness that is borne', { onBlind: 'rollback' }, {}, ['it may be blind for longer']],
    [
      'a lease that is longer',
      { onStale: 'control', leaseMinutes: 5 },
      { onStale: 'control', leaseMinutes: 6 },
      ['evaluators that hear nothing keep it for longer'],
    ],
    [
      'another schedule',
      { schedule: { timeZone: 'UTC', closed: [{ days: ['friday'] }] } },
      { schedule: { timeZone: 'UTC', closed: [{ days: ['monday'] }] } },
      ['the schedule is another'],
    ],
    [
      'a stage without its approval',
      { stages: [{ percent: 5, approval: { roles: ['a'] } }] },
      { stages: [5] },
      ['stage 5 asks for the word of fewer people'],
    ],
    [
      'a stage with an approval of others',
      { stages: [{ percent: 5, approval: { roles: ['a'] } }] },
      { stages: [{ percent: 5, approval: { roles: ['a', 'b'] } }] },
      ['stage 5 asks for the word of fewer people'],
    ],
    ['more regions', { regions: ['eu'] }, { regions: ['us', 'eu'] }, []],
    ['all regions in the place of some', { regions: ['eu'] }, { regions: 'all' }, ['other regions are waited for']],
  ];

  it.each(PAIRS)('%s', (_what, before, after, expected) => {
    expect(loosens(planOf(before), planOf(after))).toEqual(expected);
  });
});
