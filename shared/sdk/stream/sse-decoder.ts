/**
 * Server-sent events out of bytes, as the HTML standard has them (section 9.2.6), and bounded: a line or an event that grows past the
 * limit ends the stream. `eventsource-parser` does the fields; what it leaves open is closed here.
 */
import { createParser } from 'eventsource-parser';

export interface SseEvent {
  /** `message` where the stream says nothing. */
  readonly type: string;
  readonly data: string;
}

export interface SseDecoder {
  /** The events that these bytes complete; undefined where a line or an event is too long: nothing is decoded from then on. */
  feed(bytes: Uint8Array): readonly SseEvent[] | undefined;
}

/** In characters, of a line and of an event. */
export const MAX_EVENT = 1024 * 1024;
/** A chunk is taken in pieces, so that no more than this is decoded before its length is looked at. */
const PIECE = 64 * 1024;

export function createSseDecoder(maxEvent = MAX_EVENT): SseDecoder {
  const decoder = new TextDecoder();
  let found: SseEvent[] = [];
  let isTooLong = false;
  /** A CR was the last character: the LF that may follow belongs to it. */
  let afterReturn = false;
  const parser = createParser({
    maxBufferSize: maxEvent,
    onEvent({ event = 'message', data }) {
      if (data.length > maxEvent) isTooLong = true;
      else found.push({ type: event, data });
    },
    onError({ type }) {
      if (type === 'max-buffer-size-exceeded') isTooLong = true;
    },
  });
  // The decoder takes the byte order mark; the parser would take one that was encoded twice, which is text.
  parser.feed('');

  /** With line feeds alone: the parser keeps a CR at the end of a chunk, and with it the event that it ends, until the next one. */
  function lines(text: string): string {
    const rest = afterReturn && text.startsWith('\n') ? text.slice(1) : text;
    if (text !== '') afterReturn = text.endsWith('\r');
    return rest.includes('\r') ? rest.replace(/\r\n?/g, '\n') : rest;
  }

  return {
    feed(bytes) {
      found = [];
      for (let at = 0; at < bytes.byteLength && !isTooLong; at += PIECE) {
        parser.feed(lines(decoder.decode(bytes.subarray(at, at + PIECE), { stream: true })));
      }
      return isTooLong ? undefined : found;
    },
  };
}
