/**
 * Evidence over a whole rollout from that of its stages: E = 1/2 E_rollout + 1/2 mean over the planned stages of E_stage, an E_stage being 1
 * before its stage begins. An average of supermartingales is one, so P(ever E >= 1/alpha) <= alpha (Ville) over the whole ramp; to begin
 * anew at each stage with a full stake would multiply alpha by the number of stages.
 */
import { logSum } from './log-sum.ts';

const HALF = Math.log(0.5);

/** All in logarithms. `stages`: of those that have begun. */
export function combineStages(whole: number, stages: readonly number[], planned: number): number {
  const slots = Math.max(planned, stages.length);
  const waiting = slots - stages.length;
  const share = HALF - Math.log(slots);
  const terms = stages.map((stage) => stage + share);
  if (waiting > 0) terms.push(Math.log(waiting) + share);
  return logSum([...terms, whole + HALF]);
}
