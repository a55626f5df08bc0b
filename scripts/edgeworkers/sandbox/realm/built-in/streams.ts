/** The module `streams`. Source: techdocs.akamai.com/edgeworkers/docs/streams. */
export { ReadableStream } from './readable-stream.ts';
export { TransformStream } from './transform-stream.ts';
export { WritableStream } from './writable-stream.ts';

export class CountQueuingStrategy {
  readonly highWaterMark: number;

  constructor({ highWaterMark }: { readonly highWaterMark: number }) {
    this.highWaterMark = highWaterMark;
  }

  size(): 1 {
    return 1;
  }
}

export class ByteLengthQueuingStrategy {
  readonly highWaterMark: number;

  constructor({ highWaterMark }: { readonly highWaterMark: number }) {
    this.highWaterMark = highWaterMark;
  }

  size(chunk: ArrayBufferView): number {
    return chunk.byteLength;
  }
}
