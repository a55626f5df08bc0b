/** The streams of SDKs, and of relays below: what comes into force here is told to all of them, each from where it is. */
import { createEditionEvents, type Edition, type EditionEvents } from '#http/edition-events';
import type { KeyRecord } from '#http/sdk-keys';
import { bookmarkText, type ClosingReason, closingText } from '#http/stream-signals';
import { isSamePosition, type Position } from '#ruleset/position';
import { eventChunk } from './event-chunk.ts';
import type { Held } from './held.ts';
import { createKeptEditions, editionOf, type KeptEditions } from './kept-editions.ts';
import { createOutlet, type Member } from './outlet.ts';

export interface StreamClient extends Member {
  readonly instance: string;
  readonly kind: 'relay' | 'sdk';
  readonly record: KeyRecord;
  /** The digest that it was sent last, or came with. */
  sent: string | undefined;
}

export interface SdkStreamsOptions {
  readonly held: Held;
  /** Whether the key of a stream is still one that may have it. */
  readonly isAdmitted: (record: KeyRecord) => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface SdkStreams {
  readonly kept: KeptEditions;
  /** Its head is written. `position` is what it came with. */
  open(client: StreamClient, position: Position | undefined): void;
  /** Its connection is gone. */
  gone(client: StreamClient): void;
  /** Another ruleset is in force. */
  applied(): void;
  /** Another keys document is: relays below get it, and whose key it no more has is closed. */
  keysApplied(): void;
  /** Every five seconds. */
  bookmark(): void;
  /** All are told to come back, not all at once, and closed. */
  drain(): void;
  count(kind: StreamClient['kind']): number;
  /** How many were cut since they did not read. */
  cut(): number;
}

/** Those who are sent away come back within this time (milliseconds). */
const SPREAD_MS = 5_000;

export function createSdkStreams({ held, isAdmitted, now, random }: SdkStreamsOptions): SdkStreams {
  const outlet = createOutlet<StreamClient>();
  const byInstance = new Map<string, StreamClient>();
  const kept = createKeptEditions();
  const keptKeys = createKeptEditions();
  const counts = { relay: 0, sdk: 0 };
  let rulesets: EditionEvents<Buffer> | undefined;
  let keys: EditionEvents<Buffer> | undefined;

  function madeNow(): void {
    rulesets = eventsOf(held.rulesets.current(), kept, 'ruleset') ?? rulesets;
  }

  function bookmarkChunk(): Buffer | undefined {
    if (rulesets === undefined) return undefined;
    const { ageMs = 0 } = held.rulesets.status();
    // Not all of it: its lines would be put together.
    const { version, digest } = rulesets.edition;
    return eventChunk(bookmarkText({ version, digest, floor: held.floor(), time: now(), ageMs }));
  }

  function close(client: StreamClient, reason: ClosingReason): void {
    outlet.close(client, eventChunk(closingText({ reason, retryAfterMs: Math.floor(random() * SPREAD_MS) })));
    gone(client);
  }

  function gone(client: StreamClient): void {
    outlet.remove(client);
    if (byInstance.get(client.instance) !== client) return;
    byInstance.delete(client.instance);
    counts[client.kind]--;
  }

  function revoke(): void {
    for (const client of outlet.members) if (!isAdmitted(client.record)) close(client, 'revoked');
  }

  madeNow();
  keys = eventsOf(held.keys.current(), keptKeys, 'keys');

  return {
    kept,
    open(client, position) {
      const before = byInstance.get(client.instance);
      if (before !== undefined) close(before, 'replaced');
      byInstance.set(client.instance, client);
      counts[client.kind]++;
      outlet.add(client);
      if (rulesets !== undefined && isBehind(position, rulesets.edition)) {
        outlet.send(client, rulesets.from(position?.digest));
        client.sent = rulesets.edition.digest;
      } else client.sent = position?.digest;
      const chunk = bookmarkChunk();
      if (chunk !== undefined) outlet.send(client, chunk);
      if (keys !== undefined && takesKeys(client)) outlet.send(client, keys.from(undefined));
    },
    gone,
    applied() {
      madeNow();
      if (rulesets === undefined) return;
      const { digest } = rulesets.edition;
      for (const client of outlet.members) {
        outlet.send(client, rulesets.from(client.sent));
        client.sent = digest;
      }
    },
    keysApplied() {
      const before = keys?.edition.digest;
      keys = eventsOf(held.keys.current(), keptKeys, 'keys');
      revoke();
      for (const client of outlet.members) if (keys && takesKeys(client)) outlet.send(client, keys.from(before));
    },
    bookmark() {
      // Keys end by the clock, too.
      revoke();
      outlet.cutStalled(now());
      const chunk = bookmarkChunk();
      if (chunk !== undefined) for (const client of outlet.members) outlet.send(client, chunk);
    },
    drain() {
      for (const client of outlet.members) close(client, 'draining');
    },
    count: (kind) => counts[kind],
    cut: outlet.cut,
  };
}

function eventsOf(
  ruleset: ReturnType<Held['rulesets']['current']>,
  kept: KeptEditions,
  event: 'ruleset' | 'keys',
): EditionEvents<Buffer> | undefined {
  if (ruleset === undefined) return undefined;
  const edition = editionOf(ruleset);
  kept.keep(edition);
  return createEditionEvents(edition, { event, linesOf: kept.linesOf, encode: eventChunk });
}

/** The hashes of all keys are for those who let others in by them. */
const takesKeys = ({ record }: StreamClient): boolean => record.kind === 'relay';

/** One that is ahead, since it was with another relay before, is left where it is. */
const isBehind = (position: Position | undefined, edition: Edition): boolean =>
  position === undefined || (position.version <= edition.version && !isSamePosition(position, edition));
