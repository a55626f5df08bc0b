/**
 * Asks for the whole at a constant slow rate, whatever the stream says: so how old anything can be is bounded, and nothing comes on top when
 * streams break.
 */
import { type Clock, sleep } from './clock.ts';
import { type Ending, REFUSED_MS } from './reconnect.ts';

export interface PollLoopOptions {
  poll(): Promise<Ending | undefined>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly closing: AbortSignal;
}

export const POLL_MS = 30_000;
/** The share of the pause that is left to chance. */
const JITTER = 1 / 3;

/** Ends once `closing` is given. */
export async function runPoll({ poll, clock, random, closing }: PollLoopOptions): Promise<void> {
  let ending: Ending | undefined;
  for (;;) {
    await sleep(clock, waitFor(ending, random()), closing);
    if (closing.aborted) return;
    ending = await poll();
  }
}

export function waitFor(ending: Ending | undefined, random: number): number {
  if (ending?.refused) return REFUSED_MS * (1 + random);
  const pause = POLL_MS * (1 - JITTER * random);
  // What is asked for may be less than the pause, and is bounded: an answer must not end the polling.
  return Math.max(pause, Math.min(ending?.retryAfterMs ?? 0, 10 * POLL_MS) + pause * JITTER * random);
}
