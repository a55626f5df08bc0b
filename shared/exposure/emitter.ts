/**
 * Takes exposures and outcomes where flags are evaluated, and sees to it that each arrives or is accounted for. An evaluation pays for
 * noting; pseudonyms, batches and the way to ingest come behind. Memory is bounded, and nothing is left out silently.
 */
import { type Context, unitHash } from '#core/context';
import type { Decision } from '#core/decision';
import { xxh32 } from '#core/xxh32';
import { createCollapse } from './collapse.ts';
import { countSettled, createCounters, ledgerOf, resume } from './counters.ts';
import { deliverBatch, type HeadOf, type Later, type Quarantined, type SendBeacon } from './deliver-batch.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { type EmitterClock, within } from './emitter-clock.ts';
import type { BatchLedger, Beacon, OutcomeSource } from './exposure.ts';
import { createFlagCounts } from './flag-counts.ts';
import {
  exposureOf,
  type HeldExposure,
  type HeldOutcome,
  isExposing,
  isSoundOutcome,
  type NotedExposure,
  outcomeOf,
} from './held.ts';
import type { Pseudonymiser } from './pseudonym.ts';
import { createRecentExposures } from './recent-exposures.ts';
import { type Batch, exposuresIn, type Room, type Spool } from './spool.ts';
import { userKey } from './user-key.ts';

export interface EmitterOptions {
  /** Events wait until it is open. It never rejects. */
  readonly spool: Promise<Spool>;
  readonly send: SendBeacon;
  readonly pseudonym: Pseudonymiser;
  readonly clock: EmitterClock;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Where the emitter is. */
  readonly region?: string | undefined;
  /** How long events wait for others at most. */
  readonly flushMs?: number;
  readonly onEvent?: (event: EmitterEvent) => void;
}

export type EmitterEvent =
  /** Ingest will never take it. */
  | ({ readonly type: 'quarantined' } & Quarantined)
  /** There is no room: outcomes are left out, or exposures become counts; or there is again. */
  | { readonly type: 'degraded'; readonly degraded: boolean }
  /** Something did not arrive, and is sent again. */
  | { readonly type: 'retry'; readonly why: string; readonly waitMs: number };

/** What a service says of something that happened. */
export interface Tracked {
  readonly name: string;
  readonly value?: number;
  readonly id?: string;
  readonly source: OutcomeSource;
}

export interface Emitter {
  /** Flags were evaluated: that, and nothing else, is counted. */
  evaluated(flags: number): void;
  /** A flag was evaluated: an exposure, where there is somebody, and a variation out of a ruleset. */
  exposed(flag: string, decision: Decision, context: Context): void;
  /** An exposure, by whoever told them apart and counted the evaluations. */
  served(exposure: HeldExposure): void;
  /** Something happened to the context's unit. */
  track(outcome: Tracked, context: Context): void;
  tracked(outcome: HeldOutcome): void;
  ledger(): BatchLedger;
  isDegraded(): boolean;
  /** Whether all that was noted so far arrived within so many milliseconds. */
  flush(deadlineMs: number): Promise<boolean>;
  /** The same as the last thing it does: what has not arrived then stays in the spool. */
  close(deadlineMs: number): Promise<boolean>;
}

export const FLUSH_MS = 1_000;
/** Of events, and of outcomes. */
export const MAX_BATCH = 500;
/** Exposures and outcomes that wait to become batches, each. About 200 bytes. */
export const MAX_WAITING = 20_000;

