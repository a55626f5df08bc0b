import { reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { divide } from '../../workers/ingest/divide.ts';
import { createDrain } from '../../workers/ingest/drain-log.ts';
import { readLog } from '../../workers/ingest/inbox-log.ts';
import type { Part } from '../../workers/ingest/inbox-part.ts';
import { keepPart } from '../../workers/ingest/keep-part.ts';
import { shardOf } from '../../workers/ingest/shard-layout.ts';
import { declare, drain, read, totals } from './fixtures/cohorts.ts';
import {
  cohortShards,
  createIngest,
  exposureOf,
  type Ingest,
  inboxes,
  outcomeOf,
  readExposures,
  unitOf,
} from './fixtures/ingest.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const persons = (count: number) => Array.from({ length: count }, (_, person) => person);
const ingestNow = () => createIngest({ startAt: Date.now() });
const exposures = async (ingest: Ingest) => totals(await read(ingest), 'checkout.error').treatment;

async function sendPersons(ingest: Ingest, from: number, to: number): Promise<void> {
  const all = persons(to).slice(from);
  const outcomes = all.map((person) => outcomeOf(person, { time: ingest.clock.now() }));
  await ingest.post(
    all.map((person) => exposureOf(person, { time: ingest.clock.now() })),
    { outcomes },
  );
}

describe('B35: a crash between an inbox and its shard', () => {
  it('after the shard has taken what the inbox still has doubles nothing', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    await sendPersons(ingest, 0, 100);
    await runInDurableObject(inboxes.getByName('inbox-1'), async (object, { id, storage }) => {
      object.counts({ limit: 1 });
      const parts = readLog(storage.sql, 1, 100);
      expect(parts).toHaveLength(1);
      const shard = cohortShards.getByName('cohorts-1');
      for (let twice = 0; twice < 2; twice++)
        expect(await shard.take(id.toString(), parts)).toEqual({ applied: parts[0]?.sequence });
      expect(readLog(storage.sql, 1, 100)).toHaveLength(1);
    });
    expect(await exposures(ingest)).toEqual([100, 100]);
  });

  it('in the middle of a part leaves nothing of it', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    await sendPersons(ingest, 0, 100);
    await runInDurableObject(cohortShards.getByName('cohorts-1'), async (shard, { storage }) => {
      storage.sql.exec('DROP TABLE outcome_counts');
      await runDurableObjectAlarm(inboxes.getByName('inbox-1')).catch(() => false);
      const left = ['seen', 'outcomes', 'joined', 'exposure_counts', 'sources'].map(
        (table) => storage.sql.exec<{ n: number }>(`SELECT count(*) AS n FROM ${table}`).one().n,
      );
      expect(left).toEqual([0, 0, 0, 0, 0]);
      expect(shard.names()).toEqual(['fare-bundling']);
    });
  });
});

describe('B38: a part that its shard cannot take', () => {
  it('is put aside at the fourth refusal with an alarm, holds up nothing, and is counted once it is replayed', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const ingest = await ingestNow();
    await declare(ingest);
    const inbox = inboxes.getByName('inbox-2');
    await sendPersons(ingest, 0, 100);
    const [cells] = await runInDurableObject(inbox, (object, { storage }) => {
      object.counts({ limit: 1 });
      const whole = [...storage.sql.exec<{ cells: string }>('SELECT cells FROM log')].map((row) => row.cells);
      storage.sql.exec("UPDATE log SET cells = '[['");
      return whole;
    });
    await sendPersons(ingest, 100, 200);
    const ofShard2 = persons(200).filter((person) => shardOf(unitOf(person)) === 2);
    const poisoned = ofShard2.filter((person) => person < 100).length;
    expect(await exposures(ingest)).toEqual([200 - poisoned, 200 - poisoned]);
    expect(log).toHaveBeenCalledOnce();
    expect(log.mock.calls[0]?.[0]).toMatch(/^shard 2 refused a part, which is put aside: SyntaxError/);
    await runInDurableObject(inbox, (_, { storage }) => {
      storage.sql.exec('UPDATE refused_parts SET cells = ?', cells as string);
    });
    expect([await inbox.replay(), await inbox.replay()]).toEqual([1, 0]);
    expect(await exposures(ingest)).toEqual([200, 200]);
  });
});

