/**
 * What an instance holds of an item of EdgeKV, its view or the keys document: read by the first event that needs it, kept between events,
 * read again when it is old.
 */
import type { CacheStatus, RulesetCache } from '#ruleset/cache';
import { isTextOf, type RulesetRefusal, refusal, type VerifiedRuleset } from '#ruleset/verify';
import { MAX_VIEW } from '#schema/limits';
import type { Result } from '#schema/result';

export interface ViewStore {
  /** Rejects where the store does not give it. */
  read(): Promise<string | undefined>;
}

/** The highest version that an instance ever took: who holds it holds it longer than the view. */
export interface HighestVersion {
  version: number;
}

export interface ViewSourceOptions {
  readonly store: ViewStore;
  readonly cache: RulesetCache;
  readonly verify: (text: string) => Promise<Result<VerifiedRuleset, RulesetRefusal>>;
  readonly highest: HighestVersion;
  /** Stands still within an event: EdgeWorkers' clock does. */
  readonly now: () => number;
  readonly revalidateAfterMs: number;
  /** How long nobody asks where the store has nothing; a second, as after any failure, where it is not said. */
  readonly retryMissingMs?: number;
}

export interface CurrentView {
  /** What is kept where a read fails; undefined where nothing ever came. */
  readonly view: VerifiedRuleset | undefined;
  /** Why this event's own read gave nothing that could be used; undefined where it did, or asked nothing. */
  readonly fault: string | undefined;
}

export interface ViewSource {
  /** One read at most. */
  current(): Promise<CurrentView>;
  status(): ViewStatus;
}

export interface ViewStatus extends CacheStatus {
  /** Reads that gave nothing at all. */
  readonly storeErrors: number;
  /** Why the last read gave nothing that could be used; undefined where it did. */
  readonly lastFault: string | undefined;
}

/** The fault of a read that found no such item. */
export const MISSING = 'missing';

const RETRY_AFTER_MS = 1_000;

export function createViewSource(options: ViewSourceOptions): ViewSource {
  const { store, cache, verify, highest, now, revalidateAfterMs, retryMissingMs = RETRY_AFTER_MS } = options;
  /** When an event last asked for something newer, and when one last asked in vain. */
  let askedAt = -1 / 0;
  let failedAt = -1 / 0;
  let lastFault: string | undefined;
  let storeErrors = 0;

  async function refresh(): Promise<string | undefined> {
    askedAt = now();
    const fault = await store.read().then(take).catch(notGiven);
    if (fault !== undefined) failedAt = now();
    lastFault = fault;
    return fault;
  }

  async function take(text: string | undefined): Promise<string | undefined> {
    if (text === undefined) return notGiven(MISSING);
    if (text.length > MAX_VIEW) return notGiven(`over ${MAX_VIEW} bytes`);
    const current = cache.current();
    if (current !== undefined && isTextOf(text, current)) {
      cache.confirm(current.claims.version);
      return undefined;
    }
    const taken = cache.take(notOlder(await verify(text)));
    if (!taken.ok) return taken.error.code;
    highest.version = cache.status().version ?? highest.version;
    return undefined;
  }

  /** The cache knows what it holds, and not what the platform took away with an earlier one. */
  function notOlder(verified: Result<VerifiedRuleset, RulesetRefusal>): typeof verified {
    if (!verified.ok || verified.value.claims.version >= highest.version) return verified;
    return refusal('older', `version ${verified.value.claims.version} is older than ${highest.version}`);
  }

  function notGiven(reason: unknown): string {
    storeErrors++;
    return reason instanceof Error ? reason.message : String(reason);
  }

  /** A clock that was set back puts nothing off. */
  const isOver = (since: number, pause: number): boolean => now() < since || now() - since > pause;

  function isDue(): boolean {
    const { ageMs = 1 / 0, stale } = cache.status();
    if (ageMs <= revalidateAfterMs) return false;
    // With nothing, or past the bound, each event asks for itself: a sub-request of another's may never come back once that one has
    // ended, and who goes on with what is held would be told something else than who asked.
    const hasNothing = cache.current() === undefined;
    const since = hasNothing || stale ? failedAt : askedAt;
    return isOver(since, hasNothing && lastFault === MISSING ? retryMissingMs : RETRY_AFTER_MS);
  }

  return {
    async current() {
      const fault = isDue() ? await refresh() : undefined;
      return { view: cache.current(), fault };
    },
    status: () => ({ ...cache.status(), storeErrors, lastFault }),
  };
}
