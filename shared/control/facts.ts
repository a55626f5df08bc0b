/** What a shell found out before it asked for a decision. What is missing counts against the change: a decision never guesses. */
import type { Principal } from '#schema/control-principal';
import type { Force } from './state.ts';

export type TicketState = 'open' | 'closed' | 'unknown' | 'unreachable';

export interface Facts {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Random, never the same twice; bounded like a label. */
  readonly newId: () => string;
  /** By ticket. One that nobody asked for is as unreachable as its system. */
  readonly tickets: ReadonlyMap<string, TicketState>;
  /** By person, the trainings that are completed and not run out. */
  readonly trainings: ReadonlyMap<string, ReadonlySet<string>>;
  /** By id, identities as they are now; service tokens are in the state. Whoever left is not among them. */
  readonly principals: ReadonlyMap<string, Principal>;
  /** By person, another name of the same one: where accounts are linked, all lead to one name. */
  readonly linked: ReadonlyMap<string, string>;
  /** For an acknowledgement. Where it is absent, or of something else, the decision makes the lines and their digest itself. */
  readonly digested?: DigestedLines;
}

/** Of the lines that a generation has once it is in force as that version. It takes as long as there are many. */
export interface DigestedLines {
  /** What was in force: the very object, for with another the lines would be others. */
  readonly force: Force;
  readonly generation: number;
  readonly version: number;
  readonly digest: string;
  readonly bytes: number;
}
