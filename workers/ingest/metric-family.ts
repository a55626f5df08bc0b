/** Numbers of ingest as monitoring takes them, whosever it is: named, with a unit, and labelled. */

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  /** By Prometheus's conventions: units are written out, and what only grows ends in `_total`. */
  readonly name: string;
  readonly help: string;
  /** A counter only grows, each of its samples by itself. */
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly MetricSample[];
}
