/** HTTP messages with their header lines as they came: order and repetitions matter to a property. */
import type { HeaderLines } from './event.ts';

export interface HttpRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: HeaderLines;
  readonly body: Uint8Array;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: HeaderLines;
  readonly body: Uint8Array;
}

export const headerOf = (headers: HeaderLines, name: string): string | undefined =>
  headers.find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];

export const withoutHeaders = (headers: HeaderLines, names: readonly string[]): HeaderLines =>
  headers.filter(([name]) => !names.includes(name.toLowerCase()));

/** Of one connection, not of the message. */
export const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** As Node has them: names and values in turns. */
export const linesOf = (raw: readonly string[]): HeaderLines =>
  Array.from({ length: raw.length / 2 }, (_, index): [string, string] => [
    raw[2 * index] ?? '',
    raw[2 * index + 1] ?? '',
  ]);
