/** One stage of a flag that does harm: when does each rule notice? All look at the same users. */
import { combineStages } from '#rollout/evidence/combine-stages';
import { observeRates } from '#rollout/evidence/observe-rates';
import type { RatePlan } from '#rollout/evidence/rate-plan';
import { emptyRateState } from '#rollout/evidence/rate-state';
import { ALPHA, BAKE_SECONDS, RAMP } from './null-ramp.ts';
import { createInformed, fires } from './peers.ts';
import { createRandom } from './random.ts';
import { createTotals } from './stage-totals.ts';
import { type Bin, cellOf, createStream } from './stream.ts';
import { weatherOf } from './weather.ts';

/** `ramp`: ours, where the stage is one of five that are planned and its part of the stakes is smaller; `ours`: by the plan that is given. */
export const RULES = ['ours', 'ramp', 'informed', 'msprt', 'sequence'] as const;
export type Rule = (typeof RULES)[number];

export interface Harm {
  readonly traffic: number;
  readonly base: number;
  readonly delay: number;
  readonly share: number;
  readonly effect: number;
  readonly lookSeconds: number;
  /** Seconds into the stage at which the effect begins. */
  readonly startsAt?: number;
  /** Of a stage before, as long as this one, in which there is no effect. */
  readonly calmShare?: number;
}

export interface Noticed {
  /** Seconds from the beginning of the effect; null where the stage was over before. */
  readonly times: Readonly<Record<Rule, number | null>>;
  /** Treated users of the stage until ours noticed. */
  readonly treated: number;
}

/** Peers that are slower than ours are not waited for beyond this many times its time. */
const PATIENCE = 3;

export function runStage(name: string, plan: RatePlan, harm: Harm): Noticed {
  const random = createRandom(name);
  const { traffic, base, delay, lookSeconds, share, effect, startsAt = 0, calmShare } = harm;
  const stream = createStream({
    random,
    traffic,
    base,
    delay,
    lookSeconds,
    weather: weatherOf('calm', random, BAKE_SECONDS),
  });
  const stage = calmShare === undefined ? 0 : 1;
  const calmSeconds = stage * BAKE_SECONDS;
  const begins = calmSeconds + startsAt;
  const ends = calmSeconds + BAKE_SECONDS;
  const informed = createInformed(effect);
  const known = new Map<Bin, { treated: number; control: number }>();
  const totals = createTotals();
  const times: Record<Rule, number | null> = { ours: null, ramp: null, informed: null, msprt: null, sequence: null };
  let state = emptyRateState();
  let treated = 0;
  for (let second = 0; second < ends; second += lookSeconds) {
    const isCalm = second < calmSeconds;
    const changed = stream.look({
      stage: isCalm ? stage - 1 : stage,
      revision: isCalm ? 1 : 2,
      share: isCalm ? (calmShare as number) : share,
      effect: second < begins ? 1 : effect,
    });
    const passed = second + lookSeconds - begins;
    if (changed.length > 0) {
      const look = observeRates(plan, state, {
        stage: isCalm ? stage - 1 : stage,
        cells: changed.map(cellOf),
        now: 1_000 * (second + lookSeconds),
      });
      if (look.trouble !== null) throw new Error(`a sound look was refused: ${look.trouble}`);
      state = look.state;
      inform(changed);
      totals.add(changed);
    }
    const own = totals.of(stage);
    if (times.ramp === null && passed > 0) treated = own.treated;
    if (state.peak >= -Math.log(ALPHA)) times.ours ??= passed;
    if (rampEvidence(plan, state.evidence) >= -Math.log(ALPHA)) times.ramp ??= passed;
    if (informed.fired()) times.informed ??= passed;
    if (times.msprt === null && !isCalm && fires('msprt', own)) times.msprt = passed;
    if (times.sequence === null && !isCalm && fires('sequence', own)) times.sequence = passed;
    if (isOver(times, passed)) break;
  }
  return { times, treated };

  /** The same outcomes at the same shares as ours; it knows the effect, and when it begins. */
  function inform(changed: readonly Bin[]): void {
    for (const bin of changed) {
      const before = known.get(bin) ?? { treated: 0, control: 0 };
      const treated = bin.treatedOutcomes - before.treated;
      const all = treated + bin.controlOutcomes - before.control;
      const belongs = bin.stage === stage && bin.minute * 60 >= begins - 60;
      if (belongs && all > 0) informed.add(bin.treated / (bin.treated + bin.control), treated, all);
      known.set(bin, { treated: bin.treatedOutcomes, control: bin.controlOutcomes });
    }
  }
}

/** Of a rollout of one stage, what the same evidence would be as the first of five planned ones. */
function rampEvidence({ stages, logWeight }: RatePlan, evidence: number): number {
  if (stages.length > 1) return evidence;
  const own = evidence - logWeight;
  return logWeight + combineStages(own, [own], RAMP.length);
}

function isOver(
  { ours, ramp, informed, msprt, sequence }: Readonly<Record<Rule, number | null>>,
  passed: number,
): boolean {
  if (ours === null || ramp === null || informed === null) return false;
  return (msprt !== null && sequence !== null) || passed > PATIENCE * Math.max(ramp, informed);
}