export function createEmitter(options: EmitterOptions): Emitter {
  const { pseudonym, clock, random, region, flushMs = FLUSH_MS, onEvent = () => {} } = options;
  const recent = createRecentExposures(random);
  const collapse = createCollapse();
  const counters = createCounters();
  const flagCounts = createFlagCounts();
  const ledger = (): BatchLedger => ledgerOf(counters);
  /** As it is written down. */
  const wholeLedger = (): BatchLedger => ({ ...ledger(), flags: flagCounts.all() });
  let exposures: NotedExposure[] = [];
  let outcomes: HeldOutcome[] = [];
  let nextSequence = 1;
  let isScarce = false;
  let isDegraded = false;
  let isClosed = false;
  let cancelFlush: (() => void) | undefined;
  let sealing: Promise<void> | undefined;

  const opened = options.spool.then((spool) => {
    nextSequence = spool.start.sequence;
    resume(counters, spool.start.ledger);
    flagCounts.resume(spool.start.ledger.flags ?? {});
    const { emitter } = spool.start;
    const here = region === undefined ? { emitter } : { emitter, region };
    const head: HeadOf = ({ sequence }) => ({ ...here, ...toldAt(clock.now()), sequence });
    const delivery = createDelivery({
      ...{ spool, clock, random, failed },
      deliver: (batch) => deliverBatch(batch, head, options.send),
      settle: (batch, quarantined) => settle(spool, batch, quarantined),
    });
    if (counters.spilled > 0) delivery.wake();
    return { spool, delivery };
  });

  function toldAt(sentAt: number): Pick<Beacon, 'sentAt' | 'ledger'> {
    const flags = flagCounts.due(sentAt);
    return { sentAt, ledger: { ...ledger(), ...(flags && { flags }) } };
  }

  function failed({ why }: Later, waitMs: number): void {
    onEvent({ type: 'retry', why, waitMs });
  }

  async function settle(spool: Spool, batch: Batch, quarantined: readonly Quarantined[]): Promise<void> {
    for (const one of quarantined) onEvent({ type: 'quarantined', ...one });
    countSettled(counters, batch, quarantined);
    await spool.settle(batch.sequence, wholeLedger());
    // The next batch tells whether that made room.
    isScarce = false;
    if (isDegraded && collapse.isEmpty()) degrade(false);
  }

  function degrade(to: boolean): void {
    if (isDegraded === to) return;
    isDegraded = to;
    // Who was only counted is to be named, now that there is room.
    if (!to) recent.forget();
    onEvent({ type: 'degraded', degraded: to });
  }

  function hold(exposure: NotedExposure): void {
    counters.exposed++;
    flagCounts.exposed(exposure.flag);
    if (isClosed) counters.dropped++;
    else if (exposures.length >= MAX_WAITING) collapseOne(exposure);
    else {
      exposures.push(exposure);
      flushSoon();
    }
  }

  function tracked(outcome: HeldOutcome): void {
    counters.tracked++;
    if (!isSoundOutcome(outcome)) {
      counters.outcomesDropped++;
      onEvent({ type: 'quarantined', of: 'outcomes', item: outcome, why: 'is not of the form' });
    } else if (isClosed || isScarce || outcomes.length >= MAX_WAITING) {
      counters.outcomesDropped++;
      degrade(true);
    } else {
      outcomes.push(outcome);
      flushSoon();
    }
  }

  function collapseOne({ flag, time, told: { revision, variation, version } }: NotedExposure): void {
    if (!collapse.add({ flag, revision, variation, version, time })) counters.dropped++;
    degrade(true);
  }

  /** In the next turn of the event loop where a batch is full: an evaluation does not pay for its pseudonyms. */
  function flushSoon(): void {
    if (exposures.length === MAX_BATCH || outcomes.length === MAX_BATCH) {
      cancelFlush?.();
      cancelFlush = clock.after(0, sealQuietly);
    } else cancelFlush ??= clock.after(flushMs, sealQuietly);
  }

  function sealQuietly(): void {
    cancelFlush = undefined;
    void seal();
  }

  function seal(): Promise<void> {
    sealing ??= sealAll().finally(() => {
      sealing = undefined;
    });
    return sealing;
  }

  async function sealAll(): Promise<void> {
    const { spool, delivery } = await opened;
    while (exposures.length + outcomes.length > 0) {
      await sealSome(spool);
      delivery.wake();
    }
    const by = isClosed ? Number.POSITIVE_INFINITY : clock.now();
    while (await sealCounts(spool, by)) delivery.wake();
    if (!collapse.isEmpty() && !isClosed) flushSoon();
  }

  async function sealSome(spool: Spool): Promise<void> {
    const taken = exposures.slice(0, MAX_BATCH);
    const told = outcomes.slice(0, MAX_BATCH);
    exposures = exposures.slice(MAX_BATCH);
    outcomes = outcomes.slice(MAX_BATCH);
    const events = taken.map((one) => exposureOf(one, pseudonym));
    const room = await keep(spool, { events, outcomes: told.map((one) => outcomeOf(one, pseudonym)) });
    if (room !== 'full') return;
    counters.outcomesDropped += told.length;
    taken.forEach(collapseOne);
    degrade(true);
  }

  /** Whether there may be more of them to keep. */
  async function sealCounts(spool: Spool, by: number): Promise<boolean> {
    const counts = collapse.take(by, MAX_BATCH);
    if (counts.length === 0) return false;
    const room = await keep(spool, { events: [], outcomes: [], collapsed: counts });
    if (room === 'full') counters.dropped += collapse.putBack(counts);
    return room !== 'full';
  }

  /** Counted before it lies there: what is written along with it says so. */
  async function keep(spool: Spool, content: Omit<Batch, 'sequence'>): Promise<Room> {
    const batch = { sequence: nextSequence, ...content };
    counters.spilled += exposuresIn(batch);
    const room = await spool.append(batch, wholeLedger());
    if (room === 'full') counters.spilled -= exposuresIn(batch);
    else nextSequence++;
    isScarce = room !== 'ample';
    return room;
  }

  async function drain({ delivery }: { readonly delivery: Delivery }): Promise<void> {
    do await seal();
    while (exposures.length + outcomes.length > 0);
    await delivery.drained();
  }

  /** What even the end found no room for. */
  function giveUp(): void {
    const counted = collapse.take(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    counters.dropped += exposures.length + counted.reduce((sum, { count }) => sum + count, 0);
    counters.outcomesDropped += outcomes.length;
    exposures = [];
    outcomes = [];
  }

  return {
    evaluated(flags) {
      counters.evaluated += flags;
    },
    exposed(flag, decision, context) {
      counters.evaluated++;
      flagCounts.evaluated(flag);
      if (!isExposing(decision)) return;
      const key = userKey(context);
      if (key === undefined) return;
      const time = clock.now();
      const serving = recent.serving(flag, decision.revision, decision.variation);
      if (!recent.isNews(serving, key, unitHash(context, undefined) as number, time)) return;
      hold({ flag, told: decision, unitKey: key, time, place: context.place });
    },
    served(exposure) {
      const { flag, revision, variation, unitKey: key, time } = exposure;
      flagCounts.evaluated(flag);
      const serving = recent.serving(flag, revision, variation);
      if (!recent.isNews(serving, key, xxh32(key, 0), time)) return;
      hold({ flag, told: exposure, unitKey: key, time, place: exposure });
    },
    track({ name, value, id, source }, context) {
      const key = userKey(context);
      if (key === undefined) return;
      const more = { ...(value !== undefined && { value }), ...(id !== undefined && { id }) };
      tracked({ name, ...more, unitKey: key, ...context.place, time: clock.now(), source });
    },
    tracked,
    ledger,
    isDegraded: () => isDegraded,
    flush: async (deadlineMs) => within(clock, deadlineMs, opened.then(drain)),
    async close(deadlineMs) {
      isClosed = true;
      cancelFlush?.();
      const arrived = await within(clock, deadlineMs, opened.then(drain));
      const { spool, delivery } = await opened;
      delivery.stop();
      giveUp();
      await spool.close(wholeLedger());
      return arrived;
    },
  };
}
