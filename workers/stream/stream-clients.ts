/**
 * Who is connected, and what each was sent: everybody is brought to the edition that is theirs, never back to an older one, and who does
 * not read is cut. Texts are made once for all (`#http/edition-events`).
 */
import type { EditionEvents } from '#http/edition-events';
import type { Hello } from '#http/stream-hello';
import { type ClosingReason, closingText } from '#http/stream-signals';
import { isSamePosition, type Position } from '#ruleset/position';
import { SILENCE_MS } from '#schema/stream-limits';
import type { EventSink } from './event-sink.ts';
import type { StreamKeyKind } from './key-kinds.ts';

export type Chunk = Uint8Array<ArrayBuffer>;

/** The key that a stream was opened with. */
export interface ClientKey {
  readonly sha256: string;
  readonly kind: StreamKeyKind;
}

export interface StreamClient {
  readonly hello: Hello;
  readonly key: ClientKey;
  readonly connectedAt: number;
  readonly sink: EventSink;
  /** What it was sent last, or said that it has. */
  has: Position | undefined;
  /** The keys document that it was sent last (of a relay). */
  hasKeys: string | undefined;
  /** Since when something waits for it; undefined where nothing does. */
  stalledSince: number | undefined;
}

export interface StreamClients {
  readonly size: number;
  of(instance: string): StreamClient | undefined;
  all(): IterableIterator<StreamClient>;
  /** Takes the place of an earlier stream of the same instance. */
  add(client: StreamClient): void;
  /** Where its stream is still that one. */
  remove(client: StreamClient): void;
  /** Writes what there is, unless it has that or something newer. */
  bring(client: StreamClient, events: EditionEvents<Chunk>): void;
  bringKeys(client: StreamClient, events: EditionEvents<Chunk>): void;
  write(client: StreamClient, chunk: Chunk): void;
  /** Says why, and ends the stream. */
  close(client: StreamClient, reason: ClosingReason, retryAfterMs: number): void;
  /** Cuts whoever has read nothing for long though there was something. */
  cutStalled(): void;
}

/** What has waited for so long waits for nobody. */
const STALLED_MS = 2 * SILENCE_MS;

export function createStreamClients(encode: (text: string) => Chunk, now: () => number): StreamClients {
  const clients = new Map<string, StreamClient>();

  const isPresent = (client: StreamClient): boolean => clients.get(client.hello.instance) === client;

  function remove(client: StreamClient): void {
    if (isPresent(client)) clients.delete(client.hello.instance);
  }

  function cut(client: StreamClient, reason: string): void {
    remove(client);
    client.sink.cut(reason);
  }

  function write(client: StreamClient, chunk: Chunk): boolean {
    if (!isPresent(client)) return false;
    if (client.sink.write(chunk)) return true;
    cut(client, 'it reads too slowly');
    return false;
  }

  function close(client: StreamClient, reason: ClosingReason, retryAfterMs: number): void {
    if (!write(client, encode(closingText({ reason, retryAfterMs })))) return;
    remove(client);
    client.sink.end();
  }

  return {
    get size() {
      return clients.size;
    },
    of: (instance) => clients.get(instance),
    all: () => clients.values(),
    add(client) {
      const before = clients.get(client.hello.instance);
      if (before !== undefined) close(before, 'replaced', 1_000);
      clients.set(client.hello.instance, client);
    },
    remove,
    bring(client, events) {
      const { edition } = events;
      const { has } = client;
      if (has !== undefined && (has.version > edition.version || isSamePosition(has, edition))) return;
      if (write(client, events.from(has?.digest))) client.has = { version: edition.version, digest: edition.digest };
    },
    bringKeys(client, events) {
      const { digest } = events.edition;
      if (client.key.kind !== 'relay' || client.hello.kind !== 'relay' || client.hasKeys === digest) return;
      if (write(client, events.from(client.hasKeys))) client.hasKeys = digest;
    },
    write: (client, chunk) => void write(client, chunk),
    close,
    cutStalled() {
      for (const client of [...clients.values()]) {
        client.stalledSince = client.sink.waiting() === 0 ? undefined : (client.stalledSince ?? now());
        // A clock that was set back must not keep anybody for ever.
        client.stalledSince = client.stalledSince && Math.min(client.stalledSince, now());
        if (client.stalledSince !== undefined && now() - client.stalledSince >= STALLED_MS)
          cut(client, 'it reads nothing');
      }
    },
  };
}
