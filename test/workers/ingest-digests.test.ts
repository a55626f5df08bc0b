/** An inbox as earlier versions left it: what it had seen, what waits in its log, what was put aside. */
import { evictAllDurableObjects, reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, expect, it } from 'vitest';
import { exposureId } from '#exposure/exposure-id';
import { divide } from '../../workers/ingest/divide.ts';
import { inboxOf } from '../../workers/ingest/inbox-layout.ts';
import { type Part, unpackRows } from '../../workers/ingest/inbox-part.ts';
import { packUnits } from '../../workers/ingest/unit-bytes.ts';
import { declare, drain, read, totals } from './fixtures/cohorts.ts';
import { createIngest, exposureOf, inboxes, readExposures, unitOf } from './fixtures/ingest.ts';

afterEach(reset);

const OLD_TABLES = `
DROP TABLE log;
DROP TABLE refused_parts;
DROP TABLE served;
DROP TABLE kinds;
CREATE TABLE log (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, shard INTEGER NOT NULL, received_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  cells TEXT NOT NULL, exposures TEXT NOT NULL, units BLOB NOT NULL, outcomes TEXT NOT NULL, outcome_ids BLOB NOT NULL, outcome_units BLOB NOT NULL
) STRICT;
CREATE TABLE refused_parts (
  sequence INTEGER PRIMARY KEY, shard INTEGER NOT NULL, received_at INTEGER NOT NULL, reason TEXT NOT NULL,
  cells TEXT NOT NULL, exposures TEXT NOT NULL, units BLOB NOT NULL, outcomes TEXT NOT NULL, outcome_ids BLOB NOT NULL, outcome_units BLOB NOT NULL
) STRICT;
CREATE TABLE exposures (
  id BLOB PRIMARY KEY, cell INTEGER NOT NULL, unit BLOB NOT NULL, time INTEGER NOT NULL, received_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO cells (cell, flag, variation, version, pop, revision, reason, rule, region, cloud, count)
VALUES (1, 'pricing.fareBundlingV2', 'treatment', 12, 'iad', 7, 'SPLIT', 'us-5-percent', 'us-east-1', 'cloudflare', 20);
`;

it('B35: an inbox of before knows still what it counted, counts what comes, and loses nothing that waited', async () => {
  const ingest = await createIngest({ startAt: Date.now() });
  await declare(ingest);
  const time = ingest.clock.now();
  const own = Array.from({ length: 400 }, (_, person) => person).filter((person) => inboxOf(unitOf(person), 7) === 0);
  const sent = own.slice(0, 30).map((person) => exposureOf(person, { time }));
  const [waiting, refused] = [sent.slice(0, 10), sent.slice(10, 20)].map(
    (some) => divide('production', { good: readExposures(some) }, time)[0] as Part,
  );
  const stub = inboxes.getByName('inbox-0');
  await runInDurableObject(stub, (_, { storage: { sql } }) => {
    sql.exec(OLD_TABLES);
    for (const { unit, flag, revision, variation } of sent.slice(0, 20)) {
      const id = exposureId('production', { unit, flag, revision, variation });
      sql.exec('INSERT INTO exposures VALUES (?, 1, ?, ?, ?)', packUnits([id]), packUnits([unit]), time, time);
    }
    const rowsOf = ({ exposures }: Part): string => JSON.stringify(unpackRows(exposures));
    const values = (part: Part) => [part.shard, time, part.cells, rowsOf(part), part.units];
    const columns = 'shard, received_at, cells, exposures, units, outcomes, outcome_ids, outcome_units';
    const log = `INSERT INTO log (${columns}) VALUES (?, ?, ?, ?, ?, '[]', x'', x'')`;
    sql.exec(log, ...values(waiting as Part));
    const aside = `INSERT INTO refused_parts (sequence, reason, ${columns}) VALUES (99, 'why', ?, ?, ?, ?, ?, '[]', x'', x'')`;
    sql.exec(aside, ...values(refused as Part));
  });
  await evictAllDurableObjects();
  await ingest.post(sent.slice(5, 30));
  expect(await ingest.counts()).toMatchObject({ total: 30, duplicates: 15 });
  const left = () =>
    runInDurableObject(
      stub,
      (_, { storage: { sql } }) => sql.exec<{ n: number }>('SELECT count(*) AS n FROM exposures').one().n,
    );
  expect(await left()).toBe(5);
  // Once more, now that most are known by unit alone.
  await ingest.post(sent);
  expect(await ingest.counts()).toMatchObject({ total: 30, duplicates: 45 });
  expect(await left()).toBe(0);
  expect(await stub.replay()).toBe(1);
  await drain();
  expect(totals(await read(ingest), 'checkout.error').treatment).toEqual([30, 0]);
  expect(await ingest.counts()).toMatchObject({ total: 30, duplicates: 45 });
  await evictAllDurableObjects();
  await runInDurableObject(stub, (_, { storage: { sql } }) => {
    expect(sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'exposures'").toArray()).toEqual([]);
  });
  await ingest.post(sent.slice(0, 20));
  expect(await ingest.counts()).toMatchObject({ total: 30, duplicates: 65 });
});
