/** Exposures and outcomes as they lie in memory before they are part of a batch: their units have no pseudonym yet. */
import { MAX_NAME, NAME_PATTERN } from '#schema/limits';
import type { Exposure, Outcome } from './exposure.ts';
import type { Pseudonymiser } from './pseudonym.ts';

export interface HeldExposure extends Omit<Exposure, 'unit'> {
  readonly unitKey: string;
}

export interface HeldOutcome extends Omit<Outcome, 'unit'> {
  readonly unitKey: string;
}

/** Visible ASCII. */
const OUTCOME_ID = /^[!-~]{1,64}$/;

/** What ingest would never take need not travel, and whoever tracks it may be told at once. */
export const isSoundOutcome = ({ name, value = 0, id = '-' }: HeldOutcome): boolean =>
  name.length <= MAX_NAME && NAME_PATTERN.test(name) && Number.isFinite(value) && OUTCOME_ID.test(id);

/** Nothing but what is named here travels, whatever else the object has. */
export function exposureOf(held: HeldExposure, pseudonym: Pseudonymiser): Exposure {
  const { flag, revision, variation, reason, rule, version, time } = held;
  const unit = pseudonym('user', held.unitKey);
  return {
    ...{ flag, revision, variation, unit, reason },
    ...(rule !== undefined && { rule }),
    ...{ version, ...placeOf(held), time },
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

const placeOf = ({ region, cloud, pop }: Pick<Exposure, 'region' | 'cloud' | 'pop'>): object => ({
  ...(region !== undefined && { region }),
  ...(cloud !== undefined && { cloud }),
  ...(pop !== undefined && { pop }),
});
