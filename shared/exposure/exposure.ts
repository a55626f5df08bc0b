/** An exposure: which variation of a flag somebody was served. What travels from evaluators to ingest. */
import type { KeyUse } from './key-uses.ts';

export interface Exposure {
  readonly flag: string;
  /** The version at which anything that the evaluation used last changed. */
  readonly revision: number;
  readonly variation: string;
  /** Whoever was served, pseudonymised: `createPseudonymiser`. */
  readonly unit: string;
  readonly reason: string;
  /** The id of the rule that decided. */
  readonly rule?: string;
  /** The version of the ruleset that answered. */
  readonly version: number;
  readonly region?: string;
  readonly cloud?: string;
  readonly pop?: string;
  /** When, by the emitter's clock (milliseconds since 1970). */
  readonly time: number;
}

/** Counters of one emitter since it started; ingest keeps the last one of each emitter. */
export interface Ledger {
  readonly evaluated: number;
  /** Evaluations that became an exposure: those of somebody, of a variation. */
  readonly exposed: number;
  /** Exposures that ingest has acknowledged. */
  readonly sent: number;
  /** Exposures that were given up, whatever the reason. */
  readonly dropped: number;
}

/** A beacon: the body of `POST /v1/exposures`, gzipped where the emitter can. */
export interface Beacon {
  /** One running emitter: an isolate, a process. New at each start. */
  readonly emitter: string;
  /** By the emitter's clock (milliseconds since 1970): ingest corrects the events' times by the difference to its own. */
  readonly sentAt: number;
  readonly ledger?: Ledger;
  /** Of POPs: when SDK keys were last used, where ingest has not heard it yet. */
  readonly uses?: readonly KeyUse[];
  readonly events: readonly Exposure[];
}
