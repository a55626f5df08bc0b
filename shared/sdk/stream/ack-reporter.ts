/**
 * Tells the upstream what is in force here, and what others said that come through here. One request at a time; what changed meanwhile goes
 * with the next, the latest of each instance alone. Nobody waits for it.
 */
import type { Ack } from '#schema/ack';
import type { Clock } from './clock.ts';
import type { UpstreamRequests } from './upstream-requests.ts';

export interface AckReporterOptions {
  readonly requests: Pick<UpstreamRequests, 'acks' | 'goodbye'>;
  /** What there is to say of this instance now. */
  own(): Ack;
  /** How long what has come into force waits to be said (milliseconds): of thousands who are told at once, not all are to answer at once. */
  pause(): number;
  readonly clock: Clock;
  readonly closing: AbortSignal;
}

export interface AckReporter {
  /** Something else is in force: said once the pause is over. */
  changed(): void;
  /** Something was refused: said at once. */
  refused(): void;
  /** Passes on what other instances say, within a second. */
  forward(acks: readonly Ack[]): void;
  /** That this instance ends on purpose. */
  goodbye(): Promise<void>;
}

export const HEARTBEAT_MS = 5_000;
const FORWARD_MS = 1_000;
/** Of a request: the upstream takes 1,000 acks and 256 KiB. */
const MAX_ACKS = 1_000;
const MAX_LENGTH = 250_000;
/** Instances that are waited for to be passed on. What comes on top is said by their next heartbeat. */
const MAX_HELD = 50_000;
const MAX_RETRY_AFTER_MS = 60_000;

export function createAckReporter({ requests, own, pause, clock, closing }: AckReporterOptions): AckReporter {
  const held = new Map<string, Ack>();
  let isSending = false;
  let isDue = false;
  let isQuiet = false;
  let cancelForward: (() => void) | undefined;
  let cancelChanged: (() => void) | undefined;
  let cancelHeartbeat = (): void => {};

  function heartbeat(): void {
    cancelHeartbeat();
    if (!closing.aborted) cancelHeartbeat = clock.after(HEARTBEAT_MS, due);
  }

  function due(): void {
    isDue = true;
    void send();
  }

  function changed(): void {
    const wait = pause();
    if (wait <= 0) due();
    else cancelChanged ??= clock.after(wait, due);
  }

  async function send(): Promise<void> {
    heartbeat();
    cancelChanged?.();
    cancelChanged = undefined;
    if (isSending || isQuiet) return;
    isSending = true;
    while ((isDue || held.size > 0) && !isQuiet && !closing.aborted) {
      isDue = false;
      await sendOnce();
    }
    isSending = false;
  }

  async function sendOnce(): Promise<void> {
    const passedOn = batch();
    const told = await requests.acks([own(), ...passedOn]);
    if (told.ok) return;
    for (const ack of passedOn) if (!held.has(ack.instance)) hold(ack);
    // The next heartbeat tries again; one that was asked to wait does so.
    isQuiet = true;
    const wait = Math.min(told.error.retryAfterMs ?? HEARTBEAT_MS, MAX_RETRY_AFTER_MS);
    clock.after(Math.max(wait, FORWARD_MS), () => {
      isQuiet = false;
      if (!closing.aborted) due();
    });
  }

  function batch(): Ack[] {
    const taken: Ack[] = [];
    let length = 2_000;
    for (const ack of held.values()) {
      length += JSON.stringify(ack).length + 1;
      if (taken.length >= MAX_ACKS - 1 || length > MAX_LENGTH) break;
      taken.push(ack);
    }
    for (const { instance } of taken) held.delete(instance);
    return taken;
  }

  function hold(ack: Ack): void {
    if (held.size < MAX_HELD || held.has(ack.instance)) held.set(ack.instance, ack);
  }

  closing.addEventListener('abort', () => {
    cancelHeartbeat();
    cancelForward?.();
    cancelChanged?.();
  });
  heartbeat();

  return {
    changed,
    refused: due,
    forward(acks) {
      for (const ack of acks) hold(ack);
      if (held.size === 0 || closing.aborted) return;
      cancelForward ??= clock.after(FORWARD_MS, () => {
        cancelForward = undefined;
        void send();
      });
    },
    async goodbye() {
      await requests.goodbye();
    },
  };
}
