/**
 * The isolate's ruleset: taken from the store by the first request, served from memory afterwards, revalidated behind requests. Past
 * the staleness bound a request waits for one refresh, but never longer than the deadline.
 */

import { createKvReader, type KvBinding, type RulesetStore } from '#edgekv/cloudflare/kv-reader';
import { type CacheStatus, createRulesetCache, type RulesetCache } from '#ruleset/cache';
import type { VerifiedRuleset } from '#ruleset/verify';
import { createWebCrypto, type Subtle } from '#ruleset/web-crypto';
import type { EdgeConfig } from './config.ts';

export interface RulesetSource {
  /** What is in force; undefined where none was ever received. `behind` takes work that outlives the answer. */
  current(behind: (work: Promise<unknown>) => void): Promise<VerifiedRuleset | undefined>;
  status(): CacheStatus & { readonly storeErrors: number };
}

const REFRESH_DEADLINE_MS = 500;
const RETRY_AFTER_MS = 1_000;

export function createRulesetSource(
  config: EdgeConfig,
  store: RulesetStore,
  cache: RulesetCache,
  now: () => number,
): RulesetSource {
  /** When the last refresh began; a promise of another request must not be awaited in a Worker, so only its time is shared. */
  let refreshingSince = Number.NEGATIVE_INFINITY;
  /** When the store last failed: without a ruleset, requests that come at once do not all ask it again. */
  let failedAt = Number.NEGATIVE_INFINITY;
  let storeErrors = 0;

  async function refresh(): Promise<void> {
    refreshingSince = now();
    try {
      const text = await store.read();
      const current = cache.current();
      if (text === undefined) {
        // What was there is gone: no reason to stop serving it, but somebody should know.
        if (current !== undefined) storeErrors++;
      } else if (current !== undefined && text.startsWith(`${current.header}\n`)) {
        cache.confirm(current.claims.version);
      } else {
        await cache.offer(text);
      }
    } catch {
      // The store is out of reach: what is in memory goes on serving, and its age tells.
      storeErrors++;
      failedAt = now();
    }
  }

  return {
    async current(behind) {
      const { ageMs = Number.POSITIVE_INFINITY } = cache.status();
      if (ageMs <= config.revalidateAfterMs) return cache.current();
      const isFirst = cache.current() === undefined;
      if (isFirst ? now() - failedAt > RETRY_AFTER_MS : now() - refreshingSince > config.revalidateAfterMs) {
        const work = refresh();
        behind(work);
        if (isFirst || ageMs > config.staleAfterMs) await Promise.race([work, after(REFRESH_DEADLINE_MS)]);
      }
      return cache.current();
    },
    status: () => ({ ...cache.status(), storeErrors }),
  };
}

const after = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function createKvSource(config: EdgeConfig, binding: KvBinding): RulesetSource {
  const now = (): number => Date.now();
  const cache = createRulesetCache({
    environment: config.environment,
    crypto: createWebCrypto(crypto.subtle as Subtle, config.publicKeys),
    now,
    staleAfterMs: config.staleAfterMs,
    keep: 0,
    check: 'lines',
  });
  return createRulesetSource(config, createKvReader(binding, config.environment), cache, now);
}
