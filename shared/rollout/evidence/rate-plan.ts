/** What a guardrail on a rate is declared to do: fixed before the first exposure, for evidence means nothing against a limit chosen later. */
import { attemptWeight } from './attempt-weight.ts';
import { gateMixture, type HarmDirection, harmMixture, type Mixture } from './rate-mixture.ts';
import { stageBound } from './stage-bound.ts';

export interface RatePlanInput {
  readonly direction: HarmDirection;
  /** Harm is a relative change of more than this: 0.10 allows a rate of 1.10 times control's (or, of a decrease, 0.90 times). */
  readonly maxRelativeChange: number;
  /** Percent. */
  readonly stages: readonly number[];
  /** Most chance of a false rollback in all attempts together. */
  readonly alpha?: number;
  /** Most chance that a gate opens for an effect as bad as its bound. */
  readonly beta?: number;
  readonly attempt?: number;
  /** An exposure's outcomes are waited for this long. */
  readonly attributionMinutes?: number;
}

export interface RatePlan {
  readonly direction: HarmDirection;
  readonly stages: readonly number[];
  readonly alpha: number;
  readonly beta: number;
  readonly attributionMinutes: number;
  /** ln of the attempt's weight. */
  readonly logWeight: number;
  readonly harm: Mixture;
  /** By stage. */
  readonly gates: readonly Mixture[];
}

export const DEFAULT_ALPHA = 0.01;
export const DEFAULT_BETA = 0.1;
const DEFAULT_ATTRIBUTION_MINUTES = 10;

export function ratePlan(input: RatePlanInput): RatePlan {
  const { direction, stages, maxRelativeChange } = input;
  const limit = direction === 'increase' ? 1 + maxRelativeChange : 1 - maxRelativeChange;
  return {
    direction,
    stages,
    alpha: input.alpha ?? DEFAULT_ALPHA,
    beta: input.beta ?? DEFAULT_BETA,
    attributionMinutes: input.attributionMinutes ?? DEFAULT_ATTRIBUTION_MINUTES,
    logWeight: Math.log(attemptWeight(input.attempt ?? 0)),
    harm: harmMixture(direction, limit),
    gates: stages.map((percent) => gateMixture(direction, stageBound(percent, direction, limit))),
  };
}
