/** The instance's view: read by the first event that needs it, kept between events, read again when it is old. */
import type { RulesetCache } from '#ruleset/cache';
import type { VerifiedRuleset } from '#ruleset/verify';

export interface ViewStore {
  /** Rejects where the store does not give it. */
  read(): Promise<string | undefined>;
}

export interface ViewSource {
  /** One read at most; what is kept where that fails; undefined where nothing ever came. */
  current(): Promise<VerifiedRuleset | undefined>;
  /** Of the last read that failed or was refused. */
  lastFault(): string | undefined;
}

const RETRY_AFTER_MS = 1_000;

/** `now` stands still within an event: EdgeWorkers' clock does. */
export function createViewSource(
  store: ViewStore,
  cache: RulesetCache,
  now: () => number,
  revalidateAfterMs: number,
): ViewSource {
  let triedAt = Number.NEGATIVE_INFINITY;
  let fault: string | undefined;

  async function refresh(): Promise<string | undefined> {
    try {
      const text = await store.read();
      const current = cache.current();
      if (text === undefined) return 'missing';
      if (current !== undefined && text.startsWith(`${current.header}\n`)) {
        cache.confirm(current.claims.version);
        return undefined;
      }
      const taken = await cache.offer(text);
      return taken.ok ? undefined : taken.error.code;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  return {
    async current() {
      const { ageMs = Number.POSITIVE_INFINITY } = cache.status();
      const isDue = ageMs > revalidateAfterMs && now() - triedAt > RETRY_AFTER_MS;
      if (isDue) {
        triedAt = now();
        fault = await refresh();
      }
      return cache.current();
    },
    lastFault: () => fault,
  };
}
