/**
 * Batching where nothing outlives a request, without losing anything: requests that are served at about the same time share a
 * beacon, but each keeps custody of its own event until the event's fate is known. The first of them, the leader, waits for
 * others to join and sends; the others wait for its word, and when that does not come in time they deliver themselves. An event
 * that travels twice is counted once (`exposure-id.ts`), so only loss has to be avoided.
 */

/** An event that was refused will never be taken, however often it is sent. */
export type Fate = 'sent' | 'refused';

/** To be told of an event as soon as its fate is known; what was not told of is sent again. */
export type Settle<Event> = (event: Event, fate: Fate) => void;

/** What came of sending. */
export interface Delivery {
  /** What the receiver asked for (milliseconds). */
  readonly retryAfterMs?: number;
}

/** A timer that can be called off: one that is left running would hold its request in memory. */
export interface Timer {
  readonly done: Promise<void>;
  cancel(): void;
}

export interface CustodyOptions<Event> {
  /** Delivers events; never rejects. */
  send(events: readonly Event[], settle: Settle<Event>): Promise<Delivery>;
  timer(ms: number): Timer;
  /** Milliseconds, of any origin. */
  now(): number;
  /** From 0 up to 1. */
  random(): number;
}

export interface Custody<Event extends object> {
  /** Ends when the event's fate is known or, after `CUSTODY_MS` of failures, leaves it with the isolate. Never rejects. */
  hold(event: Event): Promise<void>;
  /** Events acknowledged, and those that were refused or given up for lack of room. */
  counts(): { readonly sent: number; readonly dropped: number };
}

/** How long a leader waits for others. */
const GATHER_MS = 250;
/** How long a leader waits for the receiver's answer. */
const ANSWER_MS = 4_500;
/** How long the others wait for their leader before they deliver themselves: by now it has told, or was ended. */
const LEADER_MS = 5_000;
/** A request may go on for 30 s after its answer (Workers: `waitUntil`), which leaves the last try its time. */
export const CUSTODY_MS = 25_000;
const MAX_BATCH = 500;
/** Events that outlived their requests, kept for the next beacon. About 300 bytes each. */
export const MAX_LEFT = 10_000;
/** Events that requests hold at the same time, each with a timer, about 1 KB. What comes on top is left with the isolate at once. */
export const MAX_HELD = 20_000;
const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 8_000;

interface Batch<Event> {
  readonly since: number;
  readonly events: Event[];
  readonly waiting: ((delivery: Delivery) => void)[];
}

export function createCustody<Event extends object>(options: CustodyOptions<Event>): Custody<Event> {
  const { send, timer, now, random } = options;
  let open: Batch<Event> | undefined;
  /** Events in the custody of a request, oldest first, and when that request must have given them up. */
  const held = new Map<Event, number>();
  const left = new Set<Event>();
  let sent = 0;
  let dropped = 0;

  /** Once an event, whoever sent it: its own request, a leader that was given up on, or one that found it left over. */
  function settle(event: Event, fate: Fate): void {
    if (!held.delete(event) && !left.delete(event)) return;
    if (fate === 'sent') sent++;
    else dropped++;
  }

  function leave(event: Event): void {
    held.delete(event);
    if (left.size < MAX_LEFT) left.add(event);
    else dropped++;
  }

  /** A request can be ended at any time; what it held is not lost with it. */
  function takeOver(): void {
    for (const [event, end] of held) {
      if (now() < end) return;
      leave(event);
    }
  }

  /** What is left over travels in front, and stays here until it has arrived: a leader may be ended before it sends. */
  async function lead(event: Event): Promise<Delivery> {
    takeOver();
    const batch: Batch<Event> = { since: now(), events: [...[...left].slice(0, MAX_BATCH / 2), event], waiting: [] };
    open = batch;
    await timer(GATHER_MS).done;
    if (open === batch) open = undefined;
    const delivery = await within(ANSWER_MS, send(batch.events, settle));
    for (const tell of batch.waiting) tell(delivery);
    return delivery;
  }

  function join(batch: Batch<Event>, event: Event): Promise<Delivery> {
    batch.events.push(event);
    return within(LEADER_MS, new Promise((resolve) => batch.waiting.push(resolve)));
  }

  async function within(ms: number, word: Promise<Delivery>): Promise<Delivery> {
    const patience = timer(ms);
    const delivery = await Promise.race([word, patience.done.then((): Delivery => ({}))]);
    patience.cancel();
    return delivery;
  }

  /** A batch whose leader should have sent it by now belongs to a request that was ended. */
  const isJoinable = (batch: Batch<Event>): boolean =>
    batch.events.length < MAX_BATCH && now() - batch.since < 2 * GATHER_MS;

  return {
    async hold(event) {
      if (held.size >= MAX_HELD) return leave(event);
      const until = now() + CUSTODY_MS;
      held.set(event, until + LEADER_MS);
      for (let attempt = 0; held.has(event); attempt++) {
        const delivery = await (open !== undefined && isJoinable(open) ? join(open, event) : lead(event));
        if (!held.has(event)) return;
        const wait = Math.max(delivery.retryAfterMs ?? 0, backoff(attempt, random()));
        if (now() + wait >= until) return leave(event);
        await timer(wait).done;
      }
    },
    counts: () => ({ sent, dropped }),
  };
}

/** Exponential, with full jitter. */
const backoff = (attempt: number, random: number): number =>
  random * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempt);
