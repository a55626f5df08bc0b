/** Exposures and outcomes as they lie in memory before they are part of a batch: their units have no pseudonym yet. */
import type { Place } from '#core/context';
import type { Decision } from '#core/decision';
import { MAX_NAME, NAME_PATTERN } from '#schema/limits';
import type { Exposure, Outcome, OutcomeSource } from './exposure.ts';
import type { Pseudonymiser } from './pseudonym.ts';
import type { Serving } from './recent-exposures.ts';

interface Held {
  readonly unitKey: string;
  readonly place: Place;
  readonly time: number;
}

export interface HeldExposure extends Held {
  readonly serving: Serving;
  readonly decision: Pick<Decision, 'reason' | 'rule' | 'version'>;
}

/** As a service says it. */
export interface Tracked {
  readonly name: string;
  readonly value?: number;
  readonly id?: string;
  readonly source: OutcomeSource;
}

export interface HeldOutcome extends Held {
  readonly outcome: Tracked;
}

/** Visible ASCII. */
const OUTCOME_ID = /^[!-~]{1,64}$/;

/** What ingest would never take need not travel, and whoever tracks it may be told at once. */
export const isSoundOutcome = ({ name, value = 0, id = '-' }: Tracked): boolean =>
  name.length <= MAX_NAME && NAME_PATTERN.test(name) && Number.isFinite(value) && OUTCOME_ID.test(id);

export const exposureOf = ({ serving, decision, ...rest }: HeldExposure, pseudonym: Pseudonymiser): Exposure => ({
  flag: serving.flag,
  revision: serving.revision,
  variation: serving.variation,
  unit: pseudonym('user', rest.unitKey),
  reason: decision.reason,
  ...(decision.rule !== undefined && { rule: decision.rule }),
  version: decision.version,
  ...rest.place,
  time: rest.time,
});

export const outcomeOf = ({ outcome, unitKey, place, time }: HeldOutcome, pseudonym: Pseudonymiser): Outcome => ({
  ...{ name: outcome.name, unit: pseudonym('user', unitKey), time },
  ...(outcome.value !== undefined && { value: outcome.value }),
  ...(outcome.id !== undefined && { id: outcome.id }),
  ...place,
  source: outcome.source,
});
