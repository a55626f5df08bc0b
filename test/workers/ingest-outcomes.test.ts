import { reset } from 'cloudflare:test';
import { afterEach, describe, expect, it } from 'vitest';
import { createIngest, exposureOf, outcomeOf } from './fixtures/ingest.ts';

afterEach(reset);

const DAY_MS = 86_400_000;
const persons = (count: number) => Array.from({ length: count }, (_, person) => person);
const NONE = { accepted: 0, quarantined: 0 };

describe('outcomes', () => {
  it('B35: travel beside exposures, each with a verdict, and count once however often they are sent', async () => {
    const { post, counts } = await createIngest();
    const events = persons(20).map((person) => exposureOf(person));
    const outcomes = persons(20).map((person) => outcomeOf(person));
    const first = await post([...events], { outcomes });
    expect(first.json).toMatchObject({ accepted: 20, outcomes: { accepted: 20, quarantined: 0 } });
    const again = await post([], { outcomes: [...outcomes, ...outcomes, outcomeOf(1, { value: 7 })] });
    expect(again.json).toMatchObject({ accepted: 0, outcomes: { accepted: 41, quarantined: 0 } });
    expect((await counts()).outcomes).toEqual({ accepted: 21, duplicates: 40, quarantined: 0 });
  });

  it('B35: of a caller that names them are the same at another time, and of another metric are others', async () => {
    const { post, clock, counts } = await createIngest();
    const order = { id: 'order-1' };
    const later = { ...order, time: clock.now() - 60_000 };
    const outcomes = [outcomeOf(1, order), outcomeOf(1, later), outcomeOf(1, { ...order, name: 'latency', value: 3 })];
    await post([], { outcomes });
    expect((await counts()).outcomes).toEqual({ ...NONE, accepted: 2, duplicates: 1 });
  });

  it('B35: are the same at a retry, whose beacon leaves later', async () => {
    const { post, clock, counts } = await createIngest();
    const outcomes = [outcomeOf(1)];
    await post([], { outcomes });
    clock.forward(90_000);
    await post([], { outcomes });
    expect((await counts()).outcomes).toEqual({ ...NONE, accepted: 1, duplicates: 1 });
  });

  it('B36: that are not of the form are refused one by one, by list, place and field', async () => {
    const { post } = await createIngest();
    const bad = [
      { ...outcomeOf(2), name: '' },
      { ...outcomeOf(2), unit: 'jane@travel.example' },
      { ...outcomeOf(2), value: '3' },
      { ...outcomeOf(2), value: 1e300 },
      { ...outcomeOf(2), value: null },
      { ...outcomeOf(2), id: '' },
      { ...outcomeOf(2), id: 'x'.repeat(65) },
      { ...outcomeOf(2), id: 'a b' },
      { ...outcomeOf(2), source: 'moon' },
      { ...outcomeOf(2), time: -1 },
      null,
    ];
    const { status, json } = await post([{}, exposureOf(1)], { outcomes: [outcomeOf(1), ...bad] });
    expect([status, json.accepted, json.outcomes?.accepted]).toEqual([202, 1, 1]);
    expect(json.rejected.map(({ of, index }) => `${of} ${index}`)).toEqual([
      'events 0',
      ...bad.map((_, at) => `outcomes ${at + 1}`),
    ]);
    const fields = json.rejected.slice(1, -1).map(({ detail }) => detail.split(':')[0]);
    expect(fields).toEqual(['name', 'unit', 'value', 'value', 'value', 'id', 'id', 'id', 'source', 'time']);
  });

  it('B36: of which none is good, nor any event, make the beacon a bad one, with a verdict on each', async () => {
    const { post } = await createIngest();
    const { status, json } = await post([{}], { outcomes: [{}, {}] });
    expect([status, json.rejected.map(({ of }) => of)]).toEqual([400, ['events', 'outcomes', 'outcomes']]);
  });

  it('and events are at most 1,000 together', async () => {
    const { post } = await createIngest();
    const events = persons(500).map((person) => exposureOf(person));
    const outcomes = persons(501).map((person) => outcomeOf(person));
    expect((await post(events, { outcomes })).status).toBe(413);
    expect((await post(events, { outcomes: outcomes.slice(1) })).status).toBe(202);
  });

  it('B37: that are too old to be believed are put aside, and known when they come again', async () => {
    const { post, clock, counts } = await createIngest();
    const outcomes = [outcomeOf(1, { time: clock.now() - 31 * DAY_MS }), outcomeOf(2)];
    expect((await post([], { outcomes })).json.outcomes).toEqual({ ...NONE, accepted: 1, quarantined: 1 });
    await post([], { outcomes });
    expect((await counts()).outcomes).toEqual({ accepted: 1, duplicates: 2, quarantined: 1 });
  });
});

