/**
 * The one way out of the sandbox's realm: functions of the process around it. Only text, numbers and bytes come back through it, and
 * callbacks: an object of the other realm would have other constructors. EdgeWorkers never get to see it.
 */
import type { EventName } from '../../event.ts';

export interface SubRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly timeoutMs: number | undefined;
}

export interface SubRequestListener {
  /** `head` is JSON: `{status, headers}`. */
  head(head: string): void;
  chunk(bytes: Uint8Array): void;
  end(): void;
  fail(message: string): void;
}

export interface TextDecoding {
  readonly encoding: string;
  /** Undefined where the bytes are none of that encoding, and that is fatal. */
  decode(bytes: ArrayBufferView | ArrayBuffer | undefined, stream: boolean): string | undefined;
}

export interface Bridge {
  /** When the current event started, in milliseconds since 1970. */
  now(): number;
  /** Undefined while the instance is made. */
  event(): EventName | undefined;
  log(level: string, text: string): void;
  /** A number by which to send it; a text where it is refused. */
  openSubRequest(request: SubRequest): number | string;
  sendSubRequest(id: number, body: Uint8Array | undefined, listener: SubRequestListener): void;
  utf8(text: string): Uint8Array;
  /** Undefined where there is no such encoding. */
  decoder(label: string, fatal: boolean, ignoreBom: boolean): TextDecoding | undefined;
  /** Undefined where it is no base64. */
  atob(text: string): string | undefined;
  btoa(text: string): string | undefined;
  randomFill(array: ArrayBufferView): void;
  /** Calls one of the two back with bytes, a boolean or a key, or with an error's name and message. */
  subtle(
    operation: string,
    parameters: readonly unknown[],
    done: (result: unknown) => void,
    failed: (name: string, message: string) => void,
  ): void;
}

export const bridge: Bridge;
