/** What the system of change tickets says of one. */
import type { TicketState } from '#control/facts';

/** Rejects, or says `unreachable`, where the system does not answer. */
export interface TicketPort {
  stateOf(ticket: string): Promise<TicketState>;
}
