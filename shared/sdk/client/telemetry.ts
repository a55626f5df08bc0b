/** Where what was served, and what came of it, is told. How it gets to ingest is not the client's business. */
import type { Exposure } from '#exposure/exposure';

export interface Telemetry {
  /** Takes an event, at once: it is called while somebody waits for a decision. */
  record(event: TelemetryEvent): void;
  /** So many decisions were made, whoever was served. */
  evaluated?(decisions: number): void;
  /** Has everything delivered that was recorded, as the last thing it does; for the end of the process. */
  flush(): Promise<void>;
}

export type TelemetryEvent = ServedEvent | TrackedEvent;

/** Somebody was served a variation. */
export interface ServedEvent extends Omit<Exposure, 'unit'> {
  readonly type: 'served';
  /** Whoever was served, not pseudonymised yet. */
  readonly unitKey: string;
}

/** Something happened that may be an effect. */
export interface TrackedEvent {
  readonly type: 'tracked';
  readonly name: string;
  readonly unitKey: string;
  readonly time: number;
  readonly value?: number;
  /** Whatever else the caller says. */
  readonly details?: Readonly<Record<string, unknown>>;
}
