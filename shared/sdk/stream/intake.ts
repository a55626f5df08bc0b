/**
 * What comes from an upstream, on its way into a cache: a delta on what is in force, a pointer to lines, a whole text. What was missed is
 * fetched whole, once for each version: an upstream that keeps sending what cannot be used must not be asked again and again.
 */
import type { RulesetCache, Taken } from '#ruleset/cache';
import { offerDelta } from '#ruleset/offer-delta';
import { rulesetEtag } from '#ruleset/position';
import {
  type RefusalCode,
  type RulesetCrypto,
  type RulesetRefusal,
  type VerifiedRuleset,
  verifyParts,
  verifyRuleset,
} from '#ruleset/verify';
import type { Result } from '#schema/result';
import type { Ending } from './reconnect.ts';
import type { BookmarkMessage, RulesetMessage } from './stream-message.ts';
import type { UpstreamRequests, Whole } from './upstream-requests.ts';

export interface IntakeOptions {
  readonly cache: RulesetCache;
  /** What the texts are signed for. */
  readonly environment: string;
  readonly crypto: RulesetCrypto;
  readonly requests: Pick<UpstreamRequests, 'whole' | 'lines'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Where the whole text is. */
  readonly path: string;
  /** Something else is in force, or the same under a signature that lasts longer. */
  applied(ruleset: VerifiedRuleset): void;
  /** A version was refused, and is not in force. */
  refused(refusal: RulesetRefusal, version: number): void;
}

export interface Intake {
  /** Takes what the stream says. */
  message(message: RulesetMessage): Promise<void>;
  /** The upstream's word on what this client ought to have. */
  bookmark(bookmark: BookmarkMessage): Promise<void>;
  /** Asks whether there is anything else; how the question failed, where it did. */
  poll(): Promise<Ending | undefined>;
}

export function createIntake(options: IntakeOptions): Intake {
  const { cache, environment, crypto, requests, now, path, applied, refused } = options;
  /** The version for which the whole was asked last. */
  let askedFor: string | undefined;
  /** When the whole that was asked for last did not come, where it did not. */
  let failedAt: number | undefined;
  /** The whole text that was refused last: lying there still, it is neither fetched nor refused again. */
  let refusedTag: string | undefined;

  /** Hands over to the cache, and tells what came of it; not of a refusal that only means that something was missed. */
  async function settle(
    offer: () => Promise<Result<Taken, RulesetRefusal>>,
    version: number,
    missed: readonly RefusalCode[] = [],
  ): Promise<RulesetRefusal | undefined> {
    const before = cache.current();
    const taken = await offer();
    if (!taken.ok) {
      if (!isNobodysFault(taken.error) && !missed.includes(taken.error.code)) refused(taken.error, version);
      return taken.error;
    }
    const current = cache.current();
    if (current !== undefined && current.header !== before?.header) applied(current);
    return undefined;
  }

  /** The same of what came on the stream; where that was not enough, the whole is fetched. */
  async function settleOrFetch(
    offer: () => Promise<Result<Taken, RulesetRefusal>>,
    message: RulesetMessage,
  ): Promise<void> {
    const refusal = await settle(offer, message.version, MISSED);
    if (refusal !== undefined && MISSED.includes(refusal.code)) await wholeOnce(message);
  }

  const isInForce = ({ version, digest }: { readonly version: number; readonly digest: string }): boolean => {
    const claims = cache.current()?.claims;
    return claims?.version === version && claims.sha256 === digest;
  };

  async function pointer(header: string, linesPath: string, message: RulesetMessage): Promise<void> {
    const current = cache.current();
    if (current !== undefined && message.version < current.claims.version) return;
    // Of the keys document there are no lines by digest.
    if (linesPath === path) return wholeOnce(message);
    const lines = current?.claims.sha256 === message.digest ? current.reader.lines : await linesAt(linesPath);
    if (lines === undefined) return wholeOnce(message);
    await settleOrFetch(async () => cache.take(await verifyParts(header, lines, environment, crypto)), message);
  }

  async function linesAt(linesPath: string): Promise<string | undefined> {
    const lines = await requests.lines(linesPath);
    return lines.ok ? lines.value : undefined;
  }

  async function wholeOnce({ version, digest }: { readonly version: number; readonly digest: string }): Promise<void> {
    const id = `${version}.${digest}`;
    const mayAskAgain = failedAt !== undefined && Math.abs(now() - failedAt) >= RETRY_MS;
    if (askedFor === id && !mayAskAgain) return;
    askedFor = id;
    // While it is asked nobody else asks.
    failedAt = undefined;
    const ending = await ask();
    if (ending !== undefined) failedAt = now();
  }

  async function ask(): Promise<Ending | undefined> {
    const asked = cache.current();
    const etag = asked && rulesetEtag(asked.claims);
    const found = await requests.whole(path, etag, refusedTag);
    if (!found.ok) return found.error;
    await take(found.value, asked);
    return undefined;
  }

  async function take(found: Whole, asked: VerifiedRuleset | undefined): Promise<void> {
    switch (found.kind) {
      case 'same':
        if (asked !== undefined) cache.confirm(asked.claims.version, found.ageMs);
        return;
      case 'refused-before':
        return;
      case 'text': {
        const verified = await verifyRuleset(found.text, environment, crypto);
        const version = verified.ok ? verified.value.claims.version : 0;
        const refusal = await settle(async () => cache.take(verified), version);
        if (refusal === undefined) cache.confirm(version, found.ageMs);
        refusedTag = refusal === undefined ? undefined : found.etag;
        return;
      }
      default:
        return found satisfies never;
    }
  }

  return {
    message(message) {
      const { content } = message;
      return 'delta' in content
        ? settleOrFetch(() => offerDelta(cache, content.delta, { environment, crypto }), message)
        : pointer(content.header, content.path, message);
    },
    async bookmark(bookmark) {
      if (isInForce(bookmark)) cache.confirm(bookmark.version, bookmark.ageMs);
      // One of an upstream that is behind says nothing of what is in force here.
      else if (bookmark.version >= (cache.current()?.claims.version ?? 1)) await wholeOnce(bookmark);
    },
    poll: ask,
  };
}

/** What did not come is asked for with the next bookmark, not with each message of an upstream that answers nothing. */
const RETRY_MS = 4_000;

const MISSED: readonly RefusalCode[] = ['wrong-base', 'wrong-digest'];

/** A late delivery, and a delta on what was missed, are no faults of the writer. */
const isNobodysFault = ({ code }: RulesetRefusal): boolean => code === 'older' || code === 'wrong-base';
