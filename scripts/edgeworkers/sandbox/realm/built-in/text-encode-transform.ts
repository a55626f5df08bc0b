/** The module `text-encode-transform`. Source: techdocs.akamai.com/edgeworkers/docs/text-encode-transform. */
import { bridge } from '../bridge.js';
import { TextDecoder, type TextDecoderOptions } from './text-decoder.ts';
import { TransformStream } from './transform-stream.ts';

/** The first half of a character that is in two chunks waits for the second. */
const HIGH_SURROGATE_AT_END = /[\ud800-\udbff]$/;

export class TextEncoderStream extends TransformStream<string, Uint8Array> {
  readonly encoding = 'utf-8';

  constructor() {
    let pending = '';
    super({
      transform(chunk, controller) {
        const text = pending + String(chunk);
        pending = HIGH_SURROGATE_AT_END.exec(text)?.[0] ?? '';
        const whole = text.slice(0, text.length - pending.length);
        if (whole !== '') controller.enqueue(new Uint8Array(bridge.utf8(whole)));
      },
      flush(controller) {
        if (pending !== '') controller.enqueue(new Uint8Array(bridge.utf8(pending)));
      },
    });
  }
}

export class TextDecoderStream extends TransformStream<ArrayBuffer | ArrayBufferView, string> {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;

  constructor(label?: string, options?: TextDecoderOptions) {
    const decoder = new TextDecoder(label, options);
    super({
      transform(chunk, controller) {
        const text = decoder.decode(chunk, { stream: true });
        if (text !== '') controller.enqueue(text);
      },
      flush(controller) {
        const text = decoder.decode();
        if (text !== '') controller.enqueue(text);
      },
    });
    this.encoding = decoder.encoding;
    this.fatal = decoder.fatal;
    this.ignoreBOM = decoder.ignoreBOM;
  }
}
