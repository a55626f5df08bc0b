import { reset } from 'cloudflare:test';
import { afterEach, describe, expect, it } from 'vitest';
import { createIngest, exposureOf, type Ingest } from './fixtures/ingest.ts';

afterEach(reset);

const persons = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

describe('a beacon', () => {
  it('is acknowledged event by event, and counted by flag, variation, version and POP', async () => {
    const { post, counts } = await createIngest();
    const control = exposureOf(3, { variation: 'control', pop: 'dub' });
    const answer = await post([exposureOf(1), exposureOf(2), control]);
    expect([answer.status, answer.json]).toEqual([202, { accepted: 3, quarantined: 0, rejected: [] }]);
    expect(await counts()).toMatchObject({
      environment: 'production',
      counts: [
        { flag: 'pricing.fareBundlingV2', variation: 'control', version: 12, pop: 'dub', count: 1 },
        { flag: 'pricing.fareBundlingV2', variation: 'treatment', version: 12, pop: 'iad', count: 2 },
      ],
      total: 3,
      duplicates: 0,
      quarantined: 0,
    });
  });

  it('B35: counts once what is sent again, within a beacon and across beacons, in any order', async () => {
    const { post, counts } = await createIngest();
    const events = persons(0, 50).map((person) => exposureOf(person));
    expect((await post([...events, ...events])).json).toMatchObject({ accepted: 100 });
    expect((await post(events.toReversed())).json).toMatchObject({ accepted: 50 });
    expect(await counts()).toMatchObject({ total: 50, duplicates: 100 });
    await post(events.slice(0, 7));
    expect(await counts()).toMatchObject({ total: 50, duplicates: 107, waiting: 0 });
  });

  it('B35: counts an exposure where it was first received: edge and origin both emit it, each with its own words', async () => {
    const { post, counts } = await createIngest();
    await post([exposureOf(1)]);
    const { pop: _pop, rule: _rule, ...origin } = exposureOf(1, { version: 13, region: 'eu', reason: 'STALE' });
    await post([origin]);
    expect(await counts()).toMatchObject({ total: 1, duplicates: 1 });
    expect((await counts()).counts).toEqual([expect.objectContaining({ version: 12, pop: 'iad', count: 1 })]);
  });

  it('counts the same person again in another revision, and in another variation', async () => {
    const { post, counts } = await createIngest();
    await post([exposureOf(1), exposureOf(1, { revision: 8 }), exposureOf(1, { variation: 'control' })]);
    expect((await counts()).total).toBe(3);
  });

  it('has no POP where the emitter knows of none', async () => {
    const { post, counts } = await createIngest();
    const { pop: _pop, ...nowhere } = exposureOf(1);
    await post([nowhere, exposureOf(2)]);
    expect((await counts()).counts).toMatchObject([
      { pop: null, count: 1 },
      { pop: 'iad', count: 1 },
    ]);
  });

  it('may hold a ledger alone', async () => {
    const { post, counts } = await createIngest();
    const answer = await post([], { ledger: { evaluated: 9, exposed: 4, sent: 3, dropped: 1 } });
    expect([answer.status, answer.json]).toEqual([202, { accepted: 0, quarantined: 0, rejected: [] }]);
    expect((await counts()).ledgers).toMatchObject({ emitters: 1, evaluated: 9, exposed: 4, sent: 3, dropped: 1 });
  });
});

