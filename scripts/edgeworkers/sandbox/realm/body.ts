/** What a `responseProvider` can read of a request. Reads it whole, once. */
import { bridge } from './bridge.js';
import { ReadableStream } from './built-in/streams.ts';

export function createBody(bytes: Uint8Array, maxBytes: number, onExcess: (what: string) => void) {
  let stream: ReadableStream<Uint8Array> | undefined;

  function open(): ReadableStream<Uint8Array> {
    stream ??= new ReadableStream<Uint8Array>({
      start(controller) {
        if (bytes.length > maxBytes) {
          onExcess('request body');
          controller.error(new RangeError(`Request body has ${bytes.length} bytes, at most ${maxBytes}`));
          return;
        }
        if (bytes.length > 0) controller.enqueue(new Uint8Array(bytes));
        controller.close();
      },
    });
    return stream;
  }

  const text = async (): Promise<string> => decode(await readAll(open()));
  return {
    get body() {
      return open();
    },
    text,
    json: async (): Promise<unknown> => JSON.parse(await text()),
    arrayBuffer: async (): Promise<ArrayBuffer> => (await readAll(open())).buffer,
  };
}

export const decode = (bytes: Uint8Array): string => bridge.decoder('utf-8', false, false)?.decode(bytes, false) ?? '';

/** All of a stream of bytes, or of texts. */
export async function readAll(stream: ReadableStream<unknown>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  await drain(stream, chunks);
  return join(chunks);
}

/** Adds to `chunks` as they come, so that they are there where the stream fails. */
export async function drain(stream: ReadableStream<unknown>, chunks: Uint8Array[]): Promise<void> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    chunks.push(bytesOf(value));
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return new Uint8Array(bridge.utf8(chunk));
  if (!(chunk instanceof Uint8Array)) throw new TypeError('A chunk of a body must be a Uint8Array');
  return chunk;
}

export function join(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
