/** Server-sent events as text (HTML standard, 9.2.6), for whoever writes a stream. */

export interface SseEvent {
  readonly event: string;
  /** What `Last-Event-ID` will be; left out, it stays as it was. */
  readonly id?: string;
  readonly data: string;
}

/** Names and ids are the server's own and hold no line break; each line of the data is one of the event's. */
export function sseEvent({ event, id, data }: SseEvent): string {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}${lines.join('')}\n`;
}

export const EVENT_STREAM = 'text/event-stream';
