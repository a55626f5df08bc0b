/** Where an emitter's batches lie until they are acknowledged: the port, and one in memory. */
import type { BatchLedger, Beacon, CollapsedCount, Exposure, Outcome } from './exposure.ts';

/** What is sent at once: events and outcomes, or counts. */
export interface Batch {
  readonly sequence: number;
  readonly events: readonly Exposure[];
  readonly outcomes: readonly Outcome[];
  readonly collapsed?: readonly CollapsedCount[];
  /** Of another emitter, for whom this is kept. */
  readonly passedOn?: PassedOn;
}

/** What a beacon said beside its batch, and when it came by the clock of who keeps it. */
export interface PassedOn extends Omit<Beacon, 'events' | 'outcomes' | 'collapsed' | 'uses'> {
  readonly receivedAt: number;
}

/** `scarce`: kept, but what is not an exposure should stay away from now on. `full`: not kept. */
export type Room = 'ample' | 'scarce' | 'full';

/** What an emitter goes on with. */
export interface Start {
  readonly emitter: string;
  /** The number of its next batch. */
  readonly sequence: number;
  /** As it was last written down; `spilled` are those that lie here. */
  readonly ledger: BatchLedger;
}

/** First in, first out. None of it rejects; ledgers are written down along with what changes them. */
export interface Spool {
  readonly start: Start;
  append(batch: Batch, ledger: BatchLedger): Promise<Room>;
  /** The oldest, at most so many. */
  oldest(count: number): Promise<readonly Batch[]>;
  /** The oldest, which has this number, is not needed any more. */
  settle(sequence: number, ledger: BatchLedger): Promise<void>;
  /** Whether the last batch of all lies here: a spool that is not closed may have lost a tail. */
  close(ledger: BatchLedger): Promise<void>;
}

export const NOTHING: BatchLedger = {
  ...{ evaluated: 0, exposed: 0, sent: 0, dropped: 0, spilled: 0, collapsed: 0 },
  outcomes: { tracked: 0, sent: 0, dropped: 0 },
};

/** About 300 bytes each. */
export const MAX_IN_MEMORY = 10_000;
/** Batches of counts above that bound. */
const MAX_COUNTS = 64;
/** Above this share of the bound there is room for exposures alone. */
export const SCARCE = 0.8;

export const sizeOf = ({ events, outcomes }: Pick<Batch, 'events' | 'outcomes'>): number =>
  events.length + outcomes.length;

/** Exposures in a batch, whether it says whose they were or not. */
export const exposuresIn = ({ events, collapsed = [] }: Pick<Batch, 'events' | 'collapsed'>): number =>
  collapsed.reduce((sum, { count }) => sum + count, events.length);

export function createMemorySpool(emitter: string, maxEvents = MAX_IN_MEMORY): Spool {
  const batches: Batch[] = [];
  let held = 0;
  let counts = 0;

  return {
    start: { emitter, sequence: 1, ledger: NOTHING },
    async append(batch) {
      if (batch.collapsed ? counts >= MAX_COUNTS : held + sizeOf(batch) > maxEvents) return 'full';
      batches.push(batch);
      held += sizeOf(batch);
      if (batch.collapsed) counts++;
      return held > maxEvents * SCARCE ? 'scarce' : 'ample';
    },
    oldest: async (count) => batches.slice(0, count),
    async settle(sequence) {
      if (batches[0]?.sequence !== sequence) return;
      const [batch] = batches.splice(0, 1) as [Batch];
      held -= sizeOf(batch);
      if (batch.collapsed) counts--;
    },
    async close() {},
  };
}
