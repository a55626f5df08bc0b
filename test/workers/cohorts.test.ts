import { evictAllDurableObjects, reset } from 'cloudflare:test';
import { afterEach, describe, expect, it } from 'vitest';
import { COHORT, declare, drain, outcomesOf, ROLLOUT, read, sweep, totals } from './fixtures/cohorts.ts';
import { bearer, createIngest, exposureOf, outcomeOf } from './fixtures/ingest.ts';

afterEach(reset);

const MINUTE_MS = 60_000;
const persons = (count: number) => Array.from({ length: count }, (_, person) => person);
/** By the real clock: outcomes wait by that of the shards. */
const ingestNow = () => createIngest({ startAt: Date.now() });

describe('a rollout', () => {
  it('is counted by stage, revision, minute and arm, as guardrails take it', async () => {
    const ingest = await ingestNow();
    expect((await declare(ingest)).status).toBe(200);
    const time = ingest.clock.now();
    const events = [
      ...persons(10).map((person) => exposureOf(person, { time })),
      ...persons(5).map((person) => exposureOf(100 + person, { time, variation: 'control' })),
      exposureOf(200, { time, variation: 'third' }),
      exposureOf(201, { time, revision: 8 }),
      exposureOf(202, { time, revision: 6 }),
      exposureOf(203, { time, flag: 'checkout.newAddressForm' }),
    ];
    const outcomes = [0, 1, 2, 100, 201].map((person) => outcomeOf(person, { time }));
    await ingest.post(events, { outcomes });
    const answer = await read(ingest);
    const minute = Math.floor(time / MINUTE_MS);
    const none = { exposures: 0, outcomes: 0 };
    expect(answer).toMatchObject({ rollout: ROLLOUT, cohort: COHORT, waiting: 0, incidents: 0 });
    expect(answer.regions).toMatchObject([
      { region: 'us-east-1', watermark: time, exposures: { treatment: 11, control: 5 } },
    ]);
    expect(answer.regions[0]?.metrics[0]).toEqual({
      name: 'checkout.error',
      kind: 'rate',
      statistics: [
        {
          source: 'counts',
          cells: [
            {
              stage: 0,
              revision: 7,
              minute,
              treatment: { exposures: 10, outcomes: 3 },
              control: { exposures: 5, outcomes: 1 },
            },
            { stage: 1, revision: 8, minute, treatment: { exposures: 1, outcomes: 1 }, control: none },
          ],
        },
      ],
      outcomes: { counted: 5, unattributed: 0, repeated: 0, unusable: 0, otherVariation: 0 },
    });
  });

  it('I8: says of which exposures nothing but their number arrived, at its revisions', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    const from = ingest.clock.now() - MINUTE_MS;
    const { flag, variation, version } = exposureOf(1);
    const counted = (revision: number, count: number, rest: object = {}) => ({
      ...{ flag, revision, variation, version, from, until: from + 10_000, count },
      ...rest,
    });
    const collapsed = [counted(7, 500), counted(6, 9), counted(8, 2), counted(7, 1, { flag: 'other.flag' })];
    await ingest.post([exposureOf(1, { time: from })]);
    expect((await read(ingest)).degraded).toEqual([]);
    for (const emitter of ['a', 'b', 'c']) await ingest.post([], { emitter, sequence: 1, collapsed });
    await ingest.post([], {
      emitter: 'd',
      sequence: 1,
      collapsed: [counted(7, 1, { from: from + 20_000, until: from + 30_000 })],
    });
    const answer = await read(ingest);
    expect(answer.degraded).toEqual([
      { revision: 7, count: 1_501, from, until: from + 30_000 },
      { revision: 8, count: 6, from, until: from + 10_000 },
    ]);
    expect(answer.regions[0]?.exposures).toMatchObject({ treatment: 1 });
  });

  it('B35: counts a unit’s first outcome at a stage, whatever is repeated, by the minute of its exposure', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    const time = ingest.clock.now() - 10 * MINUTE_MS;
    await ingest.post([exposureOf(1, { time })]);
    for (const minutes of [1, 2, 2, 3])
      await ingest.post([], { outcomes: [outcomeOf(1, { time: time + minutes * MINUTE_MS })] });
    const answer = await read(ingest);
    expect(totals(answer, 'checkout.error').treatment).toEqual([1, 1]);
    expect(answer.regions[0]?.metrics[0]?.statistics).toMatchObject([
      { cells: [{ minute: Math.floor(time / MINUTE_MS), treatment: { exposures: 1, outcomes: 1 } }] },
    ]);
    await sweep(ingest.clock.now() + 31 * MINUTE_MS);
    expect(outcomesOf(await read(ingest), 'checkout.error')).toMatchObject({
      counted: 1,
      repeated: 2,
      unattributed: 0,
    });
  });

  it('counts an outcome at the stage that was in force when it happened, and one at each', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    const time = ingest.clock.now() - 10 * MINUTE_MS;
    await ingest.post([exposureOf(1, { time }), exposureOf(1, { revision: 8, time: time + 5 * MINUTE_MS })]);
    const outcomes = [4, 6, 7].map((minutes) => outcomeOf(1, { time: time + minutes * MINUTE_MS }));
    await ingest.post([], { outcomes });
    const [metric] = (await read(ingest)).regions[0]?.metrics ?? [];
    expect(metric?.statistics).toMatchObject([
      {
        cells: [
          { stage: 0, revision: 7, treatment: { exposures: 1, outcomes: 1 } },
          { stage: 1, revision: 8, treatment: { exposures: 1, outcomes: 1 } },
        ],
      },
    ]);
  });

  it('B35: joins an outcome that came before its exposure, for as long as its metric waits', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    const time = ingest.clock.now() - 300_000;
    const outcomes = [1, 2, 3].map((person) => outcomeOf(person, { time: time + 1_000 }));
    await ingest.post([], { outcomes });
    await drain();
    await ingest.post([exposureOf(1, { time })]);
    expect(totals(await read(ingest), 'checkout.error').treatment).toEqual([1, 1]);
    await sweep(ingest.clock.now() + 29 * MINUTE_MS);
    await ingest.post([exposureOf(2, { time })]);
    expect(outcomesOf(await read(ingest), 'checkout.error')).toMatchObject({ counted: 2, unattributed: 0 });
    await sweep(ingest.clock.now() + 30 * MINUTE_MS);
    await ingest.post([exposureOf(3, { time })]);
    const answer = await read(ingest);
    expect(outcomesOf(answer, 'checkout.error')).toMatchObject({ counted: 2, unattributed: 1 });
    expect(totals(answer, 'checkout.error').treatment).toEqual([3, 2]);
  });

  it('B35: joins it to an exposure that was earlier than the one that came first, and is counted with that one', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    const time = ingest.clock.now() - 10 * MINUTE_MS;
    const [first, between] = [time, time + MINUTE_MS];
    const again = time + 3 * MINUTE_MS;
    // Served at two POPs: of the second the beacon is faster.
    await ingest.post([exposureOf(1, { time: again })]);
    await ingest.post([], { outcomes: [outcomeOf(1, { time: between })] });
    expect(totals(await read(ingest), 'checkout.error').treatment).toEqual([1, 0]);
    await ingest.post([first + 500, first, first + 900].map((one) => exposureOf(1, { time: one, pop: 'sin' })));
    const answer = await read(ingest);
    expect(totals(answer, 'checkout.error').treatment).toEqual([1, 1]);
    const minute = Math.floor(again / MINUTE_MS);
    expect(answer.regions[0]?.metrics[0]?.statistics).toMatchObject([{ cells: [{ minute }] }]);
  });

  it('does not take an outcome from before the exposure for its doing, but for what clocks may differ by', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    const time = ingest.clock.now() - MINUTE_MS;
    await ingest.post([exposureOf(1, { time }), exposureOf(2, { time })]);
    const outcomes = [outcomeOf(1, { time: time - 9_000 }), outcomeOf(2, { time: time - 11_000 })];
    await ingest.post([], { outcomes });
    expect(totals(await read(ingest), 'checkout.error').treatment).toEqual([2, 1]);
  });

  it('has sketches of latencies by stage, of one sample a unit a minute; what is no latency is unusable', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    const time = Math.floor(ingest.clock.now() / MINUTE_MS) * MINUTE_MS - 5 * MINUTE_MS;
    await ingest.post([exposureOf(1, { time }), exposureOf(2, { time, variation: 'control' })]);
    const render = (person: number, at: number, value?: number) =>
      outcomeOf(person, { name: 'render', time: time + at, ...(value !== undefined && { value }) });
    const outcomes = [render(1, 0, 100), render(1, 1, 900), render(1, MINUTE_MS, 100), render(2, 0, 100), render(2, 1)];
    await ingest.post([], { outcomes: [...outcomes, render(2, 3 * MINUTE_MS, -5)] });
    const answer = await read(ingest);
    expect(answer.regions[0]?.metrics[2]?.statistics).toMatchObject([
      { source: 'sketch', stage: 0, treatment: { counts: [2] }, control: { counts: [1] } },
    ]);
    await sweep(ingest.clock.now() + 6 * MINUTE_MS);
    expect(outcomesOf(await read(ingest), 'render')).toMatchObject({ counted: 3, repeated: 1, unusable: 2 });
  });

  it('that is declared late counts what came before, and a stage that gets another revision too', async () => {
    const ingest = await ingestNow();
    const time = ingest.clock.now();
    const events = persons(50).map((person) => exposureOf(person, { time, revision: person < 20 ? 7 : 10 }));
    await ingest.post(events, { outcomes: persons(30).map((person) => outcomeOf(person, { time })) });
    await drain();
    await declare(ingest);
    expect(totals(await read(ingest), 'checkout.error').treatment).toEqual([20, 20]);
    const more = { ...COHORT, stages: [{ revisions: [7] }, { revisions: [8, 9, 10] }] };
    for (let twice = 0; twice < 2; twice++) await declare(ingest, more);
    expect(totals(await read(ingest), 'checkout.error').treatment).toEqual([50, 30]);
  });

  it('is kept through evictions, and forgotten when it is deleted', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    await ingest.post([exposureOf(1)], { outcomes: [outcomeOf(1)] });
    await drain();
    await evictAllDurableObjects();
    await ingest.post([exposureOf(1), exposureOf(2)], { outcomes: [outcomeOf(1), outcomeOf(2)] });
    expect(totals(await read(ingest), 'checkout.error').treatment).toEqual([2, 2]);
    const gone = { method: 'DELETE', headers: { authorization: bearer('rollout') } };
    expect((await ingest.ask(`/v1/cohorts/${ROLLOUT}`, gone)).status).toBe(204);
    expect((await ingest.ask(`/v1/cohorts/${ROLLOUT}`)).status).toBe(404);
    expect((await ingest.ask(`/v1/cohorts/${ROLLOUT}`, gone)).status).toBe(404);
    await declare(ingest);
    expect(totals(await read(ingest), 'checkout.error').treatment).toEqual([2, 2]);
  });
});

