import { reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Exposure, Outcome } from '#exposure/exposure';
import { oldestUnarchived } from '../../workers/ingest/archive-log.ts';
import { type ArchivePort, createR2Archive } from '../../workers/ingest/archive-port.ts';
import { countParts } from '../../workers/ingest/count-parts.ts';
import { divide } from '../../workers/ingest/divide.ts';
import { type Archiver, createArchiver } from '../../workers/ingest/drain-archive.ts';
import { readUncounted } from '../../workers/ingest/inbox-log.ts';
import type { InboxNamespace } from '../../workers/ingest/inboxes.ts';
import { keepPart } from '../../workers/ingest/keep-part.ts';
import { createRandom } from '../oracle/random.ts';
import { type Clock, createClock } from '../unit/fixtures/caches.ts';
import { archived, archivingInboxes, bucket, createMemoryArchive, unitsIn } from './fixtures/archive.ts';
import { createIngest, exposureOf, inboxes, outcomeOf, readExposures, unitOf } from './fixtures/ingest.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const HOUR_MS = 3_600_000;
const COUNTING = { environment: 'production', archives: true };
const persons = (count: number) => Array.from({ length: count }, (_, person) => person);
const exposureKey = ({ flag, revision, variation, unit }: Exposure): string =>
  [flag, revision, variation, unit].join(' ');
const outcomeKey = ({ name, unit }: Outcome): string => [name, '', '', unit].join(' ');

/** Takes a beacon of these into one inbox's storage, whosever they are. */
function take({ storage }: DurableObjectState, sent: readonly Exposure[], outcomes: readonly Outcome[] = []): void {
  const good = readExposures(sent);
  const goodOutcomes = outcomes.map((outcome) => ({ id: outcome.unit, outcome }));
  for (const part of divide('production', { good, goodOutcomes }, createClock().now()))
    storage.transactionSync(() => {
      keepPart(storage.sql, part, { quarantined: 10, emitters: 10 });
      countParts(storage.sql, readUncounted(storage.sql, 1), COUNTING);
    });
}

/** Small batches, of an inbox that is called `inbox`. */
const archiverOf = (state: DurableObjectState, archive: ArchivePort, clock: Clock): Archiver =>
  createArchiver({
    storage: state.storage,
    archive,
    environment: 'production',
    inbox: 'inbox',
    afterMs: 60_000,
    bounds: { events: 10, objects: 3 },
    now: clock.now,
    random: () => 1,
  });

const inInbox = <T>(work: (state: DurableObjectState) => T | Promise<T>, name = 'inbox-0'): Promise<T> =>
  runInDurableObject(inboxes.getByName(name), (_, state) => work(state));

describe('the archive', () => {
  it('has a line for each event, by environment, flag or metric, and hour', async () => {
    const clock = createClock();
    const [first, late] = [exposureOf(1), exposureOf(2, { time: clock.now() - HOUR_MS })];
    const { pop: _pop, rule: _rule, ...nowhere } = exposureOf(3, { flag: 'checkout.newAddressForm' });
    const error = outcomeOf(1, { name: 'render', value: 2.5 });
    await inInbox(async (state) => {
      take(state, [first, late, nowhere], [error]);
      clock.forward(60_000);
      expect(await archiverOf(state, createR2Archive(bucket), clock).run()).toBeUndefined();
    });
    const receivedAt = createClock().now();
    const all = Object.fromEntries(
      (await archived()).map(({ name, lines }) => [name.replace(/[\w-]+\.nd/, 'nd'), lines]),
    );
    const hour = new Date(receivedAt).toISOString().slice(0, 13).replaceAll(/[-T]/g, '/');
    const before = new Date(receivedAt - HOUR_MS).toISOString().slice(0, 13).replaceAll(/[-T]/g, '/');
    expect(all).toEqual({
      [`exposures/production/pricing.fareBundlingV2/${hour}/ndjson.gz`]: [{ ...first, receivedAt }],
      [`exposures/production/pricing.fareBundlingV2/${before}/ndjson.gz`]: [{ ...late, receivedAt }],
      [`exposures/production/checkout.newAddressForm/${hour}/ndjson.gz`]: [{ ...nowhere, receivedAt }],
      [`outcomes/production/render/${hour}/ndjson.gz`]: [{ ...error, id: unitOf(1), receivedAt }],
    });
  });

  it('waits for others of an hour, and has of a part what was new', async () => {
    const clock = createClock();
    await inInbox(async (state) => {
      const archiver = archiverOf(state, createR2Archive(bucket), clock);
      expect(archiver.dueIn()).toBeUndefined();
      take(
        state,
        [2, 4, 6].map((person) => exposureOf(person)),
        [outcomeOf(2)],
      );
      take(
        state,
        persons(8).map((person) => exposureOf(person)),
        [1, 2, 3].map((person) => outcomeOf(person)),
      );
      take(
        state,
        persons(8).map((person) => exposureOf(person)),
        [outcomeOf(3)],
      );
      expect(await archiver.run()).toBe(60_000);
      expect(await archived()).toEqual([]);
      clock.forward(60_000);
      await archiver.run();
    });
    const all = await archived();
    expect(unitsIn(all, 'exposures')).toEqual(persons(8).map((person) => exposureKey(exposureOf(person))));
    expect(unitsIn(all, 'outcomes')).toEqual([1, 2, 3].map((person) => outcomeKey(outcomeOf(person))));
  });
});

