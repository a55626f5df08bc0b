/** Keeps one stream open, never two: reads it, notices when it is dead, and opens the next after the pause that is due. */
import type { ChunkReader } from '#http/bounded-chunks';
import type { Result } from '#schema/result';
import { type Clock, sleep, unless } from './clock.ts';
import { type Ending, HEALTHY_MS, pauseAfter } from './reconnect.ts';
import { createSseDecoder } from './sse-decoder.ts';
import { readMessage, type StreamMessage } from './stream-message.ts';
import { messageOf } from './upstream-requests.ts';

export interface StreamLoopOptions {
  /** Opens the stream; the signal ends it. */
  open(signal: AbortSignal): Promise<Result<ChunkReader, Ending>>;
  /** Takes one message after the other; the next is read when it is done with the last. */
  take(message: StreamMessage): Promise<void>;
  connected(): void;
  /** The stream ended, or could not be opened; the next one is due after so many milliseconds. */
  ended(ending: Ending, waitMs: number): void;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly closing: AbortSignal;
}

/** Without a whole event for this long a stream is dead: bookmarks come every 5 s. Bytes alone are no sign of life. */
export const SILENCE_MS = 15_000;

/** Ends once `closing` is given. */
export async function runStream(options: StreamLoopOptions): Promise<void> {
  const { clock, random, closing, ended } = options;
  let failures = 0;
  while (!closing.aborted) {
    const ending = await oneStream(options);
    if (closing.aborted) return;
    const pause = pauseAfter(failures, ending, random());
    failures = pause.failures;
    ended(ending, pause.waitMs);
    await sleep(clock, pause.waitMs, closing);
  }
}

async function oneStream(options: StreamLoopOptions): Promise<Ending> {
  const { clock, closing } = options;
  const life = new AbortController();
  const close = (): void => life.abort(new Error('closed'));
  closing.addEventListener('abort', close);
  const watch = createWatch(clock, () => life.abort(new Error(`silent for ${SILENCE_MS} ms`)));
  let isHealthy = false;
  let cancelHealth = (): void => {};
  let reader: ChunkReader | undefined;
  const ending = (one: Ending): Ending => (isHealthy ? { ...one, healthy: true } : one);
  try {
    watch.start();
    const opened = await unless(life.signal, options.open(life.signal));
    if (!opened.ok) return opened.error;
    reader = opened.value;
    options.connected();
    cancelHealth = clock.after(HEALTHY_MS, () => {
      isHealthy = true;
    });
    return ending(await readToEnd(reader, options, watch, life.signal));
  } catch (error) {
    return ending({ why: messageOf(error) });
  } finally {
    watch.stop();
    cancelHealth();
    closing.removeEventListener('abort', close);
    life.abort(new Error('over'));
    reader?.cancel().catch(() => {});
  }
}

async function readToEnd(
  reader: ChunkReader,
  { take }: StreamLoopOptions,
  watch: Watch,
  life: AbortSignal,
): Promise<Ending> {
  const decoder = createSseDecoder();
  for (;;) {
    const { done, value } = await unless(life, reader.read());
    if (done || value === undefined) return { why: 'the stream ended' };
    const events = decoder.feed(value);
    if (events === undefined) return { why: 'a line or an event that is too long' };
    if (events.length === 0) continue;
    // While an event is worked on nothing is read, so nothing is silent.
    watch.stop();
    for (const event of events) {
      const message = readMessage(event);
      if (message?.type === 'closing') return endingOf(message.reason, message.retryAfterMs);
      if (message !== undefined) await take(message);
      if (life.aborted) return { why: messageOf(life.reason) };
    }
    watch.start();
  }
}

const endingOf = (reason: string, retryAfterMs: number): Ending => ({
  why: `closing: ${reason}`,
  retryAfterMs,
  ...(reason === 'revoked' && { refused: true }),
});

interface Watch {
  start(): void;
  stop(): void;
}

function createWatch(clock: Clock, silent: () => void): Watch {
  let cancel = (): void => {};
  return {
    start() {
      cancel();
      cancel = clock.after(SILENCE_MS, silent);
    },
    stop: () => cancel(),
  };
}
