/** What is inside a stream that is read: its queue, its state, and when its source is asked for more. */

export interface ReadResult<T> {
  readonly done: boolean;
  readonly value: T | undefined;
}

export interface ReadableController<T> {
  readonly desiredSize: number | null;
  enqueue(chunk: T): void;
  close(): void;
  error(reason?: unknown): void;
}

export interface Source<T> {
  readonly type?: 'bytes' | undefined;
  start?(controller: ReadableController<T>): unknown;
  pull?(controller: ReadableController<T>): unknown;
  cancel?(reason: unknown): unknown;
}

export interface Strategy<T> {
  readonly highWaterMark?: number;
  size?(chunk: T): number;
}

export interface ReadableCore<T> {
  read(): Promise<ReadResult<T>>;
  cancel(reason: unknown): Promise<void>;
  readonly closed: Promise<void>;
}

interface Waiting<T> {
  resolve(result: ReadResult<T>): void;
  reject(reason: unknown): void;
}

const END = { done: true, value: undefined };

export function createReadableCore<T>(source: Source<T>, strategy: Strategy<T>): ReadableCore<T> {
  const isBytes = source.type === 'bytes';
  const highWaterMark = strategy.highWaterMark ?? (isBytes ? 0 : 1);
  const sizeOf = (chunk: T): number =>
    isBytes ? (chunk as ArrayBufferView).byteLength : (strategy.size?.(chunk) ?? 1);
  const queue: { readonly chunk: T; readonly size: number }[] = [];
  const waiting: Waiting<T>[] = [];
  let state: 'readable' | 'closing' | 'closed' | 'errored' = 'readable';
  let reason: unknown;
  let isStarted = false;
  let isPulling = false;
  let pullAgain = false;
  let settleClosed: { resolve(): void; reject(reason: unknown): void } | undefined;
  const closed = new Promise<void>((resolve, reject) => {
    settleClosed = { resolve, reject };
  });
  closed.catch(() => undefined);

  const desiredSize = (): number => highWaterMark - queue.reduce((sum, { size }) => sum + size, 0);

  function finish(): void {
    state = 'closed';
    for (const { resolve } of waiting.splice(0)) resolve(END);
    settleClosed?.resolve();
  }

  function fail(why: unknown): void {
    if (state === 'closed' || state === 'errored') return;
    state = 'errored';
    reason = why;
    queue.length = 0;
    for (const { reject } of waiting.splice(0)) reject(why);
    settleClosed?.reject(why);
  }

  const controller: ReadableController<T> = {
    get desiredSize() {
      return state === 'errored' ? null : state === 'closed' ? 0 : desiredSize();
    },
    enqueue(chunk) {
      if (state !== 'readable') throw new TypeError('The stream takes no more chunks');
      if (isBytes && !ArrayBuffer.isView(chunk)) throw new TypeError('A chunk must be a view of bytes');
      const reader = waiting.shift();
      if (reader) reader.resolve({ done: false, value: chunk });
      else queue.push({ chunk, size: sizeOf(chunk) });
      pullIfWanted();
    },
    close() {
      if (state !== 'readable') throw new TypeError('The stream is closed');
      state = 'closing';
      if (queue.length === 0) finish();
    },
    error: fail,
  };

  /** One call of `pull` at a time. */
  function pullIfWanted(): void {
    if (!isStarted || state !== 'readable' || (waiting.length === 0 && desiredSize() <= 0)) return;
    if (isPulling) {
      pullAgain = true;
      return;
    }
    isPulling = true;
    const pull = async (): Promise<void> => {
      await source.pull?.(controller);
      isPulling = false;
      if (!pullAgain) return;
      pullAgain = false;
      pullIfWanted();
    };
    pull().catch(fail);
  }

  // What `start` throws, the constructor throws.
  const started = source.start?.(controller);
  Promise.resolve(started).then(() => {
    isStarted = true;
    pullIfWanted();
  }, fail);

  return {
    closed,
    read() {
      if (state === 'errored') return Promise.reject(reason);
      const next = queue.shift();
      if (next !== undefined) {
        if (state === 'closing' && queue.length === 0) finish();
        else pullIfWanted();
        return Promise.resolve({ done: false, value: next.chunk });
      }
      if (state === 'closed') return Promise.resolve(END);
      const read = new Promise<ReadResult<T>>((resolve, reject) => waiting.push({ resolve, reject }));
      pullIfWanted();
      return read;
    },
    async cancel(why) {
      if (state === 'errored') throw reason;
      if (state === 'closed') return;
      queue.length = 0;
      finish();
      await source.cancel?.(why);
    },
  };
}
