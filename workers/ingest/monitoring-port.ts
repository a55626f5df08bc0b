/** Where ingest pushes its numbers, for monitoring that does not come to fetch them. An adapter has the vendor's address, key and retries. */
import type { MetricFamily } from './metric-family.ts';

/** The numbers of one moment. */
export interface MetricSnapshot {
  readonly families: readonly MetricFamily[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface MonitoringPort {
  /** `before`: what was pushed last, since counters may be told by what they grew. Rejects where the numbers were not taken. */
  push(now: MetricSnapshot, before: MetricSnapshot | undefined): Promise<void>;
}
