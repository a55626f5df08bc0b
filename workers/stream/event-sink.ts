/** Where a client's events go: a byte stream whose queue is bounded, so that a reader who is slow costs no memory. */
import { MAX_QUEUE } from '#schema/stream-limits';

export interface EventSink {
  /** False where too much waits for the client already; then it is to be cut. */
  write(chunk: Uint8Array<ArrayBuffer>): boolean;
  /** How much waits (bytes). */
  waiting(): number;
  /** Ends the stream behind what was written. */
  end(): void;
  /** Breaks it off. */
  cut(reason: string): void;
}

export interface OpenedSink {
  readonly sink: EventSink;
  readonly stream: ReadableStream<Uint8Array>;
}

/** `gone` is called once the client has left. */
export function openSink(gone: () => void): OpenedSink {
  let controller: ReadableByteStreamController;
  const stream = new ReadableStream(
    {
      type: 'bytes',
      start: (given: ReadableByteStreamController) => {
        controller = given;
      },
      cancel: gone,
    },
    { highWaterMark: MAX_QUEUE },
  );
  const waiting = (): number => MAX_QUEUE - (controller.desiredSize ?? MAX_QUEUE);
  const sink: EventSink = {
    write(chunk) {
      if (waiting() + chunk.byteLength > MAX_QUEUE) return false;
      // A copy: the stream takes the bytes with it, and all clients are written the same.
      controller.enqueue(chunk.slice());
      return true;
    },
    waiting,
    end: () => controller.close(),
    cut: (reason) => controller.error(new Error(reason)),
  };
  return { sink, stream };
}
