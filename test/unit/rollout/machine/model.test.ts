import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '#rollout/machine/decide';
import type { RolloutEvent } from '#rollout/machine/event';
import { evolve, fold } from '#rollout/machine/evolve';
import type { Input, Tick } from '#rollout/machine/input';
import { intentsOf } from '#rollout/machine/intents';
import { draft, type RolloutState, STATUSES } from '#rollout/machine/state';
import { stepsOf } from '#rollout/machine/steps';
import type { Rollout } from '#schema/rollout';
import { guardrailName } from '#schema/rollout-guardrail';
import { BEGIN } from './fixtures/ramp.ts';
import { randomInput, randomPlan, randomTime } from './fixtures/random-input.ts';

interface Moment {
  readonly before: RolloutState;
  readonly after: RolloutState;
  readonly input: Input;
  readonly now: number;
  readonly events: readonly RolloutEvent[];
}

const STEPS = 120;
const life = fc.array(fc.nat(1_000_000), { minLength: 400, maxLength: 400 });

/** Everything that may happen, at random. Returns the first moment that breaks the rule. */
function firstBreach(numbers: readonly number[], rule: (moment: Moment) => boolean): Moment | undefined {
  let at = 0;
  const pick = (below: number): number => ((numbers[at++ % numbers.length] as number) + at * 7) % below;
  let state = draft('r', randomPlan(pick), 'ana', BEGIN);
  let now = BEGIN;
  let last: Input | undefined;
  for (let step = 0; step < STEPS; step++) {
    now = randomTime(now, pick);
    const input: Input = last !== undefined && pick(10) === 0 ? last : randomInput(state, pick);
    last = input;
    const decision = decide(state, input, now);
    if (!decision.ok) continue;
    const moment = { before: state, after: fold(state, decision.value), input, now, events: decision.value };
    if (!rule(moment)) return moment;
    state = moment.after;
  }
  return undefined;
}

/** `expect` is too slow for a hundred thousand moments: a rule is true or it is not. */
const always = (rule: (moment: Moment) => boolean): void =>
  fc.assert(
    fc.property(life, (numbers) => {
      expect(firstBreach(numbers, rule)).toBeUndefined();
    }),
    { numRuns: 200, seed: 7 },
  );

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const watchedBy = ({ guardrails }: Rollout): readonly string[] => [
  ...guardrails.map(guardrailName),
  'lockstep:sample-ratio',
  'lockstep:traffic',
  'lockstep:ledger',
  'lockstep:consistency',
];

/** Written from the rule alone: every guardrail is told at least once, and never as anything but PASS, of what is served now. */
function passesWhole({ plan, serving, revision, attempt }: RolloutState, { statistics, verdicts }: Tick): boolean {
  const isNow =
    statistics.serving === serving.sequence && statistics.revision === revision && statistics.attempt === attempt;
  return watchedBy(plan).every((watched) => {
    const told = verdicts.filter(({ name }) => name === watched);
    return isNow && told.length > 0 && told.every(({ kind }) => kind === 'PASS');
  });
}

/** Of an earlier stage, too: harm that was measured late is harm. */
const breachesNow = ({ plan, revision, attempt }: RolloutState, { statistics, verdicts }: Tick): boolean =>
  statistics.revision === revision &&
  statistics.attempt === attempt &&
  verdicts.some(({ kind, name }) => kind === 'FAIL' && watchedBy(plan).includes(name));

const hasEverywhere = ({ plan, serving }: RolloutState, { regions }: Tick): boolean => {
  const required = plan.regions === 'all' ? regions.map(({ region }) => region) : plan.regions;
  const has = (name: string): boolean =>
    regions.some(({ region, version }) => region === name && version >= (serving.version ?? Number.NaN));
  return required.length > 0 && required.every(has);
};

