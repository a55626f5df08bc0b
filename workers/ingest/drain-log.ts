/**
 * Empties an inbox's log into the cohort shards. At least once: what a shard has taken is deleted afterwards, and sent again where a
 * crash came between; the shard knows it by its number. One shard that is down, or one part that it cannot take, stops no other.
 */
import { backoff } from './backoff.ts';
import type { Applied, LoggedPart } from './cohort-shard.ts';
import { forgetApplied, noteRefusal, readLog, waitingShards } from './inbox-log.ts';

/** Parts of one call: some megabytes at most. The more at once, the fewer times a page of the shard's is written. */
const PARTS_AT_ONCE = 32;
/** How long one run may go on before others get their turn. */
const RUN_MS = 5_000;

export interface ShardPort {
  take(source: string, parts: readonly LoggedPart[]): Promise<Applied>;
}

export interface DrainOptions {
  readonly storage: DurableObjectStorage;
  /** The inbox's name among the shards. */
  readonly source: string;
  shard(shard: number): ShardPort;
  now(): number;
  /** From 0 up to 1. */
  random(): number;
}

export interface Drain {
  /** Never rejects. In how many milliseconds to run again; undefined where the log is empty. */
  run(): Promise<number | undefined>;
}

export function createDrain({ storage, source, shard, now, random }: DrainOptions): Drain {
  const { sql } = storage;
  /** In a row, by shard. */
  const failures = new Map<number, number>();

  /** Whether all is well: nothing is left, or there was no more time. */
  async function feed(number: number, until: number): Promise<boolean> {
    for (;;) {
      const parts = readLog(sql, number, PARTS_AT_ONCE);
      if (parts.length === 0) return true;
      const { applied, refused } = await shard(number).take(source, parts);
      const next = parts.find(({ sequence }) => sequence > applied);
      const isAside = storage.transactionSync(() => {
        forgetApplied(sql, number, applied);
        return refused !== undefined && next !== undefined && noteRefusal(sql, next.sequence, refused);
      });
      if (isAside) console.error(`shard ${number} refused a part, which is put aside: ${refused}`);
      else if (refused !== undefined) return false;
      if (now() >= until) return true;
    }
  }

  async function tryToFeed(number: number, until: number): Promise<void> {
    const isWell = await feed(number, until).catch((error: unknown) => {
      console.error(`shard ${number}: ${error instanceof Error ? error.message : error}`);
      return false;
    });
    if (isWell) failures.delete(number);
    else failures.set(number, (failures.get(number) ?? 0) + 1);
  }

  return {
    async run() {
      const until = now() + RUN_MS;
      await Promise.all(waitingShards(sql).map((number) => tryToFeed(number, until)));
      const waiting = waitingShards(sql);
      if (waiting.length === 0) return undefined;
      return Math.min(...waiting.map((number) => backoff(failures.get(number) ?? 0, random())));
    },
  };
}