describe('B38: a part that its inbox cannot count', () => {
  it('is put aside at the fourth attempt with an alarm, and is counted once it is replayed', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const ingest = await ingestNow();
    await declare(ingest);
    const inbox = inboxes.getByName('inbox-2');
    const time = ingest.clock.now();
    const good = readExposures(persons(40).map((person) => exposureOf(person, { time })));
    const part = divide('production', { good }, time).find((one) => one.inbox === 2) as Part;
    const poisoned = part.units.byteLength / 16;
    await runInDurableObject(inbox, (_, { storage }) => {
      keepPart(storage.sql, { ...part, cells: '[]' }, { quarantined: 0, emitters: 0 });
    });
    await sendPersons(ingest, 100, 200);
    expect(await exposures(ingest)).toEqual([100, 100]);
    expect(log).toHaveBeenCalledTimes(4);
    expect(log.mock.calls.at(-1)?.[0]).toMatch(
      /^part \d+ cannot be counted, and is put aside, since .*: there is no cell 0$/,
    );
    expect(await ingest.counts()).toMatchObject({ total: 100, duplicates: 0 });
    await runInDurableObject(inbox, (_, { storage }) => {
      storage.sql.exec('UPDATE refused_parts SET cells = ?', part.cells);
    });
    expect([await inbox.replay(), await inbox.replay()]).toEqual([1, 0]);
    expect(await exposures(ingest)).toEqual([100 + poisoned, 100]);
    expect(await ingest.counts()).toMatchObject({ total: 100 + poisoned, duplicates: 0 });
  });
});

const SOME_PARTS = `
INSERT INTO log (sequence, shard, received_at, cells, exposures, units, outcomes, outcome_ids, outcome_units)
SELECT 1000 + shard, shard, 0, '[]', '[]', x'', '[]', x'', x'' FROM (SELECT 0 AS shard UNION SELECT 1)`;

describe('a shard that does not answer', () => {
  it('R15: is asked again after a while, and keeps no other waiting meanwhile', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    await runInDurableObject(inboxes.getByName('inbox-0'), async (_, { storage }) => {
      storage.sql.exec(SOME_PARTS);
      const taken: number[] = [];
      const drained = createDrain({
        ...{ storage, source: 'a-test', takeMs: 500, now: () => 0, random: () => 0 },
        shard: (shard) => ({
          async take(_source, parts) {
            taken.push(shard);
            return shard === 0 ? new Promise(() => undefined) : { applied: parts.at(-1)?.sequence ?? 0 };
          },
        }),
      });
      const hanging = drained.run();
      await vi.waitFor(() => expect(readLog(storage.sql, 1, 9)).toEqual([]), 30_000);
      storage.sql.exec(SOME_PARTS.replaceAll('1000 +', '2000 +'));
      expect([drained.isFeeding(), await drained.run()]).toEqual([true, undefined]);
      expect([taken, readLog(storage.sql, 1, 9)]).toEqual([[0, 1, 1], []]);
      expect([await hanging, drained.isFeeding()]).toEqual([250, false]);
      expect(readLog(storage.sql, 0, 9)).toHaveLength(2);
    });
  });

  it('and one that says that it has more than it was sent costs nothing that is not counted yet', async () => {
    await runInDurableObject(inboxes.getByName('inbox-0'), async (_, { storage }) => {
      storage.sql.exec(SOME_PARTS);
      const take = async () => {
        storage.sql.exec(SOME_PARTS.replaceAll('1000 +', '2000 +'));
        storage.sql.exec('UPDATE log SET uncounted = 1 WHERE sequence >= 2000');
        return { applied: Number.MAX_SAFE_INTEGER };
      };
      storage.sql.exec('DELETE FROM log WHERE shard = 1');
      const options = { storage, source: 'a-test', now: () => 0, random: () => 0 };
      await createDrain({ ...options, shard: () => ({ take }) }).run();
      expect([...storage.sql.exec('SELECT sequence FROM log ORDER BY sequence')]).toEqual([
        { sequence: 2000 },
        { sequence: 2001 },
      ]);
      storage.sql.exec('DELETE FROM log');
    });
  });
});

