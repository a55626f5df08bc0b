/** One kind of document, in memory and on the disk: rulesets, or keys. */
import { createRulesetCache, type RulesetCache } from '#ruleset/cache';
import { createGenerations } from '#ruleset/generations';
import type { Fault, RulesetReader } from '#ruleset/reader';
import type { RulesetCrypto, VerifiedRuleset } from '#ruleset/verify';
import { ok } from '#schema/result';
import type { Disk } from '#sdk/node/disk';
import { createLkgStore, type LkgStatus } from '#sdk/node/lkg-store';
import type { Nack } from '#sdk/stream/ack';
import type { Clock } from '#sdk/stream/clock';

export interface ShelfOptions {
  /** What the documents are signed for. */
  readonly environment: string;
  readonly crypto: RulesetCrypto;
  readonly clock: Clock;
  /** Undefined where nothing is kept. */
  readonly disk: Disk | undefined;
  readonly soakMs: number;
  readonly staleAfterMs: number;
  /** What is wrong with an entry. */
  readonly faultIn?: (reader: RulesetReader) => Fault | undefined;
}

export interface Shelf {
  readonly cache: RulesetCache;
  /** Puts in force what the disk has; what its forerunners crashed with, where that is kept out. */
  start(): Promise<Nack | undefined>;
  /** To be told what is in force. */
  inForce(ruleset: VerifiedRuleset): void;
  disk(): LkgStatus | undefined;
  close(): Promise<void>;
}

export function createShelf(options: ShelfOptions): Shelf {
  const { environment, crypto, clock, disk, soakMs, staleAfterMs, faultIn } = options;
  const generations = createGenerations({ now: clock.now, soakMs });
  const store = disk && createLkgStore({ disk, environment, crypto, clock, generations });

  function fault(reader: RulesetReader): Fault | undefined {
    const message = store?.barred(reader.version);
    return message === undefined ? faultIn?.(reader) : { key: 'version', message };
  }

  const cache = createRulesetCache({ environment, crypto, now: clock.now, staleAfterMs, generations, faultIn: fault });

  return {
    cache,
    async start() {
      if (store === undefined) return undefined;
      const { ruleset, nack } = await store.start();
      if (ruleset !== undefined && cache.take(ok(ruleset)).ok) {
        // Home may have confirmed it since, but nobody here knows.
        cache.confirm(ruleset.claims.version, Math.max(0, clock.now() - ruleset.claims.iat * 1_000));
      }
      return nack;
    },
    inForce: (ruleset) => store?.inForce(ruleset),
    disk: () => store?.status(),
    close: async () => store?.close(),
  };
}
