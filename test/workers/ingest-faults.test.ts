import { evictAllDurableObjects, reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLogCounter } from '../../workers/ingest/count-log.ts';
import { partsAside, putAside, uncountedParts } from '../../workers/ingest/inbox-log.ts';
import { packPart, unpackRows } from '../../workers/ingest/inbox-part.ts';
import type { InboxNamespace } from '../../workers/ingest/inboxes.ts';
import worker from '../../workers/ingest/index.ts';
import { keepPart } from '../../workers/ingest/keep-part.ts';
import { readCounts } from '../../workers/ingest/read-counts.ts';
import { createIngest, exposureOf, inboxes, readExposures, sliceOf } from './fixtures/ingest.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const persons = (count: number) => Array.from({ length: count }, (_, person) => exposureOf(person));
const DAY_MS = 86_400_000;
const HEAD = { environment: 'production', inbox: 0, shard: 0, receivedAt: 1_000 };

/** The test's inboxes, one of which does not answer when it is told so, before it has committed or after. */
function failing(name: string) {
  const state: { fails?: 'before' | 'after'; error: Error } = { error: new Error('the object was reset') };
  const namespace: InboxNamespace = {
    getByName: (one) => ({
      async receive(part) {
        if (one === name && state.fails === 'before') throw state.error;
        const isKept = await inboxes.getByName(one).receive(part);
        if (one === name && state.fails === 'after') throw state.error;
        return isKept;
      },
      async counts(query) {
        if (one === name && state.fails !== undefined) throw state.error;
        return inboxes.getByName(one).counts(query);
      },
      async keepUses(uses) {
        if (one === name && state.fails === 'before') throw state.error;
        await inboxes.getByName(one).keepUses(uses);
        if (one === name && state.fails === 'after') throw state.error;
      },
      async keyUses() {
        if (one === name && state.fails !== undefined) throw state.error;
        return inboxes.getByName(one).keyUses();
      },
      progress: (now) => inboxes.getByName(one).progress(now),
      collapsed: (flag) => inboxes.getByName(one).collapsed(flag),
      received: () => inboxes.getByName(one).received(),
      quarantine: (...asked) => inboxes.getByName(one).quarantine(...asked),
      replay: () => inboxes.getByName(one).replay(),
      measures: (now) => inboxes.getByName(one).measures(now),
      addRejected: (events) => inboxes.getByName(one).addRejected(events),
    }),
  };
  return { state, namespace };
}

describe('B35: an inbox that does not answer', () => {
  it.each(['before', 'after'] as const)(
    '%s it has committed makes the whole beacon one to send again, and nothing counts twice',
    async (fails) => {
      vi.spyOn(console, 'error').mockReturnValue();
      const { state, namespace } = failing('inbox-2');
      const { post, counts } = await createIngest({ namespace });
      state.fails = fails;
      const refused = await post(persons(100));
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
      delete state.fails;
      const { status, json } = await post(persons(100));
      expect([status, json.accepted]).toEqual([202, 100]);
      const { total, duplicates } = await counts();
      expect([total, duplicates > 0]).toEqual([100, true]);
    },
  );

  it('and that is overloaded asks for more patience, and its failure is logged without what it was given', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const { state, namespace } = failing('inbox-0');
    const { post, ask } = await createIngest({ namespace });
    state.fails = 'before';
    state.error = Object.assign(new Error('Durable Object is overloaded.'), { overloaded: true });
    const { status, headers, json } = await post(persons(100));
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(JSON.stringify(json)).not.toContain('overloaded');
    expect(log.mock.calls).toEqual([['InboxError: inbox-0: Durable Object is overloaded.']]);
    expect((await ask('/v1/counts')).status).toBe(503);
  });
});

