/**
 * A cache of which what was in force before the upstream spoke counts as stale: last-known-good from a disk may be of any age, and is served
 * all the same.
 */
import type { CacheStatus, RulesetCache } from '#ruleset/cache';

export interface HeardCache extends RulesetCache {
  /** Whether the upstream ever gave or confirmed what is in force. */
  isHeard(): boolean;
}

/** To be handed to the upstream, once `cache` holds what was kept. */
export function untilHeard(cache: RulesetCache): HeardCache {
  let isHeard = false;
  return {
    ...cache,
    isHeard: () => isHeard,
    async offer(ruleset) {
      const taken = await cache.offer(ruleset);
      isHeard ||= taken.ok;
      return taken;
    },
    take(verified) {
      const taken = cache.take(verified);
      isHeard ||= taken.ok;
      return taken;
    },
    confirm(version, ageMs) {
      cache.confirm(version, ageMs);
      isHeard ||= version === cache.current()?.claims.version;
    },
    status(): CacheStatus {
      const status = cache.status();
      return isHeard || status.version === undefined ? status : { ...status, ageMs: undefined, stale: true };
    },
  };
}
