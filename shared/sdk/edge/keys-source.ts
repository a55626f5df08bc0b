/**
 * The isolate's keys document: revalidated behind requests, and before an answer once too long ago, so that a revoked key stops. What is
 * held goes on counting where the store is dark. Where there is no document nobody waits for one, but for an isolate's first request.
 */
import { type CacheStatus, createRulesetCache } from '#ruleset/cache';
import { keysEnvironment } from '#ruleset/keys-environment';
import type { RulesetReader } from '#ruleset/reader';
import type { RulesetCrypto } from '#ruleset/verify';
import { createRulesetSource, type RulesetStore } from './ruleset-source.ts';

/**
 * Of the 60 s in which a revoked key stops, Workers KV takes up to 30 (a location keeps what it read, `edgekv/cloudflare/kv-reader.ts`):
 * with these 20 there are 10 for control and publisher.
 */
export const KEYS_BOUND_MS = 20_000;
export const KEYS_REVALIDATE_MS = 10_000;

export interface KeysSource {
  /** The clock by which keys end (milliseconds since 1970). */
  now(): number;
  /** What is in force; undefined where no document was ever received. */
  document(): RulesetReader | undefined;
  /** Whether answers may go by it without a look at the store. */
  isYoung(): boolean;
  /** Has the store asked where that is due, and waits for it where that is needed. */
  refreshed(behind: (work: Promise<unknown>) => void): Promise<void>;
  /** Whether the store ever said which keys there are, or that there is no document. */
  isKnown(): boolean;
  status(): CacheStatus & { readonly storeErrors: number };
}

export interface KeysSourceOptions {
  /** Of the rulesets. */
  readonly environment: string;
  readonly crypto: RulesetCrypto;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function createKeysSource(store: RulesetStore, { environment, crypto, now }: KeysSourceOptions): KeysSource {
  const cache = createRulesetCache({
    environment: keysEnvironment(environment),
    crypto,
    now,
    staleAfterMs: KEYS_BOUND_MS,
  });
  /** When the store last said that there is none. */
  let absentAt: number | undefined;
  let hasWaited = false;

  async function read(): ReturnType<RulesetStore['read']> {
    const text = await store.read();
    if (text === undefined) absentAt = now();
    return text;
  }
  const times = { revalidateAfterMs: KEYS_REVALIDATE_MS, staleAfterMs: KEYS_BOUND_MS };
  const source = createRulesetSource(times, { read }, cache, now);
  const document = (): RulesetReader | undefined => cache.current()?.reader;

  return {
    now,
    document,
    isYoung() {
      if (document() !== undefined) return source.young() !== undefined;
      // A clock that was set back puts nothing off.
      return absentAt !== undefined && now() >= absentAt && now() - absentAt <= KEYS_REVALIDATE_MS;
    },
    async refreshed(behind) {
      const work = source.current(behind);
      if (document() === undefined && hasWaited) return behind(work);
      await work;
      hasWaited = true;
    },
    isKnown: () => document() !== undefined || absentAt !== undefined,
    status: source.status,
  };
}
