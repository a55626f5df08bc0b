/** Streams that are written to. Source: streams.spec.whatwg.org, as far as `@types/akamai-edgeworkers` has it. */
import type { Strategy } from './readable-core.ts';

export interface WritableController {
  error(reason?: unknown): void;
}

export interface Sink<T> {
  start?(controller: WritableController): unknown;
  write?(chunk: T, controller: WritableController): unknown;
  close?(): unknown;
  abort?(reason: unknown): unknown;
}

interface WritableCore<T> {
  readonly closed: Promise<void>;
  ready(): Promise<void>;
  desiredSize(): number | null;
  write(chunk: T): Promise<void>;
  close(): Promise<void>;
  abort(reason: unknown): Promise<void>;
}

export class WritableStream<T = unknown> {
  readonly #core: WritableCore<T>;
  #isLocked = false;

  constructor(sink: Sink<T> = {}, strategy: Strategy<T> = {}) {
    this.#core = createWritableCore(sink, strategy);
  }

  get locked(): boolean {
    return this.#isLocked;
  }

  async abort(reason?: unknown): Promise<void> {
    if (this.#isLocked) throw new TypeError('Cannot abort a stream that is locked to a writer');
    await this.#core.abort(reason);
  }

  async close(): Promise<void> {
    if (this.#isLocked) throw new TypeError('Cannot close a stream that is locked to a writer');
    await this.#core.close();
  }

  getWriter(): WritableStreamDefaultWriter<T> {
    if (this.#isLocked) throw new TypeError('The stream is locked to a writer');
    this.#isLocked = true;
    return new WritableStreamDefaultWriter(this.#core, () => {
      this.#isLocked = false;
    });
  }
}

export class WritableStreamDefaultWriter<T = unknown> {
  readonly #core: WritableCore<T>;
  readonly #release: () => void;
  #isReleased = false;

  constructor(core: WritableCore<T>, release: () => void) {
    this.#core = core;
    this.#release = release;
  }

  get closed(): Promise<void> {
    return this.#core.closed;
  }

  get ready(): Promise<void> {
    return this.#core.ready();
  }

  get desiredSize(): number | null {
    return this.#core.desiredSize();
  }

  async write(chunk: T): Promise<void> {
    this.#check();
    await this.#core.write(chunk);
  }

  async close(): Promise<void> {
    this.#check();
    await this.#core.close();
  }

  async abort(reason?: unknown): Promise<void> {
    this.#check();
    await this.#core.abort(reason);
  }

  releaseLock(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#release();
  }

  #check(): void {
    if (this.#isReleased) throw new TypeError('The writer was released');
  }
}

/** Writes go to the sink one after another, in a chain of promises. */
function createWritableCore<T>(sink: Sink<T>, strategy: Strategy<T>): WritableCore<T> {
  const highWaterMark = strategy.highWaterMark ?? 1;
  let queued = 0;
  let state: 'writable' | 'closing' | 'closed' | 'errored' = 'writable';
  let reason: unknown;
  let waitingForRoom: (() => void)[] = [];
  let settleClosed: { resolve(): void; reject(reason: unknown): void } | undefined;
  const closed = new Promise<void>((resolve, reject) => {
    settleClosed = { resolve, reject };
  });
  closed.catch(() => undefined);

  function fail(why: unknown): void {
    if (state === 'closed' || state === 'errored') return;
    state = 'errored';
    reason = why;
    settleClosed?.reject(why);
    makeRoom();
  }

  function makeRoom(): void {
    const waiting = waitingForRoom;
    waitingForRoom = [];
    for (const go of waiting) go();
  }

  const controller: WritableController = { error: fail };
  let last: Promise<unknown> = Promise.resolve(sink.start?.(controller)).catch(fail);

  /** After all that came before. */
  function next(act: () => unknown): Promise<void> {
    const done = last.then(async () => {
      if (state === 'errored') throw reason;
      await act();
    });
    last = done.catch(fail);
    return done;
  }

  return {
    closed,
    desiredSize: () => (state === 'errored' ? null : state === 'closed' ? 0 : highWaterMark - queued),
    async ready() {
      while (state === 'writable' && queued >= highWaterMark) {
        await new Promise<void>((resolve) => waitingForRoom.push(resolve));
      }
      if (state === 'errored') throw reason;
    },
    async write(chunk) {
      if (state === 'errored') throw reason;
      if (state !== 'writable') throw new TypeError('The stream is closed');
      const size = strategy.size?.(chunk) ?? 1;
      queued += size;
      const written = next(() => sink.write?.(chunk, controller));
      const settled = (): void => {
        queued -= size;
        makeRoom();
      };
      written.then(settled, settled);
      await written;
    },
    async close() {
      if (state === 'errored') throw reason;
      if (state !== 'writable') throw new TypeError('The stream is closed');
      state = 'closing';
      await next(() => sink.close?.());
      state = 'closed';
      settleClosed?.resolve();
    },
    async abort(why) {
      if (state === 'closed' || state === 'errored') return;
      fail(why);
      await sink.abort?.(why);
    },
  };
}
