/**
 * The isolate's ruleset: taken from the store by the first request, served from memory afterwards, revalidated behind requests. Past
 * the staleness bound a request waits for one refresh, but never longer than the deadline.
 */
import type { CacheStatus, RulesetCache } from '#ruleset/cache';
import { isTextOf, type VerifiedRuleset } from '#ruleset/verify';
import type { Claims } from '#schema/claims';
import type { EdgeSettings } from './settings.ts';

/** Where rulesets are kept. */
export interface RulesetStore {
  /**
   * The text as it lies there, unverified; undefined where there is none. Rejects where the store cannot be reached. A store that compares
   * for itself says `UNCHANGED` where it has nothing but what is known.
   */
  read(known?: Known): Promise<string | typeof UNCHANGED | undefined>;
}

/** What is in force at whoever asks. */
export type Known = Pick<Claims, 'version' | 'sha256' | 'exp'>;

export const UNCHANGED = Symbol('unchanged');

/** A ruleset in force, and how long ago the store last gave or confirmed it. */
export interface Served {
  readonly ruleset: VerifiedRuleset;
  readonly ageMs: number;
  readonly stale: boolean;
}

export interface RulesetSource {
  /** What is in force, at once, while the store's last word on it is young; undefined where it is time to ask again. */
  young(): Served | undefined;
  /** What is in force; undefined where none was ever received. `behind` takes work that outlives the answer. */
  current(behind: (work: Promise<unknown>) => void): Promise<VerifiedRuleset | undefined>;
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
  /** When the store was last asked, and what it has not answered yet. */
  let askedAt = Number.NEGATIVE_INFINITY;
  let pending: Promise<void> | undefined;
  /** What was refused last: lying there still, it is neither verified nor counted again. */
  let refused: string | undefined;
  let storeErrors = 0;

  async function refresh(): Promise<void> {
    try {
      const known = cache.current()?.claims;
      const text = await store.read(known);
      const current = cache.current();
      if (text === undefined) {
        // What was there is gone: no reason to stop serving it, but somebody should know.
        if (current !== undefined) storeErrors++;
      } else if (text === UNCHANGED) {
        if (known !== undefined) cache.confirm(known.version);
      } else if (current !== undefined && isTextOf(text, current)) {
        cache.confirm(current.claims.version);
      } else if (text !== refused) {
        refused = (await cache.offer(text)).ok ? undefined : text;
      }
    } catch {
      // The store is out of reach: what is in memory goes on serving, and its age tells.
      storeErrors++;
    }
    pending = undefined;
  }

  /** A clock that was set back puts nothing off. */
  const isDue = (pause: number): boolean => now() < askedAt || now() - askedAt > pause;

  function ask(behind: (work: Promise<unknown>) => void): void {
    askedAt = now();
    pending = refresh();
    behind(pending);
  }

  /** Without a ruleset, those who ask at the same time wait for one read together; who comes after a fruitless one does not. */
  async function first(behind: (work: Promise<unknown>) => void): Promise<void> {
    if (isDue(RETRY_AFTER_MS)) ask(behind);
    await word();
  }

  /** Waits for what the store answers. It may be another request that asked, and that one can be ended: everybody has a timer. */
  async function word(): Promise<void> {
    const asked = pending;
    if (asked === undefined || now() - askedAt >= REFRESH_DEADLINE_MS) return;
    await Promise.race([asked, after(REFRESH_DEADLINE_MS)]);
    // Waited for in vain, it is waited for no more.
    if (pending === asked) pending = undefined;
  }

  return {
    young() {
      const { ageMs, stale } = cache.status();
      const ruleset = cache.current();
      return ruleset && ageMs !== undefined && ageMs <= revalidateAfterMs ? { ruleset, ageMs, stale } : undefined;
    },
    async current(behind) {
      const { ageMs = Number.POSITIVE_INFINITY } = cache.status();
      if (ageMs <= revalidateAfterMs) return cache.current();
      if (cache.current() === undefined) {
        await first(behind);
      } else {
        if (isDue(revalidateAfterMs)) ask(behind);
        if (ageMs > staleAfterMs) await word();
      }
      return cache.current();
    },
    status: () => ({ ...cache.status(), storeErrors }),
  };
}

const after = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
