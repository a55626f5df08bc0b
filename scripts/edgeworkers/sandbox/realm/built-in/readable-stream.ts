/**
 * Streams that are read, as far as `@types/akamai-edgeworkers` has them; no readers that bring their own buffers. Source:
 * streams.spec.whatwg.org.
 */
import { createReadableCore, type ReadableCore, type ReadResult, type Source, type Strategy } from './readable-core.ts';
import type { WritableStream } from './writable-stream.ts';

export interface PipeOptions {
  readonly preventClose?: boolean;
  readonly preventAbort?: boolean;
  readonly preventCancel?: boolean;
}

export class ReadableStream<T = unknown> {
  readonly #core: ReadableCore<T>;
  #reader: ReadableStreamDefaultReader<T> | undefined;

  constructor(source: Source<T> = {}, strategy: Strategy<T> = {}) {
    this.#core = createReadableCore(source, strategy);
  }

  get locked(): boolean {
    return this.#reader !== undefined;
  }

  async cancel(reason?: unknown): Promise<void> {
    if (this.locked) throw new TypeError('Cannot cancel a stream that is locked to a reader');
    await this.#core.cancel(reason);
  }

  getReader(options?: { readonly mode?: string }): ReadableStreamDefaultReader<T> {
    if (options?.mode !== undefined) throw new TypeError('The harness has no readers that bring their own buffers');
    if (this.locked) throw new TypeError('The stream is locked to a reader');
    const reader = new ReadableStreamDefaultReader(this.#core, () => {
      this.#reader = undefined;
    });
    this.#reader = reader;
    return reader;
  }

  pipeThrough<U>(
    { readable, writable }: { readonly readable: ReadableStream<U>; readonly writable: WritableStream<T> },
    options: PipeOptions = {},
  ): ReadableStream<U> {
    // Whoever reads on hears of a failure there.
    this.pipeTo(writable, options).catch(() => undefined);
    return readable;
  }

  async pipeTo(to: WritableStream<T>, options: PipeOptions = {}): Promise<void> {
    const reader = this.getReader();
    const writer = to.getWriter();
    try {
      for (;;) {
        await writer.ready;
        const { done, value } = await this.#next(reader, (error) => options.preventAbort || writer.abort(error));
        if (done) break;
        await writer.write(value as T).catch(async (error: unknown) => {
          if (!options.preventCancel) await reader.cancel(error);
          throw error;
        });
      }
      if (!options.preventClose) await writer.close();
    } finally {
      reader.releaseLock();
      writer.releaseLock();
    }
  }

  async #next(reader: ReadableStreamDefaultReader<T>, abort: (error: unknown) => unknown): Promise<ReadResult<T>> {
    try {
      return await reader.read();
    } catch (error) {
      await abort(error);
      throw error;
    }
  }

  tee(): [ReadableStream<T>, ReadableStream<T>] {
    const reader = this.getReader();
    const branches: ((act: 'enqueue' | 'close' | 'error', value?: unknown) => void)[] = [];
    let isReading = false;
    let cancelled = 0;

    async function pull(): Promise<void> {
      if (isReading) return;
      isReading = true;
      const { done, value } = await reader.read().catch((error: unknown) => {
        for (const tell of branches) tell('error', error);
        throw error;
      });
      isReading = false;
      for (const tell of branches) done ? tell('close') : tell('enqueue', value);
    }

    const branch = () => {
      let isCancelled = false;
      return new ReadableStream<T>({
        start(controller) {
          branches.push((act, value) => {
            if (isCancelled) return;
            if (act === 'enqueue') controller.enqueue(value as T);
            else if (act === 'close') controller.close();
            else controller.error(value);
          });
        },
        pull,
        async cancel(reason) {
          isCancelled = true;
          cancelled++;
          if (cancelled === 2) await reader.cancel(reason);
        },
      });
    };
    return [branch(), branch()];
  }
}

export class ReadableStreamDefaultReader<T = unknown> {
  readonly #core: ReadableCore<T>;
  readonly #release: () => void;
  #isReleased = false;

  constructor(core: ReadableCore<T>, release: () => void) {
    this.#core = core;
    this.#release = release;
  }

  get closed(): Promise<void> {
    return this.#core.closed;
  }

  async read(): Promise<ReadResult<T>> {
    this.#check();
    return this.#core.read();
  }

  async cancel(reason?: unknown): Promise<void> {
    this.#check();
    await this.#core.cancel(reason);
  }

  releaseLock(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#release();
  }

  #check(): void {
    if (this.#isReleased) throw new TypeError('The reader was released');
  }
}
