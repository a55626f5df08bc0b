/**
 * Empties an inbox's log into the cohort shards. At least once: what a shard has taken is deleted afterwards, and sent again where a
 * crash came between; the shard knows it by its number. One shard that is down, or one part that it cannot take, stops no other.
 */
import { backoff } from './backoff.ts';
import type { Applied, LoggedPart } from './cohort-shard.ts';
import { forgetApplied, noteRefusal, readLog, waitingShards } from './inbox-log.ts';
import { within } from './within.ts';

/** Parts of one call: some megabytes at most. The more at once, the fewer times a page of the shard's is written. */
const PARTS_AT_ONCE = 32;
/** How long one run may go on before others get their turn. */
const RUN_MS = 5_000;
/** What takes longer is sent again: should the shard have taken it, or take it yet, it knows it by its number. */
const TAKE_MS = 10_000;

export interface ShardPort {
  take(source: string, parts: readonly LoggedPart[]): Promise<Applied>;
}

export interface DrainOptions {
  readonly storage: DurableObjectStorage;
  /** The inbox's name among the shards. */
  readonly source: string;
  shard(shard: number): ShardPort;
  readonly takeMs?: number;
  now(): number;
  /** From 0 up to 1. */
  random(): number;
}

export interface Drain {
  /**
   * Feeds shards that something waits for and that no other run feeds: one that hangs keeps none waiting. Never rejects. In how many
   * milliseconds to run again; undefined where nothing is left that this run is to see to.
   */
  run(): Promise<number | undefined>;
  /** Whether a shard is being fed. */
  isFeeding(): boolean;
}

export function createDrain({ storage, source, shard, takeMs = TAKE_MS, now, random }: DrainOptions): Drain {
  const { sql } = storage;
  /** In a row, by shard. */
  const failures = new Map<number, number>();
  const beingFed = new Set<number>();
  const idleShards = (): number[] => waitingShards(sql).filter((number) => !beingFed.has(number));

  /** Whether all is well: nothing is left, or there was no more time. */
  async function feed(number: number, until: number): Promise<boolean> {
    for (;;) {
      const parts = readLog(sql, number, PARTS_AT_ONCE);
      const last = parts.at(-1);
      if (last === undefined) return true;
      const { applied, refused } = await within(takeMs, shard(number).take(source, parts));
      const next = parts.find(({ sequence }) => sequence > applied);
      const isAside = storage.transactionSync(() => {
        // Whatever it says: what it was not sent is not counted perhaps.
        forgetApplied(sql, number, Math.min(applied, last.sequence));
        return refused !== undefined && next !== undefined && noteRefusal(sql, next.sequence, refused);
      });
      if (isAside) console.error(`shard ${number} refused a part, which is put aside: ${refused}`);
      else if (refused !== undefined) return false;
      if (now() >= until) return true;
    }
  }

  async function tryToFeed(number: number, until: number): Promise<void> {
    beingFed.add(number);
    const isWell = await feed(number, until).catch((error: unknown) => {
      console.error(`shard ${number}: ${error instanceof Error ? error.message : error}`);
      return false;
    });
    beingFed.delete(number);
    if (isWell) failures.delete(number);
    else failures.set(number, (failures.get(number) ?? 0) + 1);
  }

  return {
    isFeeding: () => beingFed.size > 0,
    async run() {
      const until = now() + RUN_MS;
      await Promise.all(idleShards().map((number) => tryToFeed(number, until)));
      const waiting = idleShards();
      if (waiting.length === 0) return undefined;
      return Math.min(...waiting.map((number) => backoff(failures.get(number) ?? 0, random())));
    },
  };
}
