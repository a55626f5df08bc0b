/**
 * The streams of pages (OFREP 0.3, `eventStreams`): that it is time to ask again, and nothing of what changed. A page's `EventSource` has no
 * headers, so its address has a ticket in it (`event-tickets.ts`).
 */
import type { KeyRecord } from '#http/sdk-keys';
import { sseEvent } from '#http/sse-event';
import { positionOf, positionText, rulesetEtag } from '#ruleset/position';
import type { VerifiedRuleset } from '#ruleset/verify';
import { eventChunk } from './event-chunk.ts';
import type { Held } from './held.ts';
import { createOutlet, type Member } from './outlet.ts';

export interface PageClient extends Member {
  readonly record: KeyRecord;
}

export interface PageStreamsOptions {
  readonly held: Pick<Held, 'rulesets'>;
  /** Whether the key of a stream is still valid. */
  readonly isAdmitted: (record: KeyRecord) => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface PageStreams {
  /** Its head is written. Whoever does not come with the id of what is in force may have missed something, and is told at once. */
  open(client: PageClient, lastEventId: string | undefined): void;
  /** Its connection is gone. */
  gone(client: PageClient): void;
  applied(): void;
  /** Closes those whose key is no more valid. */
  keysApplied(): void;
  /** Proxies cut what is silent. */
  beat(): void;
  drain(): void;
  count(): number;
  cut(): number;
}

/** Those who are sent away come back within this time (milliseconds). */
const SPREAD_MS = 5_000;
const BEAT = eventChunk(':\n\n');
const NOTHING = Buffer.alloc(0);

export function createPageStreams({ held, isAdmitted, now, random }: PageStreamsOptions): PageStreams {
  const outlet = createOutlet<PageClient>();

  function keysApplied(): void {
    for (const client of outlet.members) if (!isAdmitted(client.record)) outlet.close(client, NOTHING);
  }

  return {
    open(client, lastEventId) {
      outlet.add(client);
      const ruleset = held.rulesets.current();
      const isNewest = ruleset && positionText(positionOf(ruleset.claims)) === lastEventId;
      outlet.send(client, ruleset && !isNewest ? eventChunk(refetchText(ruleset)) : BEAT);
    },
    gone: outlet.remove,
    applied() {
      const ruleset = held.rulesets.current();
      if (ruleset === undefined) return;
      const chunk = eventChunk(refetchText(ruleset));
      for (const client of outlet.members) outlet.send(client, chunk);
    },
    keysApplied,
    beat() {
      keysApplied();
      outlet.cutStalled(now());
      for (const client of outlet.members) outlet.send(client, BEAT);
    },
    drain() {
      for (const client of outlet.members) {
        outlet.close(client, eventChunk(`retry: ${500 + Math.floor(random() * SPREAD_MS)}\n\n`));
      }
    },
    count: () => outlet.members.size,
    cut: outlet.cut,
  };
}

/** Clients pass `etag` and `lastModified` on as they ask. */
const refetchText = ({ claims }: VerifiedRuleset): string =>
  sseEvent({
    event: 'message',
    id: positionText(positionOf(claims)),
    data: JSON.stringify({ type: 'refetchEvaluation', etag: rulesetEtag(claims), lastModified: claims.iat }),
  });