describe('a declaration', () => {
  it.each([
    ['another flag', { ...COHORT, flag: 'checkout.newAddressForm' }, 'flag'],
    ['another arm', { ...COHORT, arms: { treatment: 'third', control: 'control' } }, 'arms.treatment'],
    ['a revision less', { ...COHORT, stages: [{ revisions: [] }, { revisions: [8, 9] }] }, 'stages.0.revisions'],
    ['a metric less', { ...COHORT, metrics: COHORT.metrics.slice(1) }, 'metrics'],
  ])('over another one, with %s, is refused: what was counted must stay true', async (_, cohort, field) => {
    const ingest = await ingestNow();
    await declare(ingest);
    const response = await declare(ingest, cohort);
    const { detail } = (await response.json()) as { detail: string };
    expect([response.status, detail.split(':')[0]]).toEqual([409, field]);
  });

  it.each([
    ['no arms', { arms: undefined }, 'arms'],
    ['equal arms', { arms: { treatment: 'a', control: 'a' } }, 'arms'],
    ['no stage', { stages: [] }, 'stages'],
    ['a revision in two stages', { stages: [{ revisions: [7] }, { revisions: [7] }] }, 'stages'],
    ['a metric twice', { metrics: [COHORT.metrics[0], COHORT.metrics[0]] }, 'metrics'],
    ['a kind that is none', { metrics: [{ name: 'a', kind: 'mean' }] }, 'metrics.0.kind'],
    [
      'a window of two days',
      { metrics: [{ name: 'a', kind: 'rate', attributionMinutes: 2_880 }] },
      'metrics.0.attributionMinutes',
    ],
  ])('with %s is refused by name', async (_, wrong, field) => {
    const response = await declare(await ingestNow(), { ...COHORT, ...wrong });
    const { detail } = (await response.json()) as { detail: string };
    expect([response.status, detail.split(':')[0]]).toEqual([400, field]);
  });

  it('B43: takes the key of the rollout controller or of control, and is read by servers too', async () => {
    const ingest = await ingestNow();
    const asked = async (method: string, kind: 'server' | 'client' | 'relay' | 'pop' | 'control' | 'rollout') => {
      const headers = { authorization: bearer(kind), 'content-type': 'application/json' };
      const body = method === 'PUT' ? JSON.stringify(COHORT) : null;
      return (await ingest.ask(`/v1/cohorts/${ROLLOUT}`, { method, headers, body })).status;
    };
    const kinds = ['server', 'client', 'relay', 'pop', 'control', 'rollout'] as const;
    const all = async (method: string): Promise<number[]> => {
      const statuses: number[] = [];
      for (const kind of kinds) statuses.push(await asked(method, kind));
      return statuses;
    };
    expect(await all('PUT')).toEqual([403, 403, 403, 403, 200, 200]);
    expect(await all('GET')).toEqual([200, 403, 200, 403, 200, 200]);
    expect(await all('DELETE')).toEqual([403, 403, 403, 403, 204, 404]);
    expect(await all('POST')).toEqual([405, 405, 405, 405, 405, 405]);
  });
});

