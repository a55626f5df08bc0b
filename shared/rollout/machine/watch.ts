/** How long the present step has been watched, with something to see and without, and what holds it now. */
import type { Ticked } from './event.ts';
import { entryHolds, evidenceHolds, safetyHolds, servedHolds, statusOf } from './gates.ts';
import type { Tick } from './input.ts';
import type { Look } from './look.ts';
import { unserved } from './next-sequence.ts';
import type { Hold, RolloutState } from './state.ts';
import type { Step } from './steps.ts';

/** Two ticks. What nobody watched is no part of a bake, and a clock that leaps does not end one. */
const MAX_WATCHED_MS = 20_000;

export interface Around {
  readonly look: Look;
  /** Undefined before the first. */
  readonly step: Step | undefined;
  /** Undefined behind the last. */
  readonly next: Step | undefined;
  readonly now: number;
}

export function watch(state: RolloutState, { regions }: Tick, around: Around): Ticked {
  const { look, step, now } = around;
  const served = servedHolds(state, regions);
  const safety = safetyHolds(state, step, look);
  const elapsed = served.length === 0 ? watchedMs(state, now) : 0;
  const blindMs = look.blind.length > 0 ? state.blindMs + elapsed : 0;
  const bakedMs = safety.length === 0 ? state.bakedMs + elapsed : state.bakedMs;
  const atOnce = [...served, ...safety];
  const holds = atOnce.length > 0 || !isBaked(bakedMs, step) ? atOnce : holdsAfterBake(state, around);
  return { type: 'ticked', at: now, status: statusOf(holds), bakedMs, blindMs, holds, seen: look.seen };
}

export const isBaked = (bakedMs: number, step: Step | undefined): boolean =>
  step === undefined || bakedMs >= step.bakeMs;

function holdsAfterBake(state: RolloutState, { look, next, now }: Around): readonly Hold[] {
  const evidence = evidenceHolds(look);
  return evidence.length > 0 ? evidence : entryHolds(state, next, now);
}

/** Between two looks at which regions served the step: what passed before the first of them is not watched. */
function watchedMs({ at, holds }: RolloutState, now: number): number {
  if (unserved(holds).length > 0) return 0;
  return Math.min(Math.max(0, now - at), MAX_WATCHED_MS);
}
