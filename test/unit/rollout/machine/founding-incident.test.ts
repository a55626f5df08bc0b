import { expect, it } from 'vitest';
import { CHECKS } from '#rollout/machine/checks';
import { judgeOf } from '#rollout/machine/judge';
import { type JudgeState, seenOf } from '#rollout/machine/judgement';
import { guardrailName } from '#schema/rollout-guardrail';
import { rolloutStatistics } from '#schema/rollout-statistics';
import { foundingIncident } from './fixtures/founding-incident.ts';
import { acknowledged, rampAt, sightOf, TICK_MS } from './fixtures/ramp.ts';

it('the founding incident, from counts to intent: everybody is taken back within 90 s of the first exposure at 5 %', () => {
  const { rollout, looks } = rolloutStatistics.parse(foundingIncident());
  const ramp = rampAt(5, rollout);
  const judges = rollout.guardrails.map((guardrail) => ({
    name: guardrailName(guardrail),
    judge: judgeOf(guardrail, { stages: rollout.stages.map(({ percent }) => percent), attempt: 0 }),
  }));
  const states = new Map<string, JudgeState>();
  const rolledBack = looks.findIndex(({ at, guardrails }) => {
    const verdicts = judges.map(({ name, judge }) => {
      const statistics = guardrails.find((one) => one.name === name)?.statistics;
      const judged = judge(states.get(name), { stage: 1, isAlone: false, at, statistics });
      states.set(name, JSON.parse(JSON.stringify(judged.state)) as JudgeState);
      return seenOf(name, judged);
    });
    ramp.pass(TICK_MS);
    const tick = sightOf(ramp.state());
    const checks = tick.verdicts.filter(({ name }) => CHECKS.includes(name));
    ramp.must({ ...tick, verdicts: [...verdicts, ...checks] });
    return ramp.state().status === 'rolling-back';
  });
  expect(rolledBack).toBeGreaterThan(0);
  expect((rolledBack + 1) * 10).toBeLessThanOrEqual(90);
  expect(ramp.intents()).toMatchObject([
    { type: 'serve', percent: 0 },
    { type: 'open-incident', because: 'breach', guardrails: ['checkout.errors'], percent: 5 },
  ]);
  ramp.publish();
  ramp.must({ ...sightOf(ramp.state()), regions: acknowledged(ramp.state().serving.version ?? 0) });
  expect(ramp.state().status).toBe('rolled-back');
});
