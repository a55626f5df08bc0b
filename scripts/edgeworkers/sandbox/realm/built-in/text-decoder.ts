/** Bytes to text. Source: techdocs.akamai.com/edgeworkers/docs/encoding. */

import type { TextDecoding } from '../bridge.js';
import { bridge } from '../bridge.js';

export interface TextDecoderOptions {
  readonly fatal?: boolean;
  readonly ignoreBOM?: boolean;
}

export class TextDecoder {
  readonly #decoding: TextDecoding;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;

  constructor(label = 'utf-8', { fatal = false, ignoreBOM = false }: TextDecoderOptions = {}) {
    const decoding = bridge.decoder(String(label), Boolean(fatal), Boolean(ignoreBOM));
    if (decoding === undefined) throw new RangeError(`Unknown encoding: ${label}`);
    this.#decoding = decoding;
    this.fatal = Boolean(fatal);
    this.ignoreBOM = Boolean(ignoreBOM);
  }

  get encoding(): string {
    return this.#decoding.encoding;
  }

  decode(bytes?: ArrayBuffer | ArrayBufferView, { stream = false }: { readonly stream?: boolean } = {}): string {
    const text = this.#decoding.decode(bytes, Boolean(stream));
    if (text === undefined) throw new TypeError(`The bytes are not ${this.encoding}`);
    return text;
  }
}
