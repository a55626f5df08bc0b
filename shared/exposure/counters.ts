/** What an emitter has counted so far. */
import type { Quarantined } from './deliver-batch.ts';
import type { BatchLedger, CollapsedCount } from './exposure.ts';
import { type Batch, exposuresIn } from './spool.ts';

export interface Counters {
  evaluated: number;
  exposed: number;
  sent: number;
  dropped: number;
  spilled: number;
  collapsed: number;
  tracked: number;
  outcomesSent: number;
  outcomesDropped: number;
}

export const createCounters = (): Counters => ({
  ...{ evaluated: 0, exposed: 0, sent: 0, dropped: 0, spilled: 0, collapsed: 0 },
  ...{ tracked: 0, outcomesSent: 0, outcomesDropped: 0 },
});

/** Goes on from where an earlier process of the same name was. */
export function resume(counters: Counters, { evaluated, exposed, sent, dropped, spilled, ...rest }: BatchLedger): void {
  const { collapsed, outcomes } = rest;
  counters.evaluated += evaluated;
  counters.exposed += exposed;
  counters.sent += sent;
  counters.dropped += dropped;
  counters.spilled += spilled;
  counters.collapsed += collapsed;
  counters.tracked += outcomes.tracked;
  counters.outcomesSent += outcomes.sent;
  counters.outcomesDropped += outcomes.dropped;
}

/** A batch is done with: what of it was not quarantined has arrived. */
export function countSettled(counters: Counters, batch: Batch, quarantined: readonly Quarantined[]): void {
  const lost = { events: 0, outcomes: 0, collapsed: 0 };
  for (const { of, item } of quarantined) lost[of] += of === 'collapsed' ? (item as CollapsedCount).count : 1;
  const counts = exposuresIn(batch) - batch.events.length;
  counters.spilled -= exposuresIn(batch);
  counters.sent += batch.events.length - lost.events;
  counters.collapsed += counts - lost.collapsed;
  counters.dropped += lost.events + lost.collapsed;
  counters.outcomesSent += batch.outcomes.length - lost.outcomes;
  counters.outcomesDropped += lost.outcomes;
}

export const ledgerOf = ({
  tracked,
  outcomesSent,
  outcomesDropped,
  ...rest
}: Counters): Omit<BatchLedger, 'flags'> => ({
  ...rest,
  outcomes: { tracked, sent: outcomesSent, dropped: outcomesDropped },
});
