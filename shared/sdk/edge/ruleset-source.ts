/**
 * The isolate's ruleset: taken from the store by the first request, served from memory afterwards, revalidated behind requests. Past
 * the staleness bound a request waits for one refresh, but never longer than the deadline.
 */
import type { CacheStatus, RulesetCache } from '#ruleset/cache';
import type { VerifiedRuleset } from '#ruleset/verify';
import type { EdgeSettings } from './settings.ts';

/** Where rulesets are kept. */
export interface RulesetStore {
  /** The text as it lies there, unverified; undefined where there is none. Rejects where the store cannot be reached. */
  read(): Promise<string | undefined>;
}

export interface RulesetSource {
  /** What is in force; undefined where none was ever received. `behind` takes work that outlives the answer. */
  current(behind: (work: Promise<unknown>) => void): Promise<VerifiedRuleset | undefined>;
  /** Whether no word came from the store for too long. */
  stale(): boolean;
  status(): CacheStatus & { readonly storeErrors: number };
}

const REFRESH_DEADLINE_MS = 500;
const RETRY_AFTER_MS = 1_000;

export function createRulesetSource(
  { revalidateAfterMs, staleAfterMs }: Pick<EdgeSettings, 'revalidateAfterMs' | 'staleAfterMs'>,
  store: RulesetStore,
  cache: RulesetCache,
  now: () => number,
): RulesetSource {
  /** When the last refresh began; a promise of another request must not be awaited in a Worker, so only its time is shared. */
  let refreshingSince = Number.NEGATIVE_INFINITY;
  /** When the store last gave nothing to serve, or no answer in time: requests that come right after do not all ask and wait again. */
  let emptyAt = Number.NEGATIVE_INFINITY;
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
    }
  }

  return {
    async current(behind) {
      const { ageMs = Number.POSITIVE_INFINITY } = cache.status();
      if (ageMs <= revalidateAfterMs) return cache.current();
      const isFirst = cache.current() === undefined;
      if (isFirst ? now() - emptyAt > RETRY_AFTER_MS : now() - refreshingSince > revalidateAfterMs) {
        const work = refresh();
        behind(work);
        if (isFirst || ageMs > staleAfterMs) await Promise.race([work, after(REFRESH_DEADLINE_MS)]);
        if (cache.current() === undefined) emptyAt = now();
      }
      return cache.current();
    },
    stale: () => cache.status().stale,
    status: () => ({ ...cache.status(), storeErrors }),
  };
}

const after = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
