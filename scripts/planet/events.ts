/** Server-sent events (html.spec.whatwg.org, "Server-sent events") of the planet's status, made only while somebody listens. */

export interface Broadcast {
  /** A stream of events for one listener; the first comes at once. */
  listen(): ReadableStream<Uint8Array>;
}

const INTERVAL_MS = 1_000;
/** A listener that has not read so many events gets no more until it has: each tells all. */
const MAX_UNREAD = 4;

export function createBroadcast(collect: () => Promise<unknown>): Broadcast {
  const listeners = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const encoder = new TextEncoder();
  let isRunning = false;

  async function run(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    while (listeners.size > 0) {
      const began = performance.now();
      try {
        await tell();
      } catch (error) {
        // The next round may do better; whoever listens waits for it.
        console.error(error);
      }
      await after(Math.max(0, INTERVAL_MS - (performance.now() - began)));
    }
    isRunning = false;
  }

  async function tell(): Promise<void> {
    const event = encoder.encode(`data: ${JSON.stringify(await collect())}\n\n`);
    for (const listener of listeners) if ((listener.desiredSize ?? 0) > 0) listener.enqueue(event);
  }

  return {
    listen() {
      let own: ReadableStreamDefaultController<Uint8Array>;
      return new ReadableStream<Uint8Array>(
        {
          start(controller) {
            own = controller;
            listeners.add(own);
            void run();
          },
          cancel() {
            listeners.delete(own);
          },
        },
        { highWaterMark: MAX_UNREAD },
      );
    },
  };
}

const after = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
