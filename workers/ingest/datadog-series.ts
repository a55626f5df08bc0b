/**
 * Metrics as Datadog takes them (`POST /api/v1/series`). Gauges go as they are; counters by what they grew since the last time, for
 * Datadog adds counts up itself. A counter that is not known from before says nothing yet: how much of it is new, nobody knows.
 */
import type { MetricFamily, MetricSample } from './metric-family.ts';
import type { MetricSnapshot } from './monitoring-port.ts';

export interface DatadogSeries {
  readonly metric: string;
  readonly type: 'count' | 'gauge';
  /** Of counts, in seconds. */
  readonly interval?: number;
  readonly points: readonly (readonly [seconds: number, value: number])[];
  readonly tags: readonly string[];
}

export interface DatadogPayload {
  readonly series: readonly DatadogSeries[];
}

/** Of a tag, name and value together. */
const MAX_TAG = 200;

export function datadogPayload(now: MetricSnapshot, before?: MetricSnapshot): DatadogPayload {
  const earlier = new Map(
    before?.families.flatMap(({ name, samples }) => samples.map((one) => [keyOf(name, one), one.value] as const)),
  );
  const seconds = Math.floor(now.at / 1_000);
  const interval = Math.max(1, Math.round((now.at - (before?.at ?? now.at)) / 1_000));
  const seriesOf = (family: MetricFamily, sample: MetricSample): DatadogSeries[] => {
    const { name, type } = family;
    const head = { metric: metricOf(name), type: type === 'counter' ? 'count' : type } as const;
    const tags = Object.entries(sample.labels).map(([label, text]) => `${label}:${text}`.slice(0, MAX_TAG));
    if (type === 'gauge') return [{ ...head, points: [[seconds, sample.value]], tags }];
    const last = earlier.get(keyOf(name, sample));
    if (last === undefined || last > sample.value) return [];
    return [{ ...head, interval, points: [[seconds, sample.value - last]], tags }];
  };
  return { series: now.families.flatMap((family) => family.samples.flatMap((sample) => seriesOf(family, sample))) };
}

/** `lockstep_ingest_exposures_total` is `lockstep.ingest.exposures` there. */
const metricOf = (name: string): string => name.replace(/_total$/, '').replace(/^lockstep_ingest_/, 'lockstep.ingest.');

const keyOf = (name: string, { labels }: MetricSample): string => JSON.stringify([name, labels]);
