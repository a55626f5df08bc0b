/** What ten seconds come to: a breach goes back at once, and only what is seen to be sound goes on. */
import { ok, type Result, refused } from '#schema/result';
import type { RolloutEvent, Ticked } from './event.ts';
import { servedHolds } from './gates.ts';
import type { Tick } from './input.ts';
import { lookAt } from './look.ts';
import type { Refusal } from './refusal.ts';
import { knowsNoRegion, missingAtRollback } from './region-progress.ts';
import type { Hold, RolloutState } from './state.ts';
import { type Step, stepsOf } from './steps.ts';
import { isBaked, watch } from './watch.ts';

export function decideTick(state: RolloutState, tick: Tick, now: number): Result<readonly RolloutEvent[], Refusal> {
  switch (state.status) {
    case 'draft':
    case 'rolled-back':
    case 'completed':
    case 'aborted':
      return refused({ code: 'wrong-status', status: state.status, takes: ACTIVE });
    case 'rolling-back':
      return isStale(state, tick) ? stale(state) : ok(whileRollingBack(state, tick, now));
    case 'running':
    case 'holding':
    case 'inconclusive':
      return isStale(state, tick) ? stale(state) : ok(whileRamping(state, tick, now));
    default:
      return state.status satisfies never;
  }
}

const ACTIVE = ['running', 'holding', 'inconclusive', 'rolling-back'] as const;

/** Another controller, or this one before, has decided on what this tick has not seen. */
const isStale = (state: RolloutState, tick: Tick): boolean => tick.sequence !== state.sequence;
const stale = ({ sequence }: RolloutState): Result<never, Refusal> => refused({ code: 'stale', sequence });

function whileRamping(state: RolloutState, tick: Tick, now: number): readonly RolloutEvent[] {
  const steps = stepsOf(state.plan);
  const step = steps[state.step];
  const next = steps[state.step + 1];
  const look = lookAt(state, step, tick);
  const watched = watch(state, tick, { look, step, next, now });
  if (step === undefined) return onward(state, watched, { step, next });
  if (look.failing.length > 0) return breached(state, watched, { steps, failing: look.failing });
  if (isBlindTooLong(state, watched, step)) return [watched, rollback(now, 'blind', look.blind)];
  return onward(state, watched, { step, next });
}

/** Minimum evidence, bake, schedule and approvals are for going on. A breach asks for none of them. */
function breached(
  state: RolloutState,
  watched: Ticked,
  { steps, failing: guardrails }: { readonly steps: readonly Step[]; readonly failing: readonly string[] },
): readonly RolloutEvent[] {
  const { at } = watched;
  switch (state.plan.onBreach) {
    case 'rollbackToZero':
      return [watched, rollback(at, 'breach', guardrails)];
    case 'previousStage': {
      const step = state.step - 1;
      const before = steps[step];
      if (before === undefined) return [watched, rollback(at, 'breach', guardrails)];
      return [watched, { type: 'stepped-back', at, step, percent: before.percent, guardrails }];
    }
    case 'hold':
      return state.stop?.why === 'breach' ? [watched] : [watched, { type: 'held', at, guardrails }];
    default:
      return state.plan.onBreach satisfies never;
  }
}

const rollback = (at: number, because: 'breach' | 'blind', guardrails: readonly string[]): RolloutEvent => ({
  type: 'rollback-decided',
  at,
  because,
  by: null,
  guardrails,
});

function isBlindTooLong({ plan }: RolloutState, { blindMs }: Ticked, step: Step): boolean {
  const mostMs = plan.blindMinutes === undefined ? step.bakeMs : plan.blindMinutes * 60_000;
  return plan.onBlind === 'rollback' && blindMs >= mostMs;
}

function onward(
  state: RolloutState,
  watched: Ticked,
  { step, next }: { readonly step: Step | undefined; readonly next: Step | undefined },
): readonly RolloutEvent[] {
  const { at, holds, bakedMs } = watched;
  if (holds.length > 0 || !isBaked(bakedMs, step)) return [watched];
  if (next === undefined) return [watched, { type: 'completed', at }];
  return [watched, { type: 'advanced', at, step: state.step + 1, percent: next.percent }];
}

/** Until nobody serves it any more. Verdicts are not looked at: it is decided. */
function whileRollingBack(state: RolloutState, { regions }: Tick, at: number): readonly RolloutEvent[] {
  const { plan, serving, ending, bakedMs, blindMs, seen } = state;
  const missing = missingAtRollback(plan, serving, regions);
  if (serving.version !== null && missing.length === 0 && !knowsNoRegion(plan, regions))
    return [{ type: ending?.because === 'aborted' ? 'aborted' : 'rolled-back', at }];
  const holds: readonly Hold[] = servedHolds(state, regions);
  return [{ type: 'ticked', at, status: 'rolling-back', bakedMs, blindMs, holds, seen }];
}