describe('an inbox', () => {
  it('in which too much waits to be counted takes no more, and emitters keep what they have', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const namespace = { getByName: () => ({ receive: () => Promise.resolve(false) }) } as unknown as InboxNamespace;
    const { post } = await createIngest({ namespace });
    const { status, headers } = await post(persons(1));
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    await runInDurableObject(inboxes.getByName('inbox-0'), async (_, { storage }) => {
      const options = { storage, maxWaitingBytes: 5_000, now: () => 0, random: () => 0 };
      const counting = { environment: 'production', archives: false };
      const before = createLogCounter({ ...options, counting });
      let taken = 0;
      while (before.hasRoom()) {
        const part = packPart(HEAD, { good: readExposures([exposureOf(taken++)]) });
        before.added(keepPart(storage.sql, part, { quarantined: 1, emitters: 1 }));
      }
      // Another that begins on the same storage knows it too.
      const counter = createLogCounter({ ...options, counting });
      expect([taken > 10, counter.hasRoom()]).toEqual([true, false]);
      expect([await counter.run(), counter.hasRoom()]).toEqual([undefined, true]);
      expect(readCounts(storage.sql, { limit: 1 }).total).toBe(taken);
    });
  });

  it('B38: puts nothing aside where the fault is no part’s own, and counts all of it once it is mended', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    await runInDurableObject(inboxes.getByName('inbox-0'), async (_, { storage }) => {
      const counting = { environment: 'production', archives: false };
      for (const one of persons(3))
        keepPart(storage.sql, packPart(HEAD, { good: readExposures([one]) }), { quarantined: 1, emitters: 1 });
      storage.sql.exec('ALTER TABLE received RENAME TO broken');
      const counter = createLogCounter({ storage, counting, now: () => 0, random: () => 0 });
      for (const pause of [250, 500, 1_000, 2_000, 4_000, 8_000]) expect(await counter.run()).toBe(pause);
      expect([partsAside(storage.sql), uncountedParts(storage.sql)]).toEqual([0, 3]);
      storage.sql.exec('ALTER TABLE broken RENAME TO received');
      expect([await counter.run(), readCounts(storage.sql, { limit: 1 }).total]).toEqual([undefined, 3]);
    });
  });

  it('counts for a second at the most before what it has counted is on its way, and goes on where it was', async () => {
    await runInDurableObject(inboxes.getByName('inbox-0'), async (_, { storage }) => {
      for (const one of persons(4))
        keepPart(storage.sql, sliceOf(packPart(HEAD, { good: readExposures([one]) })), { quarantined: 1, emitters: 1 });
      const counting = { environment: 'production', archives: false };
      let time = 0;
      // Of which each look at the clock takes 400 ms: one before, and one behind each transaction.
      const counter = createLogCounter({ storage, counting, now: () => (time += 400), random: () => 0 });
      const run = async () => [(await counter.run()) !== undefined, uncountedParts(storage.sql)];
      expect([await run(), await run()]).toEqual([
        [true, 1],
        [false, 0],
      ]);
      expect(readCounts(storage.sql, { limit: 1 }).total).toBe(4);
    });
  });

  it('knows what waits after a replay too', async () => {
    await runInDurableObject(inboxes.getByName('inbox-0'), async (_, { storage }) => {
      const options = { storage, maxWaitingBytes: 1_000, now: () => 0, random: () => 0 };
      const counter = createLogCounter({ ...options, counting: { environment: 'production', archives: false } });
      const part = packPart(HEAD, { good: readExposures(persons(50)) });
      keepPart(storage.sql, part, { quarantined: 1, emitters: 1 });
      putAside(storage.sql, 1, 'why');
      expect(counter.hasRoom()).toBe(true);
      expect([counter.replay(), counter.hasRoom()]).toEqual([1, false]);
      expect([await counter.run(), counter.hasRoom()]).toEqual([undefined, true]);
    });
  });

  it('has an alarm, and so a retention, though it never got an event that is good', async () => {
    await runInDurableObject(inboxes.getByName('inbox-0'), async (inbox, { storage }) => {
      await inbox.receive(packPart(HEAD, { old: persons(1) }));
      expect(await storage.getAlarm()).not.toBeNull();
    });
  });

  it('keeps all of a part or nothing', async () => {
    const part = packPart(HEAD, { good: readExposures(persons(20)), old: persons(1) });
    const broken = { ...part, cells: null as unknown as string };
    await runInDurableObject(inboxes.getByName('inbox-0'), async (inbox) => {
      // They are kept in one transaction.
      const kept = await Promise.allSettled([inbox.receive(broken), inbox.receive(part)]);
      expect(kept).toMatchObject([
        { status: 'rejected', reason: { message: expect.stringContaining('NOT NULL') } },
        { status: 'fulfilled', value: true },
      ]);
      expect(inbox.counts({ limit: 10 })).toMatchObject({ total: 20, quarantined: 1, duplicates: 0 });
    });
  });

  it('B35: knows after an eviction what it has seen', async () => {
    const { post, counts } = await createIngest();
    await post(persons(50));
    await evictAllDurableObjects();
    await post(persons(60));
    await evictAllDurableObjects();
    expect(await counts()).toMatchObject({ total: 60, duplicates: 50 });
  });

  it('I8: lets emitters go that were silent for longest, and keeps their counters in the sum', async () => {
    await runInDurableObject(inboxes.getByName('inbox-0'), (_, { storage }) => {
      const bounds = { quarantined: 10, emitters: 3 };
      for (const [at, emitter] of [1, 2, 3, 1, 4, 5].entries()) {
        const ledger = { evaluated: 10 * emitter, exposed: 4, sent: 3, dropped: 1, spilled: 2, collapsed: 1 };
        const word = { emitter: `emitter-${emitter}`, sentAt: 0, sequence: 3, ledger };
        keepPart(storage.sql, packPart({ ...HEAD, receivedAt: at, word }, {}), bounds);
      }
      const { ledgers, emitters } = readCounts(storage.sql, { limit: 1 });
      expect(emitters.map(({ emitter }) => emitter)).toEqual(['emitter-5', 'emitter-4', 'emitter-1']);
      const sums = { evaluated: 150, exposed: 20, sent: 15, dropped: 5, spilled: 10, collapsed: 5, missing: 10 };
      expect(ledgers).toEqual({ emitters: 5, retired: 2, ...sums });
    });
  });

  it('I8: hears each batch at its answer, whatever waits to be counted, so that none is missing that came', async () => {
    await runInDurableObject(inboxes.getByName('inbox-0'), (_, { storage }) => {
      const counts = [{ flag: 'a.b', revision: 1, variation: 'on', version: 1, from: 0, until: 1, count: 3 }];
      for (let sequence = 1; sequence <= 200; sequence++) {
        const word = { emitter: 'emitter-1', sentAt: sequence, sequence, region: 'eu', collapsed: counts };
        // Every other has events for this inbox. Each comes twice, since an emitter may not have heard the answer.
        const good = sequence % 2 === 0 ? [] : readExposures(persons(1));
        for (let twice = 0; twice < 2; twice++)
          keepPart(storage.sql, packPart({ ...HEAD, word }, { good }), { quarantined: 1, emitters: 1 });
      }
      const { waiting, ledgers, collapsed } = readCounts(storage.sql, { limit: 1 });
      expect([waiting, ledgers.missing, collapsed.total]).toEqual([200, 0, 600]);
      // Words lie nowhere in the log: what an emitter says is in no bound of what waits.
      const rows = storage.sql.exec<Record<string, SqlStorageValue>>('SELECT * FROM log').toArray();
      expect(JSON.stringify(rows)).not.toContain('emitter-1');
    });
  });

  it('B37: keeps a bounded number of exposures in quarantine, and the number of all', async () => {
    await runInDurableObject(inboxes.getByName('inbox-0'), (_, { storage }) => {
      const bounds = { quarantined: 3, emitters: 10 };
      for (const old of [persons(2), persons(5)]) {
        keepPart(storage.sql, packPart(HEAD, { old }), bounds);
      }
      const kept = storage.sql.exec<{ exposure: string; reason: string }>('SELECT exposure, reason FROM quarantine');
      const units = [...kept].map(({ exposure, reason }) => [(JSON.parse(exposure) as { unit: string }).unit, reason]);
      expect(units).toEqual(
        persons(5)
          .slice(2)
          .map(({ unit }) => [unit, 'too-old']),
      );
      expect(readCounts(storage.sql, { limit: 1 })).toMatchObject({ quarantined: 5, duplicates: 2, total: 0 });
    });
  });
});

