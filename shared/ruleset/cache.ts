/**
 * The ruleset in force. One object owns monotonic versions, refusals and age; edge, relay and SDK use it unchanged. The clock is injected;
 * last-known-good has no expiry.
 */
import type { Claims } from '#schema/claims';
import type { Result } from '#schema/result';
import type { Generation, Generations } from './generations.ts';
import type { Fault, RulesetReader } from './reader.ts';
import { succeeds } from './succession.ts';
import { type RulesetCrypto, type RulesetRefusal, type VerifiedRuleset, verifyRuleset } from './verify.ts';

export interface RulesetCacheOptions {
  readonly environment: string;
  readonly crypto: RulesetCrypto;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Without word from the source for longer than this, what is served is STALE (milliseconds). */
  readonly staleAfterMs: number;
  /** Told what comes into force. An isolate that has nowhere to step back to has none. */
  readonly generations?: Generations;
  /** What is wrong with an entry (relays: each is decoded before a ruleset is taken). At the edge each is at its first use. */
  readonly faultIn?: (reader: RulesetReader) => Fault | undefined;
}

export type Taken = 'newer' | 'same';

export interface CacheStatus {
  readonly version: number | undefined;
  readonly digest: string | undefined;
  /** Milliseconds since the source last gave or confirmed what is served; undefined before it ever did. */
  readonly ageMs: number | undefined;
  readonly stale: boolean;
  readonly expired: boolean;
  readonly refusals: number;
  readonly lastRefusal: (RulesetRefusal & { readonly at: number }) | undefined;
  /** Good and bad rulesets keep taking turns: somebody should look at the writer. */
  readonly flapping: boolean;
}

export interface RulesetCache {
  /** Takes a whole ruleset, or refuses it and leaves everything as it is. */
  offer(ruleset: string): Promise<Result<Taken, RulesetRefusal>>;
  /** The same of one that was verified, or refused, before. */
  take(verified: Result<VerifiedRuleset, RulesetRefusal>): Result<Taken, RulesetRefusal>;
  /** The source says that this version is still the newest, or was so long ago where it only passes that on (milliseconds). */
  confirm(version: number, ageMs?: number): void;
  current(): VerifiedRuleset | undefined;
  status(): CacheStatus;
}

const FLAP_WINDOW_MS = 600_000;
const FLAP_TURNS = 3;

export function createRulesetCache(options: RulesetCacheOptions): RulesetCache {
  const { environment, crypto, now, staleAfterMs, generations, faultIn } = options;
  let inForce: Generation | undefined;
  let confirmedAt: number | undefined;
  let refusals = 0;
  let lastRefusal: CacheStatus['lastRefusal'];
  /** When the source turned from good to bad or back. */
  let turns: readonly number[] = [];
  let lastWasGood = true;

  function note(isGood: boolean): void {
    if (isGood !== lastWasGood) turns = [...turns.slice(1 - FLAP_TURNS), now()];
    lastWasGood = isGood;
  }

  function refuse(error: RulesetRefusal): Result<Taken, RulesetRefusal> {
    refusals++;
    lastRefusal = { ...error, at: now() };
    // A late delivery, and a delta on what was missed, are no faults of the writer.
    if (error.code !== 'older' && error.code !== 'wrong-base') note(false);
    return { ok: false, error };
  }

  /** No await between the comparison and the replacement: the version is checked at that very moment. */
  function replace(next: VerifiedRuleset): Result<Taken, RulesetRefusal> {
    const verdict = succeeds(next, inForce?.ruleset);
    if (!verdict.ok) return refuse(verdict.error);
    inForce =
      inForce !== undefined && verdict.value === 'same' ? resigned(inForce, next) : { ruleset: next, since: now() };
    generations?.replace(inForce);
    confirmedAt = now();
    note(true);
    return verdict;
  }

  function take(verified: Result<VerifiedRuleset, RulesetRefusal>): Result<Taken, RulesetRefusal> {
    if (!verified.ok) return refuse(verified.error);
    const fault = faultIn?.(verified.value.reader);
    if (fault !== undefined) return refuse({ code: 'bad-entries', message: `${fault.key}: ${fault.message}` });
    return replace(verified.value);
  }

  return {
    offer: async (ruleset) => take(await verifyRuleset(ruleset, environment, crypto)),
    take,
    confirm(version, ageMs = 0) {
      if (version === inForce?.ruleset.claims.version) confirmedAt = now() - ageMs;
    },
    current: () => inForce?.ruleset,
    status() {
      // A clock that was set back must not make what is served look young until it has caught up.
      if (confirmedAt !== undefined) confirmedAt = Math.min(confirmedAt, now());
      const claims = inForce?.ruleset.claims;
      const ageMs = confirmedAt === undefined ? undefined : now() - confirmedAt;
      const expired = claims !== undefined && isExpired(claims, now());
      return {
        version: claims?.version,
        digest: claims?.sha256,
        ageMs,
        stale: expired || (ageMs !== undefined && ageMs > staleAfterMs),
        expired,
        refusals,
        lastRefusal,
        flapping: turns.length >= FLAP_TURNS && now() - (turns[0] as number) <= FLAP_WINDOW_MS,
      };
    },
  };
}

const isExpired = ({ exp }: Claims, now: number): boolean => now >= exp * 1_000;

/** The same lines under another signature: what was decoded stays, and of the two the one that lasts longer. */
const resigned = ({ ruleset, since }: Generation, next: VerifiedRuleset): Generation => ({
  ruleset: next.claims.exp > ruleset.claims.exp ? { ...next, reader: ruleset.reader } : ruleset,
  since,
});
