/** `GET /v1/stream`, and the streams of pages: past Hono, so that a stream is a socket and a few fields. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createCrossOrigin } from '#http/cross-origin';
import { FORBIDDEN, UNAUTHORIZED } from '#http/pop-refusals';
import type { Reply } from '#http/reply';
import type { KeyRecord } from '#http/sdk-keys';
import { EVENT_STREAM } from '#http/sse-event';
import type { StreamAdmission } from '#http/stream-admission';
import { readHello } from '#http/stream-hello';
import { type Admission, headersOf, maySeeAll } from './admission.ts';
import type { Held } from './held.ts';
import type { PageStreams } from './page-streams.ts';
import { badRequest, DRAINING, NO_RELAY, NOTHING_YET, notTaken, SCOPED, tooManyStreams } from './refusals.ts';
import type { SdkStreams, StreamClient } from './sdk-streams.ts';
import { writeReply } from './write-reply.ts';

export interface StreamHandlerOptions {
  readonly held: Pick<Held, 'rulesets'>;
  readonly admission: Pick<Admission, 'recordOf' | 'refusal' | 'tickets'>;
  /** How many streams are opened, and how fast. */
  readonly gate: StreamAdmission;
  readonly sdks: SdkStreams;
  readonly pages: PageStreams;
  readonly allowedOrigins: readonly string[];
  readonly isDraining: () => boolean;
}

export interface StreamHandler {
  sdk(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void>;
  page(incoming: IncomingMessage, outgoing: ServerResponse, path: string): void;
}

export const PAGE_EVENTS = '/ofrep/v1/events/';

export function createStreamHandler(options: StreamHandlerOptions): StreamHandler {
  const { held, admission, gate, sdks, pages, isDraining } = options;
  const { answered } = createCrossOrigin(options.allowedOrigins);

  /** Undefined where there is room. */
  function noRoom(): Reply | undefined {
    if (isDraining()) return DRAINING;
    const admitted = gate.admit(sdks.count('sdk') + sdks.count('relay') + pages.count());
    return admitted.ok ? undefined : tooManyStreams(admitted.error);
  }

  function refusalOf(record: KeyRecord): Reply | undefined {
    if (record.kind === 'client') return FORBIDDEN;
    if (!maySeeAll(record)) return SCOPED;
    return held.rulesets.current() === undefined ? NOTHING_YET : noRoom();
  }

  return {
    async sdk(incoming, outgoing) {
      if (incoming.method !== 'GET') return writeReply(outgoing, notTaken('GET'));
      const headers = headersOf(incoming);
      const record = await admission.recordOf(headers);
      if (record === undefined) return writeReply(outgoing, admission.refusal());
      const hello = readHello(headers);
      if (!hello.ok) return writeReply(outgoing, badRequest(hello.error));
      const refusal = refusalOf(record);
      if (refusal !== undefined) return writeReply(outgoing, refusal);
      const { instance, kind, has } = hello.value;
      if (kind === 'relay' && record.kind !== 'relay') return writeReply(outgoing, NO_RELAY);
      const sink = opened(outgoing, {});
      const client: StreamClient = { sink, instance, kind, record, sent: undefined };
      sink.once('close', () => sdks.gone(client));
      sdks.open(client, has);
    },
    page(incoming, outgoing, path) {
      if (incoming.method !== 'GET') return writeReply(outgoing, notTaken('GET'));
      const record = admission.tickets.recordOf(path.slice(PAGE_EVENTS.length));
      const { origin, 'last-event-id': lastEventId } = incoming.headers;
      const headers = origin === undefined ? {} : answered(origin, record?.kind === 'server');
      const refusal = record === undefined ? UNAUTHORIZED : noRoom();
      if (record === undefined || refusal !== undefined) {
        const reply = refusal ?? UNAUTHORIZED;
        return writeReply(outgoing, { ...reply, headers: { ...reply.headers, ...headers } });
      }
      const sink = opened(outgoing, headers);
      const client = { sink, record };
      sink.once('close', () => pages.gone(client));
      pages.open(client, typeof lastEventId === 'string' ? lastEventId : undefined);
    },
  };
}

/** The socket, behind the head of an endless answer: its chunks are written to it as they are (`event-chunk.ts`). */
function opened(outgoing: ServerResponse, headers: Readonly<Record<string, string>>) {
  outgoing.writeHead(200, {
    'content-type': EVENT_STREAM,
    'cache-control': 'no-store',
    // Whoever is sent away need not find the connection open.
    connection: 'close',
    'transfer-encoding': 'chunked',
    ...headers,
  });
  outgoing.flushHeaders();
  const { socket } = outgoing;
  if (socket === null) throw new Error('the connection is gone');
  return socket;
}
