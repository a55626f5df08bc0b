/** The cohort shards, as the Worker sees them. */

import { decodeBase64url } from '#core/base64url';
import type { Cohort } from '#schema/cohort';
import type { Result } from '#schema/result';
import type { ShardCohort } from './cohort-shard.ts';
import type { ShardIncidents } from './keep-incidents.ts';
import { mergeIncidents } from './merge-incidents.ts';
import type { Sighted } from './read-sightings.ts';
import { SHARDS, shardOf } from './shard-layout.ts';

/** A shard did not answer: it failed, is overloaded, or moves. */
export class ShardError extends Error {
  override readonly name = 'ShardError';

  constructor(shard: string, cause: unknown) {
    super(`${shard}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** What a namespace of Durable Objects is to this. */
export interface ShardNamespace {
  getByName(name: string): {
    declare(name: string, cohort: Cohort): Promise<Result<Cohort, string>>;
    drop(name: string): Promise<boolean>;
    read(name: string): Promise<ShardCohort | undefined>;
    names(): Promise<readonly string[]>;
    incidents(limit: number): Promise<ShardIncidents>;
    sightings(flag: string, unit: Uint8Array): Promise<readonly Sighted[]>;
  };
}

/** Asks the shards; rejects with a `ShardError` where one does not answer. */
export interface Shards {
  /** The first refusal, where there is one. */
  declare(name: string, cohort: Cohort): Promise<Result<Cohort, string>>;
  /** Whether any had it. */
  drop(name: string): Promise<boolean>;
  /** Of the shards that have it. */
  read(name: string): Promise<readonly ShardCohort[]>;
  names(): Promise<readonly string[]>;
  incidents(limit: number): Promise<ShardIncidents>;
  /** Of the one shard that has the unit, a pseudonym. */
  sightings(flag: string, unit: string): Promise<readonly Sighted[]>;
}

export const shardName = (shard: number): string => `cohorts-${shard}`;

export function createShards(namespace: ShardNamespace): Shards {
  type Stub = ReturnType<ShardNamespace['getByName']>;
  async function ask<T>(shard: number, question: (stub: Stub) => Promise<T>): Promise<T> {
    const name = shardName(shard);
    try {
      return await question(namespace.getByName(name));
    } catch (error) {
      throw new ShardError(name, error);
    }
  }
  const all = <T>(question: (stub: Stub) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: SHARDS }, (_, shard) => ask(shard, question)));
  return {
    async declare(name, cohort) {
      const results = await all((stub) => stub.declare(name, cohort));
      return results.find(({ ok }) => !ok) ?? (results[0] as Result<Cohort, string>);
    },
    drop: async (name) => (await all((stub) => stub.drop(name))).includes(true),
    read: async (name) => (await all((stub) => stub.read(name))).flatMap((cohort) => cohort ?? []),
    names: async () => [...new Set((await all((stub) => stub.names())).flat())].sort(),
    sightings: (flag, unit) =>
      ask(shardOf(unit), (stub) => stub.sightings(flag, decodeBase64url(unit) ?? new Uint8Array())),
    incidents: async (limit) => mergeIncidents(await all((stub) => stub.incidents(limit)), limit),
  };
}