describe('what emitters say of themselves', () => {
  const ledger = { evaluated: 9, exposed: 8, sent: 4, dropped: 0 };

  it('I8: what lies in a spill is told by the latest word, and may shrink', async () => {
    const { post, counts, clock } = await createIngest();
    await post([], { ledger: { ...ledger, spilled: 4, collapsed: 1 }, region: 'eu' });
    await post([], { sentAt: clock.now() + 1, ledger: { ...ledger, sent: 7, spilled: 1, collapsed: 1 } });
    await post([], { sentAt: clock.now() - 1, ledger: { ...ledger, sent: 5, spilled: 3 } });
    const { ledgers, emitters } = await counts();
    expect(ledgers).toMatchObject({ sent: 7, spilled: 1, collapsed: 1 });
    expect(emitters).toMatchObject([{ emitter: 'emitter-1', region: 'eu', spilled: 1 }]);
  });

  it('I8: a batch that never came shows, until it comes', async () => {
    const { post, counts } = await createIngest();
    for (const sequence of [1, 2, 5, 5, 3]) await post([exposureOf(sequence)], { sequence });
    expect((await counts()).ledgers).toMatchObject({ emitters: 1, missing: 1 });
    await post([exposureOf(4)], { sequence: 4 });
    expect((await counts()).ledgers).toMatchObject({ emitters: 1, missing: 0 });
  });

  it('I8: a number of a batch that is none costs no event, and the sender is told', async () => {
    const { post, counts } = await createIngest();
    for (const sequence of [0, -1, 1.5, '1', 2 ** 60]) {
      const { status, json } = await post([exposureOf(1)], { sequence });
      expect([status, typeof json.sequence]).toEqual([202, 'string']);
    }
    expect((await counts()).ledgers.emitters).toBe(0);
  });
});

describe('B35: collapsed counts', () => {
  const countOf = (count: number) => {
    const { flag, revision, variation, version, time } = exposureOf(1);
    return { flag, revision, variation, version, from: time - 10_000, until: time, count };
  };

  it('are counted apart, once for an emitter’s batch', async () => {
    const { post, counts, clock } = await createIngest();
    const collapsed = [countOf(500), countOf(70)];
    for (const sequence of [1, 1, 2]) await post([], { sequence, collapsed });
    await post([], { emitter: 'emitter-2', sequence: 1, collapsed: [countOf(1)] });
    const answer = await counts('?version=12');
    expect([answer.total, answer.collapsed]).toEqual([0, { total: 1_141, lastReceivedAt: clock.now() }]);
    expect((await counts('?version=13')).collapsed).toEqual({ total: 0, lastReceivedAt: null });
  });

  it('without a number, by which they would count once, are refused', async () => {
    const { post } = await createIngest();
    expect((await post([], { collapsed: [countOf(500)] })).status).toBe(400);
  });

  it.each([
    ['no count', { count: 0 }],
    ['an end before its beginning', { until: 1 }],
    ['a flag that is none', { flag: '' }],
  ])('with %s are refused one by one', async (_, wrong) => {
    const { post } = await createIngest();
    const answer = await post([], { sequence: 1, collapsed: [countOf(5), { ...countOf(5), ...wrong }] });
    expect(answer.json.rejected).toMatchObject([{ of: 'collapsed', index: 1 }]);
  });
});
