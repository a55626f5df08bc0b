/** The instance's view: read by the first event that needs it, kept between events, read again when it is old. */
import type { RulesetCache } from '#ruleset/cache';
import { isTextOf, type VerifiedRuleset } from '#ruleset/verify';
import { MAX_VIEW } from '#schema/limits';

export interface ViewStore {
  /** Rejects where the store does not give it. */
  read(): Promise<string | undefined>;
}

export interface ViewSource {
  /** One read at most; what is kept where that fails; undefined where nothing ever came. */
  current(): Promise<VerifiedRuleset | undefined>;
  /** Why the last read gave nothing that could be used; undefined where it did. */
  lastFault(): string | undefined;
  /** Reads that gave no view at all. */
  storeErrors(): number;
}

const RETRY_AFTER_MS = 1_000;

/** `now` stands still within an event: EdgeWorkers' clock does. */
export function createViewSource(
  store: ViewStore,
  cache: RulesetCache,
  now: () => number,
  revalidateAfterMs: number,
): ViewSource {
  /** When an event last asked for something newer, and when one last asked in vain. */
  let askedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let fault: string | undefined;
  let storeErrors = 0;

  async function refresh(): Promise<void> {
    fault = await store.read().then(take, notGiven);
    if (fault !== undefined) failedAt = now();
  }

  async function take(text: string | undefined): Promise<string | undefined> {
    if (text === undefined) return notGiven('missing');
    if (text.length > MAX_VIEW) return notGiven(`over ${MAX_VIEW} bytes`);
    const current = cache.current();
    if (current !== undefined && isTextOf(text, current)) {
      cache.confirm(current.claims.version);
      return undefined;
    }
    const taken = await cache.offer(text);
    return taken.ok ? undefined : taken.error.code;
  }

  function notGiven(reason: unknown): string {
    storeErrors++;
    return reason instanceof Error ? reason.message : String(reason);
  }

  /** A clock that was set back puts nothing off. */
  const isOver = (since: number, pause: number): boolean => now() < since || now() - since > pause;

  return {
    async current() {
      const { ageMs = Number.POSITIVE_INFINITY } = cache.status();
      if (cache.current() === undefined) {
        // Each event asks for itself: a sub-request of another's may never come back once that one has ended.
        if (isOver(failedAt, RETRY_AFTER_MS)) await refresh();
      } else if (ageMs > revalidateAfterMs && isOver(askedAt, RETRY_AFTER_MS)) {
        askedAt = now();
        await refresh();
      }
      return cache.current();
    },
    lastFault: () => fault,
    storeErrors: () => storeErrors,
  };
}