describe('a watermark', () => {
  it('B37: is each region’s own, waits for what is not in the shards yet, and never runs backwards', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    const marks = async (): Promise<Record<string, number | null>> => {
      const { regions } = await read(ingest);
      return Object.fromEntries(regions.map(({ region, watermark }) => [region, watermark]));
    };
    const start = ingest.clock.now();
    await ingest.post([exposureOf(1, { time: start - 5_000 }), exposureOf(2, { region: 'eu', time: start })]);
    expect(await marks()).toEqual({ 'us-east-1': start - 5_000, eu: start });
    ingest.clock.forward(10_000);
    await ingest.post([exposureOf(3, { region: 'eu', time: start + 9_000 }), exposureOf(4, { time: start - 60_000 })]);
    expect(await marks()).toEqual({ 'us-east-1': start - 5_000, eu: start + 9_000 });
    ingest.clock.forward(-3_600_000);
    await ingest.post([exposureOf(5, { time: start - 3_700_000 })]);
    expect(await marks()).toEqual({ 'us-east-1': start - 5_000, eu: start + 9_000 });
  });

  it('of a region where nothing happens follows its emitters’ words', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    const ledger = { evaluated: 0, exposed: 0, sent: 0, dropped: 0 };
    await ingest.post([], { region: 'ap', ledger });
    ingest.clock.forward(30_000);
    await ingest.post([], { region: 'ap', ledger });
    expect((await read(ingest)).regions).toMatchObject([{ region: 'ap', watermark: ingest.clock.now() }]);
  });
});
