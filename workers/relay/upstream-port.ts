/** As much of the way home as downstream needs; `#sdk/stream/create-upstream` is it. */
import type { Ack } from '#schema/acks';

export interface UpstreamPort {
  status(): UpstreamStatus;
  /** Passes on what those below say. */
  forward(acks: readonly Ack[]): void;
  /** That one of those below ended on purpose. */
  goodbye(instance: string, as: 'relay' | 'sdk'): void;
}

export interface UpstreamStatus {
  readonly connected: boolean;
  /** The lowest version in force anywhere; undefined before home said. */
  readonly floor: number | undefined;
  /** Streams that were asked for. */
  readonly attempts: number;
  /** Why there is no stream, where there is none. */
  readonly why: string | undefined;
}
