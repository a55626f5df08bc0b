/** Streams that are written to on one side and read on the other. Source: streams.spec.whatwg.org. */
import type { ReadableController, Strategy } from './readable-core.ts';
import { ReadableStream } from './readable-stream.ts';
import { WritableStream } from './writable-stream.ts';

export interface TransformController<Out> {
  readonly desiredSize: number | null;
  enqueue(chunk: Out): void;
  error(reason?: unknown): void;
  terminate(): void;
}

export interface Transformer<In, Out> {
  start?(controller: TransformController<Out>): unknown;
  transform?(chunk: In, controller: TransformController<Out>): unknown;
  flush?(controller: TransformController<Out>): unknown;
}

export class TransformStream<In = unknown, Out = unknown> {
  readonly readable: ReadableStream<Out>;
  readonly writable: WritableStream<In>;

  constructor(
    transformer: Transformer<In, Out> = {},
    writableStrategy: Strategy<In> = {},
    readableStrategy: Strategy<Out> = { highWaterMark: 0 },
  ) {
    const demand = createDemand();
    let out: ReadableController<Out> | undefined;
    let failWriting: (reason: unknown) => void = () => undefined;
    this.readable = new ReadableStream<Out>(
      {
        start(controller) {
          out = controller;
        },
        pull: () => demand.raise(),
        cancel(reason) {
          failWriting(reason);
          demand.raise();
        },
      },
      readableStrategy,
    );
    const controller = controllerOf(
      () => out as ReadableController<Out>,
      demand,
      (reason) => failWriting(reason),
    );
    this.writable = new WritableStream<In>(
      {
        async start(writing) {
          failWriting = (reason) => writing.error(reason);
          await transformer.start?.(controller);
        },
        async write(chunk) {
          // Whoever reads sets the pace.
          await demand.met();
          if (transformer.transform) await guard(() => transformer.transform?.(chunk, controller), controller);
          else controller.enqueue(chunk as unknown as Out);
        },
        async close() {
          await guard(() => transformer.flush?.(controller), controller);
          if (controller.desiredSize !== null) out?.close();
        },
        abort: (reason) => out?.error(reason),
      },
      writableStrategy,
    );
  }
}

function controllerOf<Out>(
  out: () => ReadableController<Out>,
  demand: Demand,
  failWriting: (reason: unknown) => void,
): TransformController<Out> {
  return {
    get desiredSize() {
      return out().desiredSize;
    },
    enqueue(chunk) {
      // First, for whoever waits for more raises it right away.
      demand.lower();
      out().enqueue(chunk);
    },
    error(reason) {
      out().error(reason);
      failWriting(reason);
    },
    terminate() {
      out().close();
      failWriting(new TypeError('The stream was terminated'));
    },
  };
}

async function guard<Out>(act: () => unknown, controller: TransformController<Out>): Promise<void> {
  try {
    await act();
  } catch (error) {
    controller.error(error);
    throw error;
  }
}

interface Demand {
  raise(): void;
  lower(): void;
  met(): Promise<void>;
}

/** Raised by a reader, waited for by a writer, lowered by what is written. */
function createDemand(): Demand {
  let isRaised = false;
  let waiting: (() => void)[] = [];
  return {
    raise() {
      isRaised = true;
      for (const go of waiting) go();
      waiting = [];
    },
    lower() {
      isRaised = false;
    },
    async met() {
      while (!isRaised) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
