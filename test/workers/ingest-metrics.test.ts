import { reset } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { InboxNamespace } from '../../workers/ingest/inboxes.ts';
import { type MeasuredParts, MOST_NAMED, mergeMeasures } from '../../workers/ingest/merge-measures.ts';
import { metricFamilies } from '../../workers/ingest/metric-families.ts';
import type { InboxMeasures } from '../../workers/ingest/read-measures.ts';
import { type ReadSample, readPrometheusText } from '../unit/fixtures/prometheus-text.ts';
import { drain } from './fixtures/cohorts.ts';
import { bearer, createIngest, exposureOf, type Ingest, inboxes, outcomeOf } from './fixtures/ingest.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const FLAG = 'pricing.fareBundlingV2';
const persons = (count: number) => Array.from({ length: count }, (_, person) => exposureOf(person));

async function metricsOf({ ask, settle }: Ingest): Promise<(name: string) => readonly ReadSample[] | undefined> {
  await settle();
  const families = readPrometheusText(await (await ask('/metrics')).text());
  return (name) => families.get(`lockstep_ingest_${name}`)?.samples;
}

it('metrics are what was received, counted and missed, in the format of Prometheus', async () => {
  const ingest = await createIngest({ startAt: Date.now() });
  const ledger = { evaluated: 40, exposed: 20, sent: 8, dropped: 1, flags: { [FLAG]: [40, 20] } };
  await ingest.post(persons(10), { region: 'us-east-1', sequence: 3, ledger, outcomes: [outcomeOf(1), outcomeOf(2)] });
  await ingest.post([...persons(4), { flag: 'no exposure' }]);
  await ingest.post([exposureOf(1, { variation: 'control' })]);
  expect((await ingest.post([{ flag: 'no exposure' }, null])).status).toBe(400);
  await drain();
  ingest.clock.forward(30_000);
  const of = await metricsOf(ingest);
  const one = (value: number, labels = {}) => [{ labels, value }];
  expect(of('info')).toEqual(one(1, { environment: 'production' }));
  expect(of('exposures_total')).toEqual([
    { labels: { flag: FLAG, variation: 'treatment' }, value: 10 },
    { labels: { flag: FLAG, variation: 'control' }, value: 1 },
  ]);
  expect(of('exposures_other')).toEqual(one(0));
  expect(of('received_total')?.map(({ value }) => value)).toEqual([11, 4, 0, 2, 0, 0]);
  expect(of('rejected_total')).toEqual(one(3));
  expect(of('flag_completeness_ratio')).toEqual(one(0.75, { region: 'us-east-1', flag: FLAG }));
  expect(of('incidents_total')).toEqual(one(1, { kind: 'two-variations', flag: FLAG }));
  expect(of('missing_batches')).toEqual(one(2));
  expect(of('emitters_outstanding')).toEqual(one(11));
  expect(of('region_staleness_seconds')).toEqual(one(30, { region: 'us-east-1' }));
  expect(of('waiting_parts')).toEqual(one(0));
});

it('metrics of nothing are of the format too', async () => {
  const of = await metricsOf(await createIngest());
  expect([of('exposures_total'), of('last_received_timestamp_seconds')]).toEqual([[], [{ labels: {}, value: 0 }]]);
});

it('metrics are for keys that may read counts, and for nobody else', async () => {
  const { ask } = await createIngest();
  const statusOf = async (authorization: string, method = 'GET'): Promise<number> =>
    (await ask('/metrics', { method, headers: { authorization } })).status;
  for (const kind of ['server', 'relay', 'control'] as const) expect(await statusOf(bearer(kind))).toBe(200);
  for (const kind of ['client', 'pop', 'rollout'] as const) expect(await statusOf(bearer(kind))).toBe(403);
  expect([await statusOf('Bearer ls_nobody'), await statusOf(bearer('server'), 'POST')]).toEqual([401, 405]);
});

it('events out of form are counted once an inbox answers again', async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  let isDown = true;
  const namespace = {
    getByName(name: string) {
      const inbox = inboxes.getByName(name);
      return {
        receive: (part) => inbox.receive(part),
        measures: (now) => inbox.measures(now),
        async addRejected(events) {
          if (isDown) throw new Error('the object was reset');
          await inbox.addRejected(events);
        },
      } satisfies Partial<ReturnType<InboxNamespace['getByName']>>;
    },
  } as unknown as InboxNamespace;
  const ingest = await createIngest({ namespace });
  expect((await ingest.post([null])).status).toBe(400);
  await ingest.settle();
  isDown = false;
  await Promise.all([ingest.post([null, null]), ingest.post([exposureOf(1), null])]);
  const of = await metricsOf(ingest);
  expect(of('rejected_total')).toEqual([{ labels: {}, value: 4 }]);
});

const NONE = { evaluated: 0, exposed: 0, sent: 0, dropped: 0, spilled: 0, collapsed: 0, missing: 0 };

