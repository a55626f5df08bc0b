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

/** What came of it: an error, a conversion, a latency. Ingest joins it to what its unit was served before. */
export interface Outcome {
  /** The metric's. */
  readonly name: string;
  /** A pseudonym, as an exposure's. */
  readonly unit: string;
  readonly time: number;
  /** Left out where that it happened is all there is to say. */
  readonly value?: number;
  /** The caller's own, visible ASCII: the same outcome again has the same. */
  readonly id?: string;
  readonly region?: string;
  readonly cloud?: string;
  readonly pop?: string;
  readonly source: OutcomeSource;
}

export type OutcomeSource = 'server' | 'edge' | 'client';

/** How many exposures there were, where there was no room to say whose. */
export interface CollapsedCount {
  readonly flag: string;
  readonly revision: number;
  readonly variation: string;
  readonly version: number;
  /** By the emitter's clock: from this millisecond on, up to that one. */
  readonly from: number;
  readonly until: number;
  readonly count: number;
}

/** Counters of one emitter since its name began; ingest keeps the last one of each emitter. */
export interface Ledger {
  readonly evaluated: number;
  /** Evaluations that became an exposure: those of somebody, of a variation. */
  readonly exposed: number;
  /** Exposures that ingest has acknowledged. */
  readonly sent: number;
  /** Exposures that were given up, whatever the reason. */
  readonly dropped: number;
  /** Once in a while. */
  readonly flags?: FlagLedger;
}

/** By flag, of at most 500: how often it was evaluated, and how often that was an exposure. */
export type FlagLedger = Readonly<Record<string, readonly [evaluated: number, exposed: number]>>;

/**
 * The ledger of an emitter that keeps batches. What of `exposed` is in none of the others waits to become part of a batch, or was
 * lost with a process that was killed before it did.
 */
export interface BatchLedger extends Ledger {
  /** Exposures in batches that are not acknowledged yet. */
  readonly spilled: number;
  /** Exposures of which ingest has acknowledged that there were so many. */
  readonly collapsed: number;
  readonly outcomes: OutcomeLedger;
}

/** The same of outcomes. */
export interface OutcomeLedger {
  readonly tracked: number;
  readonly sent: number;
  readonly dropped: number;
}

/** A beacon: the body of `POST /v1/exposures`, gzipped where the emitter can. */
export interface Beacon {
  /** One running emitter: an isolate, a process. New at each start, but for one whose spill outlived it. */
  readonly emitter: string;
  /** By the emitter's clock (milliseconds since 1970): ingest corrects the events' times by the difference to its own. */
  readonly sentAt: number;
  readonly ledger?: Ledger | BatchLedger;
  /** Of POPs, relays and the stream: when SDK keys were last used, where ingest has not heard it yet. */
  readonly uses?: readonly KeyUse[];
  /** 1, 2, 3 ... of an emitter's batches; the halves of one share its number. One that never comes is a batch that was lost. */
  readonly sequence?: number;
  /** The emitter's own. */
  readonly region?: string;
  readonly events: readonly Exposure[];
  readonly outcomes?: readonly Outcome[];
  /** To be counted once for each emitter and sequence. It travels without events and outcomes. */
  readonly collapsed?: readonly CollapsedCount[];
}