describe('B37: times', () => {
  const YEAR_MS = 365 * DAY_MS;

  it.each([
    ['a year ahead (and so is its emitter’s clock)', YEAR_MS, YEAR_MS, 0],
    ['a year behind (and so is its emitter’s clock)', -YEAR_MS, -YEAR_MS, 0],
    ['ten minutes in the future', 600_000, 0, 0],
    ['a year in the future', YEAR_MS, 0, 0],
    ['29 days old', -29 * DAY_MS, 0, -29 * DAY_MS],
    ['five minutes old by a clock that is a day ahead', DAY_MS - 300_000, DAY_MS, -300_000],
  ])('an event that is %s is counted, at a time that ingest believes', async (_, time, sentAt, believed) => {
    const { post, counts, clock } = await createIngest();
    const answer = await post([exposureOf(1, { time: clock.now() + time })], { sentAt: clock.now() + sentAt });
    expect(answer.json).toMatchObject({ accepted: 1, quarantined: 0 });
    expect(await keptTimes()).toEqual([[clock.now() + believed, clock.now()]]);
    expect((await counts()).total).toBe(1);
  });

  it.each([
    ['31 days', 31 * DAY_MS],
    ['a year', YEAR_MS],
    ['all time', Number.POSITIVE_INFINITY],
  ])('an event that lay with its emitter for %s is put aside, and neither counted nor lost', async (_, age) => {
    const { post, counts, clock } = await createIngest();
    const old = exposureOf(1, { time: Math.max(0, clock.now() - age) });
    expect((await post([old, exposureOf(2)])).json).toMatchObject({ accepted: 1, quarantined: 1 });
    expect((await post([old])).json).toMatchObject({ accepted: 0, quarantined: 1 });
    expect(await counts()).toMatchObject({ total: 1, quarantined: 1, duplicates: 1 });
    expect((await post([exposureOf(1)])).json).toMatchObject({ accepted: 1 });
  });

  it('the time of the last receipt never goes back, though a clock does', async () => {
    const { post, counts, clock } = await createIngest();
    const before = clock.now();
    await post([exposureOf(1)]);
    clock.forward(-600_000);
    await post([exposureOf(1), exposureOf(1, { revision: 8 })]);
    expect((await counts()).lastReceivedAt).toBe(before);
  });

  async function keptTimes(): Promise<[number, number][]> {
    const names = [0, 1, 2, 3].map((inbox) => inboxes.getByName(`inbox-${inbox}`));
    const read = ({ storage: { sql } }: DurableObjectState): [number, number][] =>
      [...sql.exec<{ rows: ArrayBuffer; at: number }>('SELECT rows, received_at AS at FROM log')].flatMap(
        ({ rows, at }) => unpackRows(new Uint8Array(rows)).map(([, time]): [number, number] => [time, at]),
      );
    return (await Promise.all(names.map((stub) => runInDurableObject(stub, (_, state) => read(state))))).flat();
  }
});

it('a Worker that is not configured names each fault in its log, and none in its answer', async () => {
  const log = vi.spyOn(console, 'error').mockReturnValue();
  const env = { INBOX: inboxes, SDK_KEYS: '[{"sha256":"secret"}]' } as unknown as Env;
  const context = { waitUntil() {}, passThroughOnException() {} } as unknown as ExecutionContext;
  const response = await worker.fetch(
    new Request('https://ingest.example/livez') as Request<unknown, IncomingRequestCfProperties>,
    env,
    context,
  );
  expect(response.status).toBe(500);
  expect(await response.text()).not.toMatch(/ENVIRONMENT|SDK_KEYS|secret/);
  expect(log.mock.calls[0]?.[0]).toMatch(
    /ENVIRONMENT must be set; SDK_KEYS must be a JSON list.*PUBLIC_KEYS must be set/,
  );
});