function inboxOf(rest: Partial<InboxMeasures> = {}): InboxMeasures {
  const { variations = [] } = rest;
  return {
    counts: {
      total: variations.reduce((sum, { count }) => sum + count, 0),
      ...{ waiting: 0, duplicates: 0, quarantined: 0, lastReceivedAt: 0, collapsed: { total: 0, lastReceivedAt: 0 } },
      outcomes: { accepted: 0, duplicates: 0, quarantined: 0 },
      ledgers: { emitters: 0, retired: 0, ...NONE },
    },
    progress: { drainedThrough: 0, waiting: 0, regions: [] },
    ...{ received: [], variations, rejected: 0, aside: 0 },
    ...rest,
  };
}

const familiesOf = (parts: Partial<MeasuredParts>) => {
  const measures = mergeMeasures({ environment: 'production', inboxes: [inboxOf()], incidents: [], now: 0, ...parts });
  return new Map(metricFamilies(measures).map((family) => [family.name.replace('lockstep_ingest_', ''), family]));
};

describe('of what inboxes and shards say, metrics', () => {
  it('add up inboxes by flag and variation', () => {
    const one = { flag: 'a.b', variation: 'on', count: 2 };
    const inboxes = [inboxOf({ variations: [one] }), inboxOf({ variations: [{ ...one, count: 3 }] })];
    expect(familiesOf({ inboxes }).get('exposures_total')?.samples).toEqual([
      { labels: { flag: 'a.b', variation: 'on' }, value: 5 },
    ]);
  });

  it('B36: name the largest alone, however many names there are, and lose no exposure', () => {
    const variations = Array.from({ length: 3_000 }, (_, at) => ({ flag: `a.f${at}`, variation: 'on', count: at + 1 }));
    const received = variations.map(({ flag, count }) => ({
      ...{ region: 'r', flag, evaluated: 0, exposed: 0, received: count, counted: count },
    }));
    const incidents = variations.map(({ flag, count }) => ({
      ...{ kind: 'two-variations' as const, flag, revision: 1, count },
    }));
    const regions = variations.map(({ flag, count }) => ({ region: flag, heard: count }));
    const progress = { drainedThrough: 5_000, waiting: 0, regions };
    const families = familiesOf({ inboxes: [inboxOf({ variations, received, progress })], incidents, now: 5_000 });
    const of = (name: string) => families.get(name)?.samples ?? [];
    const total = (3_000 * 3_001) / 2;
    for (const [name, other, most] of [
      ['exposures_total', 'exposures_other', MOST_NAMED.variations],
      ['flag_received', 'flag_received_other', MOST_NAMED.completeness],
      ['incidents_total', 'incidents_other', MOST_NAMED.incidents],
    ] as const) {
      expect([of(name).length, of(name)[0]?.value]).toEqual([most, 3_000]);
      expect([...of(name), ...of(other)].reduce((sum, { value }) => sum + value, 0)).toBe(total);
    }
    expect(of('region_staleness_seconds')).toHaveLength(MOST_NAMED.regions);
    expect(of('region_staleness_seconds')[0]).toEqual({ labels: { region: 'a.f2999' }, value: 2 });
  });

  it('count what an inbox left out among the others', () => {
    const inbox = inboxOf({ variations: [{ flag: 'a.b', variation: 'on', count: 2 }] });
    const families = familiesOf({ inboxes: [{ ...inbox, counts: { ...inbox.counts, total: 10 } }] });
    expect(families.get('exposures_other')?.samples).toEqual([{ labels: {}, value: 8 }]);
  });

  it('tell how long a region has been silent, and how far shards are behind', () => {
    const behind = { drainedThrough: 7_000, waiting: 2, regions: [{ region: 'eu', heard: 9_000 }] };
    const families = familiesOf({ inboxes: [inboxOf({ progress: behind })], now: 10_000 });
    const labels = { region: 'eu' };
    expect(families.get('region_staleness_seconds')?.samples).toEqual([{ labels, value: 1 }]);
    expect(families.get('region_watermark_lag_seconds')?.samples).toEqual([{ labels, value: 3 }]);
    expect(families.get('waiting_parts')?.samples).toEqual([{ labels: {}, value: 2 }]);
  });

  it('have no completeness of flags that no ledger tells apart', () => {
    const received = [
      { region: 'eu', flag: 'a.b', evaluated: 9, exposed: 4, received: 3, counted: 2 },
      { region: 'eu', flag: 'a.c', evaluated: 0, exposed: 0, received: 3, counted: 3 },
    ];
    const inbox = inboxOf({ received });
    const waiting = { ...inbox, counts: { ...inbox.counts, waiting: 1 } };
    // What is in it is in the ledgers, and not yet received.
    expect(familiesOf({ inboxes: [inbox, waiting] }).get('flag_completeness_ratio')?.samples).toEqual([]);
    expect(familiesOf({ inboxes: [inboxOf({ received })] }).get('flag_completeness_ratio')?.samples).toEqual([
      { labels: { region: 'eu', flag: 'a.b' }, value: 0.75 },
    ]);
  });
});