describe('R32: whatever a rollout is told', () => {
  it('it reaches a higher percentage on a tick alone that sees every guardrail pass, in every region, after the bake', () => {
    let grown = 0;
    always(({ before, after, input }) => {
      if (after.serving.percent <= before.serving.percent) return true;
      grown += 1;
      if (input.type !== 'tick' || input.sequence !== before.sequence) return false;
      const steps = stepsOf(before.plan);
      const step = steps[before.step];
      const isSound =
        step === undefined
          ? !breachesNow(before, input)
          : passesWhole(before, input) && before.bakedMs + 20_000 >= step.bakeMs;
      const approving = before.approvals.filter((person) => !before.authors.includes(person));
      const isNext = after.step === before.step + 1 && before.stop === null;
      const isApproved = approving.length >= (steps[after.step]?.approval?.count ?? 0);
      return isSound && isNext && isApproved && hasEverywhere(before, input);
    });
    expect(grown).toBeGreaterThan(250);
  });

  it('nothing un-decides a rollback', () => {
    let ended = 0;
    always(({ before, after }) => {
      if (before.ending === null) return true;
      ended += 1;
      if (before.status !== 'rolling-back' && !isSame(before, after)) return false;
      const intends = intentsOf(after).some((intent) => intent.type === 'serve' && intent.percent === 0);
      const isOver = ['rolling-back', 'rolled-back', 'aborted'].includes(after.status);
      return isOver && intends && after.serving.percent === 0 && isSame(after.ending, before.ending);
    });
    expect(ended).toBeGreaterThan(250);
  });

  it('it serves a stage of its plan or 0, and what it serves is what it intends', () => {
    always(({ after }) => {
      const isUnderWay = after.status !== 'draft' && (after.status !== 'aborted' || after.ending !== null);
      const served = intentsOf(after).flatMap((intent) => (intent.type === 'serve' ? [intent.percent] : []));
      const planned = stepsOf(after.plan)[after.step]?.percent ?? 0;
      return after.serving.percent === planned && isSame(served, isUnderWay ? [planned] : []);
    });
  });

  it('a breach that it is told of goes back at once, or holds where the plan says so', () => {
    let breaches = 0;
    always(({ before, after, input }) => {
      if (input.type !== 'tick' || before.step < 0 || before.ending !== null) return true;
      if (!breachesNow(before, input)) return true;
      breaches += 1;
      if (before.plan.onBreach === 'hold') return after.stop?.why === 'breach' && after.step === before.step;
      return after.serving.percent < before.serving.percent;
    });
    expect(breaches).toBeGreaterThan(40);
  });

  it('the sequence grows by one with each decision alone, and the percentage changes with none but those', () => {
    always(({ before, after, events }) => {
      const decisions = events.filter(({ type }) => DECISIONS.has(type)).length;
      const isStill = decisions > 0 || after.serving.percent === before.serving.percent;
      return isStill && after.sequence - before.sequence === decisions;
    });
  });

  it('its state goes through JSON unchanged at any moment, leads to the same decisions, and is the fold of its events', () => {
    always(({ before, after, input, now, events }) => {
      const stored = JSON.parse(JSON.stringify(before)) as RolloutState;
      const told = JSON.parse(JSON.stringify(events)) as RolloutEvent[];
      const again = decide(stored, input, now);
      const isPlain = isDeepStrictEqual(stored, before) && isDeepStrictEqual(told, events);
      return (
        isPlain &&
        isDeepStrictEqual(again, { ok: true, value: events }) &&
        isDeepStrictEqual(told.reduce(evolve, stored), after)
      );
    });
  });

  it('these lives reach every status and every event', () => {
    const seen = new Set<string>();
    always(({ before, after, events }) => {
      seen.add(before.status).add(after.status);
      for (const { type } of events) seen.add(type);
      return true;
    });
    expect([...seen].sort()).toEqual([...new Set([...STATUSES, ...EVENTS])].sort());
  });
});

const DECISIONS = new Set<string>([
  'started',
  'advanced',
  'stepped-back',
  'held',
  'rollback-decided',
  'rolled-back',
  'aborted',
  'completed',
  'paused',
  'resumed',
  'plan-edited',
  'flag-edited',
]);
const EVENTS = [...DECISIONS, 'ticked', 'approved', 'plan-proposed', 'plan-approved', 'plan-withdrawn', 'published'];
