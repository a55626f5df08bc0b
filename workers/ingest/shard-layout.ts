/** Which cohort shard takes a unit: always the same one, whatever the revision, so that what it was served before is known there. */
import { xxh32 } from '#core/xxh32';

/**
 * Never to be changed where something was counted: a unit would be first again in another shard. With as many inboxes, each inbox feeds
 * one shard.
 */
export const SHARDS = 4;

export const shardOf = (unit: string): number => (xxh32(unit, 0) >>> 0) % SHARDS;
