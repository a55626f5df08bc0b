import { reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { allInboxes } from '../../workers/ingest/inbox-layout.ts';
import { inboxRetention } from '../../workers/ingest/inbox-retention.ts';
import { createPruner, DAY_MS, type PrunerOptions } from '../../workers/ingest/prune-tables.ts';
import { readPlan } from '../../workers/ingest/shard-plan.ts';
import { shardRetention } from '../../workers/ingest/shard-retention.ts';
import { createShardTexts } from '../../workers/ingest/shard-texts.ts';
import { shardName } from '../../workers/ingest/shards.ts';
import type { Clock } from '../unit/fixtures/caches.ts';
import { declare, drain, read, totals } from './fixtures/cohorts.ts';
import { bearer, cohortShards, createIngest, exposureOf, type Ingest, inboxes, outcomeOf } from './fixtures/ingest.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const MINUTE_MS = 60_000;
const RETENTION_MS = 35 * DAY_MS;
const persons = (count: number) => Array.from({ length: count }, (_, person) => person);
const exposuresNow = ({ clock }: Ingest, count: number, rest = {}) =>
  persons(count).map((person) => exposureOf(person, { time: clock.now(), ...rest }));

/** Everything that is to be pruned at this time, as a day of alarms does it. */
function prune({ storage }: DurableObjectState, retention: Pick<PrunerOptions, 'walks' | 'finish'>, at: number): void {
  let now = at;
  storage.sql.exec('UPDATE pruning SET walk = 0, after = NULL, next_at = ?', now);
  const pruner = createPruner({ ...retention, storage, retentionMs: RETENTION_MS, now: () => now });
  while (pruner.dueIn() < DAY_MS) {
    now += pruner.dueIn();
    pruner.step();
  }
}

async function pruneInboxes({ now }: Clock): Promise<void> {
  for (const inbox of allInboxes())
    await runInDurableObject(inboxes.getByName(`inbox-${inbox}`), (_, state) =>
      prune(state, inboxRetention(state.storage.sql), now()),
    );
}

async function pruneShards({ now }: Clock): Promise<void> {
  for (let shard = 0; shard < 4; shard++)
    await runInDurableObject(cohortShards.getByName(shardName(shard)), (_, state) => {
      const { sql } = state.storage;
      prune(
        state,
        shardRetention(sql, () => readPlan(sql, createShardTexts(sql))),
        now(),
      );
    });
}

/** How many rows there are, of all objects. */
async function rowsOf(table: string, of: 'inboxes' | 'shards' = 'inboxes'): Promise<number> {
  const stubs = allInboxes().map((at) =>
    of === 'inboxes' ? inboxes.getByName(`inbox-${at}`) : cohortShards.getByName(shardName(at)),
  ) as unknown as DurableObjectStub[];
  const counts = stubs.map((stub) =>
    runInDurableObject(
      stub,
      (_: unknown, { storage }: DurableObjectState) =>
        storage.sql.exec<{ n: number }>(`SELECT count(*) AS n FROM ${table}`).one().n,
    ),
  );
  return (await Promise.all(counts)).reduce((sum, n) => sum + n, 0);
}

describe('an inbox', () => {
  it('B37: forgets ids that nothing can repeat any more, and a repeat that comes later is not counted again', async () => {
    const ingest = await createIngest();
    const events = exposuresNow(ingest, 50);
    const outcomes = [outcomeOf(1, { id: 'order-1' })];
    await ingest.post(events, { outcomes });
    await ingest.counts();
    ingest.clock.forward(RETENTION_MS - MINUTE_MS);
    await pruneInboxes(ingest.clock);
    expect([await rowsOf('served'), await rowsOf('outcomes')]).toEqual([50, 1]);
    ingest.clock.forward(2 * MINUTE_MS);
    await pruneInboxes(ingest.clock);
    expect([await rowsOf('served'), await rowsOf('outcomes')]).toEqual([0, 0]);
    const { json } = await ingest.post(events, { outcomes });
    expect(json).toMatchObject({
      accepted: 0,
      quarantined: 50,
      outcomes: { accepted: 0, quarantined: 1 },
    });
    expect((await ingest.counts()).total).toBe(50);
  });

  it('B35: knows for as long who is served the same again and again', async () => {
    const ingest = await createIngest();
    for (let week = 0; week < 8; week++) {
      await ingest.post(exposuresNow(ingest, 20));
      expect(await ingest.counts()).toMatchObject({ total: 20, duplicates: 20 * week });
      await pruneInboxes(ingest.clock);
      ingest.clock.forward(7 * DAY_MS);
    }
    expect((await ingest.counts()).total).toBe(20);
  });

  it('keeps every number: those of old versions and POPs as one, by flag and variation', async () => {
    const ingest = await createIngest();
    for (const version of [1, 2, 3])
      await ingest.post(exposuresNow(ingest, 10, { version, revision: version, pop: `pop-${version}` }));
    await ingest.post(exposuresNow(ingest, 10, { version: 4, revision: 3, pop: 'iad' }));
    await ingest.counts();
    ingest.clock.forward(RETENTION_MS + 1);
    await ingest.post(exposuresNow(ingest, 4, { version: 5, revision: 5, pop: 'iad' }));
    await ingest.counts();
    await pruneInboxes(ingest.clock);
    await pruneInboxes(ingest.clock);
    const { counts, total } = await ingest.counts();
    const one = { flag: 'pricing.fareBundlingV2', variation: 'treatment' };
    expect(counts).toEqual([
      { ...one, version: 0, pop: null, count: 30 },
      { ...one, version: 5, pop: 'iad', count: 4 },
    ]);
    expect(total).toBe(34);
    ingest.clock.forward(RETENTION_MS + 1);
    await pruneInboxes(ingest.clock);
    expect((await ingest.counts()).counts).toEqual([{ ...one, version: 0, pop: null, count: 34 }]);
  });

  it('lets go of what was put aside, with a line in the log for what was never counted', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const ingest = await createIngest();
    await ingest.post([exposureOf(1), exposureOf(2, { time: 0 })]);
    await runInDurableObject(inboxes.getByName('inbox-0'), (_, { storage }) => {
      const { sql } = storage;
      sql.exec(
        `INSERT INTO refused_parts (sequence, shard, received_at, reason, cells, exposures, units, outcomes, outcome_ids, outcome_units)
         VALUES (9, 0, ?, 'why', '[]', '[]', x'', '[]', x'', x'')`,
        ingest.clock.now(),
      );
    });
    expect(await rowsOf('quarantine')).toBe(1);
    ingest.clock.forward(RETENTION_MS + 1);
    await pruneInboxes(ingest.clock);
    expect([await rowsOf('quarantine'), await rowsOf('refused_parts')]).toEqual([0, 0]);
    expect(log.mock.calls).toEqual([['1 parts that shards refused are let go, and were never replayed']]);
    expect((await ingest.counts()).quarantined).toBe(1);
  });

  it('begins a day after its first part, by its alarm', async () => {
    const ingest = await createIngest();
    await ingest.post(exposuresNow(ingest, 8));
    const stub = inboxes.getByName('inbox-0');
    await drain();
    await runInDurableObject(stub, async (_, { storage }) => {
      const [{ at } = { at: 0 }] = storage.sql.exec<{ at: number }>('SELECT next_at AS at FROM pruning').toArray();
      expect(Math.abs(((await storage.getAlarm()) ?? 0) - at)).toBeLessThan(MINUTE_MS);
      storage.sql.exec('UPDATE served SET received_at = 0');
      storage.sql.exec('UPDATE pruning SET next_at = 0');
    });
    await runDurableObjectAlarm(stub);
    expect(await runInDurableObject(stub, (_, { storage }) => [...storage.sql.exec('SELECT 1 FROM served')])).toEqual(
      [],
    );
  });
});

