import { reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, expect, it, vi } from 'vitest';
import type { Exposure, Outcome } from '#exposure/exposure';
import { createRandom, type Random } from '../oracle/random.ts';
import { declare, outcomesOf, read, sweep, totals } from './fixtures/cohorts.ts';
import { cohortShards, createIngest, exposureOf, inboxes, outcomeOf } from './fixtures/ingest.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const PERSONS = 1_500;
const BEACON = 60;
const MINUTE_MS = 60_000;
/** How wrong emitters' clocks are. */
const SKEWS = [0, 3_600_000, -3_600_000];
const METRIC = 'checkout.error';

interface Sent {
  readonly exposure?: Exposure;
  readonly outcome?: Outcome;
}

/** Persons' exposures and errors, by their true times, and what of it is to be counted. */
function whatHappens(random: Random, start: number) {
  const truth: Record<string, [exposures: number, outcomes: number]> = {};
  const sent: Sent[] = [];
  let repeated = 0;
  let unattributed = 0;
  for (let person = 0; person < PERSONS; person++) {
    const time = start + random.int(300_000);
    const [revision, variation] = [random.chance(0.5) ? 7 : 8, random.chance(0.3) ? 'treatment' : 'control'];
    const region = ['us-east-1', 'eu', 'ap'][random.int(3)] as string;
    const isExposed = random.chance(0.9);
    const errors = random.chance(0.2) ? 1 + random.int(3) : 0;
    if (isExposed) {
      sent.push({ exposure: exposureOf(person, { time, revision, variation, region }) });
      const key = [region, revision - 7, Math.floor(time / MINUTE_MS), variation].join(' ');
      const [exposures, outcomes] = truth[key] ?? [0, 0];
      truth[key] = [exposures + 1, outcomes + (errors > 0 ? 1 : 0)];
      repeated += Math.max(0, errors - 1);
    } else unattributed += errors;
    for (let error = 0; error < errors; error++) {
      const at = time + 1 + 50_000 * error + random.int(40_000);
      sent.push({ outcome: outcomeOf(person, { name: METRIC, id: `error-${error}`, time: at, region }) });
    }
  }
  return { truth, sent, repeated, unattributed };
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const order = [...list];
  for (let at = order.length - 1; at > 0; at--) {
    const other = random.int(at + 1);
    [order[at], order[other]] = [order[other] as T, order[at] as T];
  }
  return order;
}

/** Ends an object where it is, as a crash would: what it has not committed is gone. */
async function killOne(random: Random): Promise<void> {
  const number = random.int(4);
  const stub = random.chance(0.5) ? inboxes.getByName(`inbox-${number}`) : cohortShards.getByName(`cohorts-${number}`);
  await runInDurableObject(stub as DurableObjectStub, (_: unknown, state: DurableObjectState) => {
    state.abort('killed');
  }).catch(() => undefined);
}

it('B35, I8: unique in is counted out, by region, stage, minute and arm: 30 % twice, out of order, 0 to 300 s late, clocks an hour off, inboxes and shards killed', async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  const random = createRandom(20_261_130);
  const ingest = await createIngest({ startAt: Date.now() });
  await declare(ingest);
  const start = ingest.clock.now();
  const { truth, sent, repeated, unattributed } = whatHappens(random, start);
  // All of it lies with emitters for up to five minutes and more, and leaves in any order.
  ingest.clock.forward(600_000);
  const order = shuffled([...sent, ...sent.filter(() => random.chance(0.3))], random);
  let killed = 0;
  for (let at = 0; at < order.length; at += BEACON) {
    const batch = order.slice(at, at + BEACON);
    const skew = SKEWS[random.int(SKEWS.length)] as number;
    const skewed = <T extends { readonly time: number }>(all: readonly (T | undefined)[]): T[] =>
      all.flatMap((one) => (one === undefined ? [] : [{ ...one, time: one.time + skew }]));
    const events = skewed(batch.map(({ exposure }) => exposure));
    const outcomes = skewed(batch.map(({ outcome }) => outcome));
    const beacon = { outcomes, sentAt: ingest.clock.now() + skew };
    const isKilling = random.chance(0.3);
    const draining = Promise.all(
      [0, 1, 2, 3].map((inbox) => runDurableObjectAlarm(inboxes.getByName(`inbox-${inbox}`)).catch(() => false)),
    );
    if (isKilling) {
      await killOne(random);
      killed++;
    }
    while ((await ingest.post(events, beacon)).status === 503);
    await draining;
  }
  expect(killed).toBeGreaterThan(5);

  const answer = await read(ingest);
  const counted: Record<string, [number, number]> = {};
  for (const { region, metrics } of answer.regions)
    for (const one of metrics[0]?.statistics ?? [])
      for (const cell of one.source === 'counts' ? one.cells : [])
        for (const arm of ['treatment', 'control'] as const) {
          const { exposures, outcomes } = cell[arm];
          if (exposures > 0) counted[[region, cell.stage, cell.minute, arm].join(' ')] = [exposures, outcomes];
        }
  expect(counted).toEqual(truth);
  await sweep(ingest.clock.now() + 31 * MINUTE_MS);
  const after = await read(ingest);
  const first = Object.values(truth).reduce((sum, [, outcomes]) => sum + outcomes, 0);
  expect(outcomesOf(after, METRIC)).toEqual({ counted: first, repeated, unattributed, unusable: 0, otherVariation: 0 });
  expect(totals(after, METRIC)).toEqual(totals(answer, METRIC));
  expect([after.incidents, after.waiting]).toEqual([0, 0]);
}, 300_000);
