import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Exposure, Ledger } from '#exposure/exposure';
import { createPseudonymiser } from '#exposure/pseudonym';
import { createRandom, type Random } from '../oracle/random.ts';
import { createIngestProcess, type IngestProcess } from './fixtures/ingest.ts';
import { until } from './fixtures/poll.ts';

const PAGE_VIEWS = 100_000;
/** Share of the exposures that are sent twice without any need. */
const TWICE = 0.3;
const LANES = 4;
const BEACON = 1_000;
/** Ingest is killed when so many beacons have been acknowledged. */
const KILLED_AT = [20, 80];

let ingest: IngestProcess;

beforeAll(async () => {
  ingest = await createIngestProcess();
  await ingest.start();
});
afterAll(() => ingest.stop());

/** A page view of one person each: what it counts as is decided by its number. */
function exposuresOf(views: number): Exposure[] {
  const pseudonym = createPseudonymiser(Uint8Array.from({ length: 32 }, (_, at) => at));
  const time = Date.now();
  return Array.from({ length: views }, (_, view) => ({
    flag: view % 2 === 0 ? 'pricing.fareBundlingV2' : 'checkout.newAddressForm',
    revision: 7,
    variation: view % 5 === 0 ? 'control' : 'treatment',
    unit: pseudonym('user', `user-${view}`),
    reason: 'SPLIT',
    version: 12 + (view % 3),
    pop: ['iad', 'dub', 'sin'][view % 7] ?? 'ams',
    time,
  }));
}

function shuffle<T>(list: T[], random: Random): T[] {
  for (let at = list.length - 1; at > 0; at--) {
    const other = random.int(at + 1);
    [list[at], list[other]] = [list[other] as T, list[at] as T];
  }
  return list;
}

interface CountsAnswer {
  readonly counts: readonly { readonly [name: string]: string | number }[];
  readonly total: number;
  readonly quarantined: number;
  readonly ledgers: Ledger & { readonly emitters: number };
}

const counts = async (): Promise<CountsAnswer> => (await ingest.get('/v1/counts')).json() as Promise<CountsAnswer>;

it('B35, I8: 100,000 page views whose clients retry, repeat and overtake one another are counted exactly, though ingest is killed twice', async () => {
  const random = createRandom(20_261_123);
  const exposures = exposuresOf(PAGE_VIEWS);
  const sent = shuffle([...exposures, ...exposures.filter(() => random.chance(TWICE))], random);
  const beacons = Array.from({ length: Math.ceil(sent.length / BEACON) }, (_, at) =>
    sent.slice(at * BEACON, (at + 1) * BEACON),
  );
  const acknowledged = new Set<string>();
  let beaconsAcknowledged = 0;
  let failures = 0;
  let restart: Promise<void> | undefined;
  const killings = [...KILLED_AT];

  /** Whatever was acknowledged before it was killed is there when it is back. */
  async function killAndRestart(): Promise<void> {
    const known = acknowledged.size;
    await ingest.kill();
    await ingest.start();
    expect((await counts()).total).toBeGreaterThanOrEqual(known);
  }

  async function deliver(emitter: string, events: readonly Exposure[], ledger: Ledger): Promise<void> {
    for (;;) {
      const answer = await ingest.post({ emitter, sentAt: Date.now(), ledger, events }).catch(() => undefined);
      if (answer?.status === 202) break;
      failures++;
      await answer?.body?.cancel();
      await (restart ?? until('ingest answers', async () => (await ingest.get('/livez').catch(() => undefined))?.ok));
    }
    for (const { unit } of events) acknowledged.add(unit);
    beaconsAcknowledged++;
    if (beaconsAcknowledged >= (killings[0] ?? Number.POSITIVE_INFINITY)) {
      killings.shift();
      restart = killAndRestart();
    }
  }

  async function lane(number: number): Promise<Ledger> {
    let ledger: Ledger = { evaluated: 0, exposed: 0, sent: 0, dropped: 0 };
    for (let at = number; at < beacons.length; at += LANES) {
      const events = beacons[at] ?? [];
      ledger = { ...ledger, evaluated: ledger.evaluated + 2 * events.length, exposed: ledger.exposed + events.length };
      await deliver(`lane-${number}`, events, ledger);
      ledger = { ...ledger, sent: ledger.sent + events.length };
    }
    return ledger;
  }

  const ledgers = await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  await restart;

  expect(killings).toEqual([]);
  expect(failures).toBeGreaterThan(0);
  const answer = await counts();
  expect([answer.total, answer.quarantined]).toEqual([PAGE_VIEWS, 0]);
  const name = ({ flag, variation, version, pop }: Record<string, unknown>): string =>
    [flag, variation, version, pop].join(' ');
  const expected: Record<string, number> = {};
  for (const one of exposures) expected[name({ ...one })] = (expected[name({ ...one })] ?? 0) + 1;
  expect(Object.fromEntries(answer.counts.map((one) => [name(one), one['count']]))).toEqual(expected);
  const exposed = ledgers.reduce((sum, ledger) => sum + ledger.exposed, 0);
  expect(answer.ledgers).toMatchObject({ emitters: LANES, evaluated: 2 * exposed, exposed, dropped: 0 });
  expect(exposed).toBe(sent.length);
}, 300_000);
