/** Held until a person lifts it. */
import { unserved } from './next-sequence.ts';
import type { RolloutState, Stop } from './state.ts';

export const stopped = (
  state: RolloutState,
  why: Stop['why'],
  { at, by }: { readonly at: number; readonly by?: string },
): RolloutState => ({
  ...state,
  status: 'holding',
  stop: { why, by: by ?? null, at },
  holds: [{ kind: 'stopped', why }, ...unserved(state.holds)],
});
