import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { datadogPayload } from '../../../workers/ingest/datadog-series.ts';
import type { MetricFamily, MetricSample } from '../../../workers/ingest/metric-family.ts';

const description = new URL('../../specs/datadog/series-v1.yaml', import.meta.url);
const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema(parse(readFileSync(description, 'utf8')), 'datadog');
const isOfTheForm = ajv.compile({ $ref: 'datadog#/components/schemas/MetricsPayload' });

const counter = (...samples: MetricSample[]): MetricFamily => ({
  ...{ name: 'lockstep_ingest_exposures_total', help: 'Exposures.', type: 'counter', samples },
});
const gauge = (...samples: MetricSample[]): MetricFamily => ({
  ...{ name: 'lockstep_ingest_region_staleness_seconds', help: 'Staleness.', type: 'gauge', samples },
});
const on = (value: number): MetricSample => ({ labels: { flag: 'a.b', variation: 'on' }, value });
const off = (value: number): MetricSample => ({ labels: { flag: 'a.b', variation: 'off' }, value });

describe('metrics for Datadog', () => {
  it('tell gauges as they are, and counters by what they grew', () => {
    const before = { families: [counter(on(5))], at: 60_000 };
    const stale = { labels: { region: 'eu' }, value: 1.5 };
    const payload = datadogPayload({ families: [counter(on(8)), gauge(stale)], at: 120_500 }, before);
    expect(payload.series).toEqual([
      {
        ...{ metric: 'lockstep.ingest.exposures', type: 'count', interval: 61, points: [[120, 3]] },
        tags: ['flag:a.b', 'variation:on'],
      },
      {
        ...{ metric: 'lockstep.ingest.region_staleness_seconds', type: 'gauge', points: [[120, 1.5]] },
        tags: ['region:eu'],
      },
    ]);
    expect(isOfTheForm(payload), JSON.stringify(isOfTheForm.errors)).toBe(true);
  });

  it('say nothing of a counter that was not known, or that began anew', () => {
    const families = [counter(on(8), off(2))];
    expect(datadogPayload({ families, at: 1_000 }).series).toEqual([]);
    expect(datadogPayload({ families, at: 2_000 }, { families: [counter(on(9))], at: 1_000 }).series).toEqual([]);
  });

  it('add up to what a counter grew, however often they are told', () => {
    const values = [0, 3, 3, 10, 11];
    const snapshots = values.map((value, at) => ({ families: [counter(on(value))], at: at * 10_000 }));
    const told = snapshots.flatMap((now, at) => datadogPayload(now, snapshots[at - 1]).series);
    expect(told.reduce((sum, { points }) => sum + (points[0]?.[1] ?? 0), 0)).toBe(11);
  });

  it('have tags that Datadog does not cut', () => {
    const long = { labels: { region: 'r'.repeat(500) }, value: 1 };
    const { series } = datadogPayload({ families: [gauge(long)], at: 0 });
    expect(series[0]?.tags[0]).toHaveLength(200);
  });

  it('are held against Datadog’s description strictly enough to be refused', () => {
    expect(isOfTheForm({ series: [{ metric: 'a', points: [[1, 'two']] }] })).toBe(false);
    expect(isOfTheForm({ series: [{ points: [] }] })).toBe(false);
  });
});
