/** What the parent asks of a measured process, and what it answers. */
export type Question = 'round' | 'memory' | 'end';

export interface Memory {
  /** Bytes allocated per evaluation, or bytes retained per payload. */
  readonly bytes: number;
  /** Of these, bytes of the context that the case itself makes; only where the subject can tell. */
  readonly contextBytes?: number;
}

export interface Answer {
  readonly ready?: boolean;
  readonly error?: string;
  /** Of one round: nanoseconds per run. */
  readonly ns?: number;
  readonly memory?: Memory;
}

/** A subject prepared for a case and warm. */
export interface Bench {
  round(): Promise<number>;
  memory(): Promise<Memory>;
}