describe('a shard', () => {
  const whoSaw = async ({ ask }: Ingest, flag: string) => {
    const query = new URLSearchParams({ flag, unit: exposureOf(1).unit });
    const response = await ask(`/v1/who-saw?${query}`, { headers: { authorization: bearer('control') } });
    return ((await response.json()) as { readonly sightings: readonly unknown[] }).sightings;
  };

  it('B35: forgets who saw what, but for what declared rollouts count by', async () => {
    const ingest = await createIngest();
    await declare(ingest);
    const other = { flag: 'checkout.newAddressForm' };
    const send = async () => {
      const outcomes = persons(5).map((person) => outcomeOf(person, { time: ingest.clock.now() }));
      const render = persons(5).map((person) =>
        outcomeOf(person, { name: 'render', value: 9, time: ingest.clock.now() }),
      );
      await ingest.post([...exposuresNow(ingest, 20), ...exposuresNow(ingest, 20, other)], {
        outcomes: [...outcomes, ...render],
      });
      await drain();
    };
    await send();
    const before = totals(await read(ingest), 'checkout.error');
    expect([await whoSaw(ingest, other.flag), await rowsOf('joined', 'shards')]).toMatchObject([[{ revision: 7 }], 10]);
    ingest.clock.forward(RETENTION_MS + MINUTE_MS);
    await pruneShards(ingest.clock);
    expect(await whoSaw(ingest, other.flag)).toEqual([]);
    expect(await whoSaw(ingest, 'pricing.fareBundlingV2')).toMatchObject([{ revision: 7 }]);
    // Of each unit its one error, and no latency.
    expect(await rowsOf('joined', 'shards')).toBe(5);
    await send();
    expect(totals(await read(ingest), 'checkout.error')).toEqual(before);
  });

  it('I1: lets old incidents go, and keeps how many there were', async () => {
    const ingest = await createIngest();
    await ingest.post(exposuresNow(ingest, 3));
    await ingest.post(exposuresNow(ingest, 3, { variation: 'control' }));
    await drain();
    ingest.clock.forward(RETENTION_MS + 1);
    await pruneShards(ingest.clock);
    const response = await ingest.ask('/v1/incidents', { headers: { authorization: bearer('control') } });
    expect(await response.json()).toMatchObject({ counts: [{ kind: 'two-variations', count: 3 }], incidents: [] });
  });
});
