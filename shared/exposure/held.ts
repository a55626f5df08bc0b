/** Exposures and outcomes as they lie in memory before they are part of a batch: their units have no pseudonym yet. */
import type { Place } from '#core/context';
import type { Decision } from '#core/decision';
import { MAX_NAME, NAME_PATTERN } from '#schema/limits';
import type { Exposure, Outcome } from './exposure.ts';
import type { Pseudonymiser } from './pseudonym.ts';

export interface HeldExposure extends Omit<Exposure, 'unit'> {
  readonly unitKey: string;
}

export interface HeldOutcome extends Omit<Outcome, 'unit'> {
  readonly unitKey: string;
}

/** What an exposure has of a decision. */
export interface Told extends Pick<Exposure, 'revision' | 'variation' | 'reason' | 'version'> {
  readonly rule?: string | undefined;
}

/** Whether somebody who is served it is exposed: it is of a variation, out of a ruleset. */
export const isExposing = (decision: Decision): decision is Decision & Told =>
  decision.variation !== undefined && decision.errorCode === undefined && decision.version !== 0;

/** An exposure as it waits: nothing is copied out of what it was noted with, for an evaluation would pay for that. */
export interface NotedExposure {
  readonly flag: string;
  readonly told: Told;
  readonly unitKey: string;
  readonly time: number;
  readonly place: Place;
}

/** Visible ASCII. */
const OUTCOME_ID = /^[!-~]{1,64}$/;

/** What ingest would never take need not travel, and whoever tracks it may be told at once. */
export const isSoundOutcome = ({ name, value = 0, id = '-' }: HeldOutcome): boolean =>
  name.length <= MAX_NAME && NAME_PATTERN.test(name) && Number.isFinite(value) && OUTCOME_ID.test(id);

/** Nothing but what is named here travels, whatever else the object has. */
export function exposureOf(noted: NotedExposure, pseudonym: Pseudonymiser): Exposure {
  const { flag, time, told, place } = noted;
  const { revision, variation, reason, rule, version } = told;
  const unit = pseudonym('user', noted.unitKey);
  return {
    ...{ flag, revision, variation, unit, reason },
    ...(rule !== undefined && { rule }),
    ...{ version, ...placeOf(place), time },
  };
}

export function outcomeOf(held: HeldOutcome, pseudonym: Pseudonymiser): Outcome {
  const { name, value, id, time, source } = held;
  const unit = pseudonym('user', held.unitKey);
  return {
    ...{ name, unit, time },
    ...(value !== undefined && { value }),
    ...(id !== undefined && { id }),
    ...{ ...placeOf(held), source },
  };
}

const placeOf = ({ region, cloud, pop }: Place): object => ({
  ...(region !== undefined && { region }),
  ...(cloud !== undefined && { cloud }),
  ...(pop !== undefined && { pop }),
});
