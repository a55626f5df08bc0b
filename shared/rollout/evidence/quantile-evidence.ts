/**
 * Evidence about quantiles from how many samples exceed bucket edges: that a quantile lies above an edge, below it, or that two arms' quantiles
 * differ by more (or less) than a factor. Distribution-free and valid at every look, as `chance-mixture.ts` is; samples are to be
 * independent, so at most one a unit a minute is taken.
 */
import { chanceEvidence } from './chance-mixture.ts';
import type { LatencyPlan } from './latency-plan.ts';
import { countAbove, type Exceedances, FIRST_BUCKET, LAST_BUCKET } from './sketch.ts';
import type { Interval } from './verdict.ts';

/** Both arms' claims must hold: each is made at half the level. */
const HALF = Math.log(0.5);

/** ln of the evidence that the quantile is above the bucket's edge: it falls as the bucket rises. */
export const evidenceAbove = ({ above }: LatencyPlan, arm: Exceedances, bucket: number): number =>
  chanceEvidence(above, countAbove(arm, bucket), arm.samples);

/** That it is at or below the edge: it rises with the bucket. */
export const evidenceBelow = ({ below }: LatencyPlan, arm: Exceedances, bucket: number): number =>
  chanceEvidence(below, countAbove(arm, bucket), arm.samples);

/** That the quantile of `high` exceeds that of `low` by more than `buckets` buckets: the best edge between them, at which both claims are made. */
export function evidenceApart(plan: LatencyPlan, high: Exceedances, low: Exceedances, buckets: number): number {
  const [lowFrom, lowTo] = [
    Math.max(FIRST_BUCKET, FIRST_BUCKET - buckets),
    Math.min(LAST_BUCKET, LAST_BUCKET - buckets),
  ];
  const falling = (edge: number) => evidenceAbove(plan, high, edge + buckets);
  const rising = (edge: number) => evidenceBelow(plan, low, edge);
  return HALF + bestMeeting(lowFrom, lowTo, falling, rising);
}

/** The most, over edges, of the lesser of a falling and a rising function. */
function bestMeeting(
  from: number,
  to: number,
  falling: (at: number) => number,
  rising: (at: number) => number,
): number {
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (falling(middle) >= rising(middle)) low = middle;
    else high = middle;
  }
  return Math.max(Math.min(falling(low), rising(low)), Math.min(falling(high), rising(high)));
}

/** Buckets between whose edges the quantile lies, each side at evidence of ln `needed`; null: unbounded. */
export function quantileBounds(plan: LatencyPlan, arm: Exceedances, needed: number): Interval {
  return {
    low: lastWhere(FIRST_BUCKET - 1, LAST_BUCKET, (bucket) => evidenceAbove(plan, arm, bucket) >= needed),
    high: firstWhere(FIRST_BUCKET, LAST_BUCKET + 1, (bucket) => evidenceBelow(plan, arm, bucket) >= needed),
  };
}

/** The last of a run of buckets, from the first on, for which it holds. */
function lastWhere(before: number, last: number, holds: (bucket: number) => boolean): number | null {
  let [low, high] = [before, last + 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low === before ? null : low;
}

/** The first of a run of buckets, up to the last, for which it holds. */
function firstWhere(first: number, beyond: number, holds: (bucket: number) => boolean): number | null {
  let [low, high] = [first - 1, beyond];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high === beyond ? null : high;
}
