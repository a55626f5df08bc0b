/**
 * A region's ruleset: pushed by the channel, asked for by isolates, and fetched where neither was heard for a while. Whoever it cannot speak
 * for goes to Workers KV instead. Storage, clock and the channel come in.
 */
import type { RulesetCache } from '#ruleset/cache';
import { isSamePosition, type Position, positionOf } from '#ruleset/position';
import {
  type RulesetCrypto,
  type RulesetRefusal,
  type VerifiedRuleset,
  verifyParts,
  verifyRuleset,
} from '#ruleset/verify';
import type { Ack } from '#schema/acks';
import { ok, type Result } from '#schema/result';
import { BOOKMARK_INTERVAL_MS, MAX_REFUSAL_MESSAGE, SILENCE_MS } from '#schema/stream-limits';
import type { Revalidation } from '#sdk/edge/region-store';
import { createRecentDecisions } from './recent-decisions.ts';

/** The channel, as a region asks it. */
export interface HomePort {
  /** Undefined where there is nothing yet. */
  head(): Promise<(Position & { readonly header: string }) | undefined>;
  lines(digest: string): Promise<string | undefined>;
}

export interface RegionalDeps {
  readonly environment: string;
  readonly region: string;
  readonly crypto: RulesetCrypto;
  readonly cache: RulesetCache;
  readonly home: HomePort;
  /** Keeps the text across restarts. */
  readonly save: (text: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export interface RegionalRuleset {
  /** What was kept: it serves, and is nobody's word of now. */
  restore(text: string): Promise<void>;
  /** What the channel says. The answer is what the region then has in force. */
  push(text: string): Promise<Result<Position, RulesetRefusal>>;
  /** Rejects where the region has not heard of home for too long to speak for it. */
  revalidate(asked: Revalidation): Promise<string | 'unchanged' | null>;
  /** Asks home where nothing was heard of it for a while. Never rejects. */
  refresh(): Promise<void>;
  /** What the region has, for the board. */
  word(): Ack;
  /** When an isolate asked last (milliseconds since 1970). */
  askedAt(): number;
}

/** How long an isolate waits for a region that asks home first. */
const HOME_DEADLINE_MS = 300;

export function createRegionalRuleset(deps: RegionalDeps): RegionalRuleset {
  const { environment, region, crypto, cache, home, save, now, sleep } = deps;
  const decisions = createRecentDecisions(now);
  let heardAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  /** A clock that was set back makes nothing young. */
  const unheardMs = (): number => (now() < heardAt ? 1 / 0 : now() - heardAt);

  function take(verified: Result<VerifiedRuleset, RulesetRefusal>): Result<Position, RulesetRefusal> {
    const taken = cache.take(verified);
    if (!taken.ok) return taken;
    heardAt = now();
    const { claims, header, reader } = cache.current() as VerifiedRuleset;
    save(`${header}\n${reader.lines}`);
    return ok(positionOf(claims));
  }

  async function askHome(): Promise<void> {
    const head = await home.head();
    const claims = cache.current()?.claims;
    if (head === undefined) return;
    if (claims !== undefined && isSamePosition(head, positionOf(claims))) {
      heardAt = now();
      cache.confirm(claims.version);
      return;
    }
    const lines = await home.lines(head.digest);
    if (lines !== undefined) take(await verifyParts(head.header, lines, environment, crypto));
  }

  /** One question at a time; what becomes of it shows in `heardAt`. */
  function ask(): Promise<void> {
    asking ??= askHome()
      .catch(() => {})
      .finally(() => {
        asking = undefined;
      });
    return asking;
  }

  const refresh = async (): Promise<void> => {
    if (unheardMs() > BOOKMARK_INTERVAL_MS) await ask();
  };

  return {
    refresh,
    async restore(text) {
      await cache.offer(text);
    },
    push: async (text) => take(await verifyRuleset(text, environment, crypto)),
    async revalidate({ known, decisions: made }) {
      askedAt = now();
      decisions.add(made);
      const word = refresh();
      if (unheardMs() > SILENCE_MS) await Promise.race([word, sleep(HOME_DEADLINE_MS)]);
      if (unheardMs() > SILENCE_MS) throw new Error(`${region} has not heard of home`);
      const current = cache.current();
      if (current === undefined) return null;
      const { version, sha256, exp } = current.claims;
      const isKnown = version === known.version && sha256 === known.sha256 && exp <= known.exp;
      return isKnown || version < known.version ? 'unchanged' : `${current.header}\n${current.reader.lines}`;
    },
    word() {
      const { version = 0, digest = '', ageMs = 0, stale, lastRefusal } = cache.status();
      const { code, message = '' } = lastRefusal ?? {};
      return {
        ...{ instance: `pop-${region}`, kind: 'pop', region, cloud: 'cloudflare', version, digest, ageMs, stale },
        ...(code !== undefined && { error: { code, version, message: message.slice(0, MAX_REFUSAL_MESSAGE) } }),
        decisions: decisions.now(),
      };
    },
    askedAt: () => askedAt,
  };
}