describe('B35: an inbox that ends', () => {
  const FLAGS = ['pricing.fareBundlingV2', 'checkout.newAddressForm'];
  const sent = persons(24).map((person) => exposureOf(person, { flag: FLAGS[person % 2] as string }));

  /** Ends at this step, counted from 0, of two for each object: before it is put, and behind. */
  const endingAt = (
    step: number,
    { put }: ArchivePort,
  ): { readonly archive: ArchivePort; readonly ended: Promise<void> } => {
    let at = 0;
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const reached = async (): Promise<void> => {
      if (at++ !== step) return;
      end();
      await new Promise(() => {});
    };
    return {
      ended,
      archive: {
        async put(name, gzip) {
          await reached();
          await put(name, gzip);
          await reached();
        },
      },
    };
  };

  it('between any two steps leaves each event in one object', async () => {
    const clock = createClock();
    clock.forward(60_000);
    let [step, wasWhole] = [0, false];
    for (; !wasWhole; step++) {
      const memory = createMemoryArchive();
      wasWhole = await inInbox(async (state) => {
        take(state, sent.slice(0, 10));
        take(state, sent.slice(10, 16));
        const { archive, ended } = endingAt(step, memory);
        const run = archiverOf(state, archive, clock).run();
        const isWhole = await Promise.race([ended.then(() => false), run.then(() => true)]);
        // More arrives before somebody else goes on.
        take(state, sent.slice(12));
        await archiverOf(state, memory, clock).run();
        expect(oldestUnarchived(state.storage.sql)).toBeUndefined();
        return isWhole;
      }, `inbox-of-step-${step}`);
      expect(unitsIn(await memory.archived(), 'exposures'), `step ${step}`).toEqual(sent.map(exposureKey).sort());
    }
    expect(step).toBe(2 * 2 * 2 + 1);
  }, 300_000);
});

describe('B35: while the archive fails', () => {
  it('nothing is lost, it is left alone for longer and longer, and nothing is there twice when it is back', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const clock = createClock();
    const memory = createMemoryArchive();
    const { put } = memory;
    let puts = 0;
    let isDown = true;
    const archive: ArchivePort = {
      async put(name, gzip) {
        if (++puts % 2 === 0) await put(name, gzip);
        if (isDown) throw new Error('R2 is not there');
        if (puts % 2 === 1) await put(name, gzip);
      },
    };
    await inInbox(async (state) => {
      const archiver = archiverOf(state, archive, clock);
      const pauses: (number | undefined)[] = [];
      for (let run = 0; run < 8; run++) {
        take(state, [exposureOf(run)]);
        clock.forward(60_000);
        pauses.push(await archiver.run());
      }
      expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
      // Whoever asks before it is time does not call.
      const before = puts;
      expect(await archiver.run()).toBe(30_000);
      expect(puts).toBe(before);
      isDown = false;
      clock.forward(60_000);
      expect(await archiver.run()).toBeUndefined();
    });
    expect(log.mock.calls[0]).toEqual(['archive: R2 is not there']);
    expect(unitsIn(await memory.archived(), 'exposures')).toEqual(
      persons(8).map((run) => exposureKey(exposureOf(run))),
    );
  });
});

describe('an inbox with an archive', () => {
  it('B35: archives by its alarm what it accepts, once, though it is killed again and again', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const random = createRandom(20_261_130);
    const ingest = await createIngest({
      startAt: Date.now(),
      namespace: archivingInboxes as unknown as InboxNamespace,
    });
    const stubs = () => [0, 1, 2, 3].map((inbox) => archivingInboxes.getByName(`inbox-${inbox}`));
    const time = ingest.clock.now();
    const sent = persons(160).map((person) => exposureOf(person, { time }));
    const errors = persons(40).map((person) => outcomeOf(person, { time }));
    for (let at = 0; at < sent.length; at += 20) {
      const outcomes = errors.slice(at / 4, at / 4 + 5);
      while ((await ingest.post(sent.slice(Math.max(0, at - 7), at + 20), { outcomes })).status === 503);
      const ringing = Promise.all(stubs().map((stub) => runDurableObjectAlarm(stub).catch(() => false)));
      if (random.chance(0.5)) await killOne(stubs()[random.int(4)] as DurableObjectStub);
      await ringing;
    }
    await vi.waitFor(
      async () => {
        const waiting = await Promise.all(
          stubs().map(async (stub) => {
            await runDurableObjectAlarm(stub);
            return runInDurableObject(stub, (_, { storage }) => oldestUnarchived(storage.sql));
          }),
        );
        expect(waiting).toEqual([undefined, undefined, undefined, undefined]);
      },
      { timeout: 90_000, interval: 100 },
    );
    const all = await archived();
    expect(unitsIn(all, 'exposures')).toEqual(sent.map(exposureKey).sort());
    expect(unitsIn(all, 'outcomes')).toEqual(errors.map(outcomeKey).sort());
  }, 300_000);

  /** Ends it where it is, as a crash would: what it has not committed is gone. */
  const killOne = (stub: DurableObjectStub): Promise<unknown> =>
    runInDurableObject(stub, (_: unknown, state: DurableObjectState) => state.abort('killed')).catch(() => undefined);
});