describe('counts', () => {
  it('are filtered, and their total with them; what is empty or unknown in the query is passed over', async () => {
    const { post, counts } = await createIngest();
    const other = { flag: 'checkout.newAddressForm', version: 13 };
    await post([exposureOf(1), exposureOf(2, { pop: 'dub' }), exposureOf(3, other)]);
    expect((await counts('?flag=checkout.newAddressForm')).counts).toMatchObject([{ ...other, count: 1 }]);
    expect(await counts('?version=12')).toMatchObject({ total: 2, counts: [{ pop: 'dub' }, { pop: 'iad' }] });
    expect(await counts('?version=12&pop=dub')).toMatchObject({ total: 1, counts: [{ pop: 'dub' }] });
    expect(await counts('?flag=no.such')).toMatchObject({ total: 0, counts: [] });
    expect((await counts('?flag=&version=&pop=&cursor=&limit=&color=red')).total).toBe(3);
  });

  it('come in pages that leave nothing out and repeat nothing, in one order', async () => {
    const { post, counts } = await createIngest();
    const places = persons(0, 60).map((at) => ({
      version: 1 + (at % 3),
      pop: `pop-${at % 5}`,
      variation: `v${at % 2}`,
    }));
    await post(places.map((place, person) => exposureOf(person, place)));
    const whole = (await counts()).counts;
    expect(whole).toHaveLength(30);
    expect(whole.map(({ count }) => count)).toEqual(whole.map(() => 2));
    for (const limit of [7, 15, 29, 30]) expect(await paged(counts, limit)).toEqual(whole);
  });

  it('come in pages where one inbox has them all', async () => {
    const { post, counts } = await createIngest();
    await post([7, 8, 9].map((revision) => exposureOf(1, { revision, version: revision })));
    for (const limit of [1, 2, 3])
      expect(await paged(counts, limit)).toMatchObject([{ version: 7 }, { version: 8 }, { version: 9 }]);
  });

  async function paged(counts: Ingest['counts'], limit: number): Promise<object[]> {
    const all: object[] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const page: Awaited<ReturnType<typeof counts>> = await counts(`?limit=${limit}&cursor=${next}`);
      expect(page.counts.length).toBeLessThanOrEqual(limit);
      all.push(...page.counts);
      next = page.next;
    }
    return all;
  }

  it.each(['limit=0', 'limit=5001', 'limit=ten', 'limit=-1', 'limit=1e3', 'version=x', 'version=1.5', 'version=-1'])(
    'refuse %s, and name it',
    async (query) => {
      const response = await (await createIngest()).ask(`/v1/counts?${query}`);
      expect(response.status).toBe(400);
      expect(((await response.json()) as { detail: string }).detail).toContain(query.split('=')[0]);
    },
  );

  it.each([
    ['is no base64url', '%'],
    ['is no JSON', 'AAAA'],
    ['is of other types', btoa('[1,2,3,4]')],
    ['is too short', btoa('["a","b",1]')],
    ['is an object', btoa('{}')],
    ['holds a number that is none', btoa('["a","b",1e400,""]')],
    ['is far too long', 'x'.repeat(5_000)],
  ])('B51: refuse a cursor that %s', async (_, cursor) => {
    const { ask } = await createIngest();
    const response = await ask(`/v1/counts?cursor=${encodeURIComponent(cursor.replaceAll('=', ''))}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
  });
});

describe('ledgers', () => {
  const words = (evaluated: number, dropped = 0) => ({ evaluated, exposed: evaluated, sent: evaluated, dropped });

  it('I8: the last of each emitter is kept, in whatever order beacons arrive, and all are added up', async () => {
    const { post, counts, clock } = await createIngest();
    await post([], { emitter: 'a', ledger: words(30, 2) });
    await post([], { emitter: 'a', sentAt: clock.now() - 1_000, ledger: words(20, 1) });
    clock.forward(1_000);
    await post([exposureOf(1)], { emitter: 'b', ledger: words(5) });
    const { ledgers, emitters } = await counts();
    const none = { spilled: 0, collapsed: 0, missing: 0 };
    expect(ledgers).toEqual({ emitters: 2, retired: 0, evaluated: 35, exposed: 35, sent: 35, dropped: 2, ...none });
    expect(emitters).toMatchObject([
      { emitter: 'b', receivedAt: clock.now(), ...words(5) },
      { emitter: 'a', receivedAt: clock.now() - 1_000, ...words(30, 2) },
    ]);
  });

  it('I8: a ledger that is no ledger costs no event, and the sender is told', async () => {
    const { post, counts } = await createIngest();
    const answer = await post([exposureOf(1)], { ledger: { ...words(1), sent: -1 } });
    expect([answer.status, answer.json]).toMatchObject([202, { accepted: 1, ledger: expect.stringContaining('sent') }]);
    expect((await counts()).ledgers.emitters).toBe(0);
  });
});
