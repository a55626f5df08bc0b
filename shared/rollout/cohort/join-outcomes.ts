/**
 * Outcomes of a unit, joined to its exposures: each to the exposure that was in force when it happened, the first of a unit at a stage.
 * By order of arrival: what was joined once stays so, since what a guardrail is judged by must never decrease.
 */
import { bucketOf } from '#rollout/evidence/sketch';
import type { CohortMetric } from '#schema/cohort';
import { CLOCK_TOLERANCE_MS, type TextId } from './sight-exposure.ts';

export const MINUTE_MS = 60_000;

export type Arm = 'treatment' | 'control';

/** The first exposure of a unit at a revision of the rollout. */
export interface ArmExposure {
  readonly stage: number;
  readonly revision: number;
  /** What it is counted by; since when the unit was served it, which outcomes are joined by, may be earlier. */
  readonly time: number;
  readonly since: number;
  readonly region: TextId;
  /** None where it was served a variation that is no arm. */
  readonly arm?: Arm;
}

export interface KeptOutcome {
  readonly id: string;
  readonly metric: TextId;
  readonly kind: CohortMetric['kind'];
  readonly time: number;
  readonly value: number | null;
}

/** What has its place already: one outcome of a unit, stage and metric; of a latency, one a minute. */
export interface Joined {
  readonly stage: number;
  readonly metric: TextId;
  /** Of the outcome, in minutes since 1970; 0 where one is all that counts. */
  readonly minute: number;
  readonly id: string;
}

export interface Join extends Joined {
  readonly exposure: ArmExposure & { readonly arm: Arm };
  /** Of a latency: the bucket of the sketch. */
  readonly bucket?: number;
}

/** Of one unit in one rollout. */
export interface UnitHistory {
  readonly exposures: readonly ArmExposure[];
  readonly outcomes: readonly KeptOutcome[];
  readonly joined: readonly Joined[];
}

export function joinOutcomes({ exposures, outcomes, joined }: UnitHistory): Join[] {
  const filled = new Set(joined.map(placeOf));
  const counted = new Set(joined.map(({ id }) => id));
  const joins: Join[] = [];
  for (const outcome of [...outcomes].sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1))) {
    const join = counted.has(outcome.id) ? undefined : joinOf(exposures, outcome);
    if (join === undefined || filled.has(placeOf(join))) continue;
    filled.add(placeOf(join));
    joins.push(join);
  }
  return joins;
}

const placeOf = ({ stage, metric, minute }: Joined): string => `${stage} ${metric} ${minute}`;

function joinOf(exposures: readonly ArmExposure[], outcome: KeptOutcome): Join | undefined {
  const exposure = exposureOf(exposures, outcome.time);
  if (exposure?.arm === undefined) return undefined;
  const { id, metric, kind, time } = outcome;
  const bucket = kind === 'latency' ? bucketOfValue(outcome) : undefined;
  if (bucket === null) return undefined;
  return {
    stage: exposure.stage,
    metric,
    minute: kind === 'latency' ? Math.floor(time / MINUTE_MS) : 0,
    id,
    exposure: { ...exposure, arm: exposure.arm },
    ...(bucket !== undefined && { bucket }),
  };
}

const bucketOfValue = ({ value }: KeptOutcome): number | null => (value === null ? null : bucketOf(value));

/** The latest that began before; else, within what clocks may disagree by, the first that began after. */
function exposureOf(exposures: readonly ArmExposure[], time: number): ArmExposure | undefined {
  let before: ArmExposure | undefined;
  let after: ArmExposure | undefined;
  for (const one of exposures) {
    if (one.since <= time) {
      if (before === undefined || isLater(one, before)) before = one;
    } else if (one.since - time <= CLOCK_TOLERANCE_MS && (after === undefined || isLater(after, one))) after = one;
  }
  return before ?? after;
}

const isLater = (a: ArmExposure, b: ArmExposure): boolean =>
  a.since > b.since || (a.since === b.since && a.revision > b.revision);

/** Why an outcome that has waited its time was not counted. */
export type Uncounted = 'unattributed' | 'repeated' | 'unusable' | 'other-variation';

export function uncountedAs(exposures: readonly ArmExposure[], outcome: KeptOutcome): Uncounted {
  const exposure = exposureOf(exposures, outcome.time);
  if (exposure === undefined) return 'unattributed';
  if (exposure.arm === undefined) return 'other-variation';
  return outcome.kind === 'latency' && bucketOfValue(outcome) === null ? 'unusable' : 'repeated';
}
