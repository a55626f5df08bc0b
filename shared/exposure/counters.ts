/** What an emitter has counted so far. */
import type { BatchLedger } from './exposure.ts';

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

export const ledgerOf = ({
  tracked,
  outcomesSent,
  outcomesDropped,
  ...rest
}: Counters): Omit<BatchLedger, 'flags'> => ({
  ...rest,
  outcomes: { tracked, sent: outcomesSent, dropped: outcomesDropped },
});
