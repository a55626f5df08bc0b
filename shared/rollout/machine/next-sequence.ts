/** Regions do not serve it yet; no decision changes that. */
export const unserved = (holds: readonly Hold[]): readonly Hold[] =>
  holds.filter(({ kind }) => kind === 'unpublished' || kind === 'regions');

/** A decision: the sequence grows by one, and approvals, which were for what was before, are gone. */
import type { Placed } from './event.ts';
import type { Hold, RolloutState } from './state.ts';

export const decided = (state: RolloutState): RolloutState => ({
  ...state,
  sequence: state.sequence + 1,
  approvals: [],
});

/** As far as is known before the next look. */
export function goingOn(state: RolloutState): RolloutState {
  const holds = unserved(state.holds);
  return { ...state, status: holds.length === 0 ? 'running' : 'holding', holds };
}

/**
 * What is served has to be published again, whether or not the percentage was the same before. It holds until regions have it: what
 * passes before that is no bake.
 */
export function placed(state: RolloutState, { step, percent }: Placed): RolloutState {
  const next = decided(state);
  const serving = { percent, sequence: next.sequence, version: null };
  return { ...next, status: 'holding', holds: [{ kind: 'unpublished' }], step, serving, bakedMs: 0, blindMs: 0 };
}