describe('a shard that is down', () => {
  it('R15: stops no other, and has everything soon after it is back', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const ingest = await ingestNow();
    await declare(ingest);
    await sendPersons(ingest, 0, 40);
    await drain();
    await runInDurableObject(inboxes.getByName('inbox-0'), async (_, { storage }) => {
      storage.sql.exec(SOME_PARTS);
      const taken: number[] = [];
      let isDown = true;
      let now = 0;
      const drained = createDrain({
        storage,
        source: 'a-test',
        shard: (shard) => ({
          async take(_source, parts) {
            if (shard === 0 && isDown) throw new Error('the network was cut');
            taken.push(shard);
            return { applied: parts.at(-1)?.sequence ?? 0 };
          },
        }),
        now: () => now,
        random: () => 0,
      });
      const pauses = [];
      for (let run = 0; run < 9; run++) pauses.push(await drained.run());
      expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
      expect(taken).toEqual([1]);
      isDown = false;
      now = 43_200_000;
      expect(await drained.run()).toBeUndefined();
      expect(taken).toEqual([1, 0]);
    });
  });
});

describe('the going-back detector', () => {
  const incidents = async (ingest: Ingest) => (await read(ingest)).incidents;

  it('I1: finds a unit that one split served two variations at one revision, once, and says where', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    const time = ingest.clock.now() - 1_000;
    await ingest.post(persons(50).map((person) => exposureOf(person, { time })));
    const broken = { time: time + 1_000, variation: 'control', pop: 'sin', region: 'ap' };
    for (let twice = 0; twice < 2; twice++) await ingest.post([7, 8].map((person) => exposureOf(person, broken)));
    expect(await incidents(ingest)).toBe(2);
    const shard = cohortShards.getByName(`cohorts-${shardOf(unitOf(7))}`);
    expect((await shard.incidents(10)).incidents.find(({ unit }) => unit === unitOf(7))).toMatchObject({
      kind: 'two-variations',
      flag: 'pricing.fareBundlingV2',
      rule: 'us-5-percent',
      before: { variation: 'treatment', pop: 'iad', region: 'us-east-1', time },
      after: { variation: 'control', pop: 'sin', region: 'ap', time: time + 1_000 },
    });
    expect(await exposures(ingest)).toEqual([50, 0]);
  });

  it('finds nothing where another rule, or no split, decided, or the revision is another', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    const time = ingest.clock.now();
    const control = { time, variation: 'control' };
    await ingest.post([exposureOf(1, { time })]);
    await ingest.post([
      exposureOf(1, { ...control, rule: 'another' }),
      exposureOf(1, { ...control, reason: 'TARGETING_MATCH' }),
      exposureOf(1, { ...control, revision: 8 }),
    ]);
    expect(await incidents(ingest)).toBe(0);
  });

  it('I4: finds a unit of a session flag that was served an older revision again, but no retry of what it was served before', async () => {
    const ingest = await ingestNow();
    await declare(ingest);
    const time = ingest.clock.now() - 60_000;
    const old = exposureOf(1, { time });
    await ingest.post([old, exposureOf(1, { time: time + 30_000, revision: 8 })]);
    await ingest.post([old]);
    await ingest.post([exposureOf(1, { time: time + 39_000 })]);
    expect(await incidents(ingest)).toBe(0);
    await ingest.post([exposureOf(1, { time: time + 41_000, pop: 'sin' })]);
    expect(await incidents(ingest)).toBe(1);
  });

  it('leaves flags alone that promise no such thing', async () => {
    const ingest = await ingestNow();
    const time = ingest.clock.now() - 60_000;
    await ingest.post([exposureOf(1, { time, revision: 8 })]);
    await ingest.post([exposureOf(1, { time: time + 41_000 })]);
    await drain();
    await declare(ingest);
    expect(await incidents(ingest)).toBe(0);
  });
});
