/** What a guardrail on a latency quantile is declared to do. */
import { attemptWeight } from './attempt-weight.ts';
import { type ChanceMixture, chanceMixture } from './chance-mixture.ts';
import { DEFAULT_ALPHA, DEFAULT_BETA } from './rate-plan.ts';
import { LOG_GAMMA } from './sketch.ts';
import { stageBound } from './stage-bound.ts';

/** Relative to control, or in milliseconds. */
export type LatencyLimit = { readonly maxRelativeIncrease: number } | { readonly maxMs: number };

export interface LatencyPlanInput {
  readonly limit: LatencyLimit;
  readonly stages: readonly number[];
  /** 0.95 for a p95. */
  readonly quantile?: number;
  readonly alpha?: number;
  readonly beta?: number;
  readonly attempt?: number;
}

export interface LatencyPlan {
  /** Share of samples above the quantile. */
  readonly tail: number;
  readonly alpha: number;
  readonly beta: number;
  /** ln of what a stage may spend: sketches begin anew at each stage, so alpha is divided among them. */
  readonly logWeight: number;
  readonly above: ChanceMixture;
  readonly below: ChanceMixture;
  readonly limit:
    | {
        readonly kind: 'relative';
        readonly buckets: number;
        readonly bounds: readonly { readonly ratio: number; readonly buckets: number }[];
      }
    | {
        readonly kind: 'absolute';
        readonly ms: number;
        readonly over: number;
        readonly within: number;
        readonly stages: number;
      };
}

export function latencyPlan(input: LatencyPlanInput): LatencyPlan {
  const { stages, quantile = 0.95, alpha = DEFAULT_ALPHA, beta = DEFAULT_BETA, attempt = 0 } = input;
  const tail = 1 - quantile;
  return {
    tail,
    alpha,
    beta,
    logWeight: Math.log(attemptWeight(attempt) / Math.max(1, stages.length)),
    above: chanceMixture(tail, 'above'),
    below: chanceMixture(tail, 'below'),
    limit: limitOf(input.limit, stages),
  };
}

/** Factors as whole buckets, rounded so that what is claimed of bucket edges holds of the factor itself. */
function limitOf(limit: LatencyLimit, stages: readonly number[]): LatencyPlan['limit'] {
  if ('maxMs' in limit) {
    const at = Math.log(limit.maxMs) / LOG_GAMMA;
    return { kind: 'absolute', ms: limit.maxMs, over: Math.ceil(at), within: Math.floor(at), stages: stages.length };
  }
  const ratio = 1 + limit.maxRelativeIncrease;
  const bounds = stages.map((percent) => {
    const bound = stageBound(percent, 'increase', ratio);
    return { ratio: bound, buckets: Math.floor(Math.log(bound) / LOG_GAMMA) };
  });
  return { kind: 'relative', buckets: Math.ceil(Math.log(ratio) / LOG_GAMMA), bounds };
}
